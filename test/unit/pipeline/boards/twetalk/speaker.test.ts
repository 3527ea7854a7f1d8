import { describe, expect, test } from 'vitest';
import { RING_FRAMES, Speaker } from '../../../../../pipeline/boards/twetalk/speaker.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

/** A packet here is `[leading silent ms, sounding ms, trailing silent ms]` of a 60 ms frame; `bad` cannot be decoded. */
const bad = Uint8Array.of(255);
const frame = (...parts: number[]) => Uint8Array.from(parts);
const sound = frame(0, 60, 0);
const silence = frame(60, 0, 0);

function speaker() {
  const clock = new VirtualClock();
  const heard: string[] = [];
  const box = new Speaker({
    clock,
    decode(packet) {
      if (packet === bad) throw new Error('undecodable');
      const [lead = 0, on = 0] = packet;
      return new Int16Array(960).fill(9000, lead * 16, (lead + on) * 16);
    },
    onAudible: (atUs) => heard.push(`audible ${atUs} at ${clock.nowUs()}`),
    onSilent: (atUs) => heard.push(`silent ${atUs}`),
    onOverflow: () => heard.push('overflow'),
    onUnderrun: (gapUs) => heard.push(`underrun of ${gapUs}`),
    onUndecodable: () => heard.push('undecodable'),
    onPlaying: () => {},
  });
  return { clock, heard, box };
}

describe('the board’s speaker', () => {
  test('knows to the sample when a reply is first heard and when it fell silent', async () => {
    const { clock, heard, box } = speaker();
    box.replyStarted();
    for (const packet of [silence, frame(20, 40, 0), sound, frame(0, 10, 50)]) box.push(packet);
    box.replyStopped();
    await clock.runUntilIdle();
    // Playing starts 40 ms after the first packet: the sound is 60 + 20 ms into it and ends 180 + 10 ms into it.
    expect(heard).toEqual(['audible 120000 at 120000', 'silent 230000']);
  });

  test('one that nobody stops goes on with what was heard last, also from a dry buffer', async () => {
    const { clock, heard, box } = speaker();
    box.replyStarted();
    for (const packet of [sound, silence]) box.push(packet);
    await clock.advance(1_000_000);
    box.repeat(3000);
    box.replyStopped();
    await clock.runUntilIdle();
    expect(heard).toEqual(['audible 40000 at 40000', expect.stringMatching(/^silent 40[0-9]{5}$/)]);
  });

  test('reports each reply once', async () => {
    const { clock, heard, box } = speaker();
    for (let reply = 0; reply < 2; reply++) {
      box.replyStarted();
      box.push(sound);
      box.push(sound);
      await clock.advance(100_000);
      box.replyStopped();
      await clock.runUntilIdle();
    }
    expect(heard.map((line) => line.split(' ')[0])).toEqual(['audible', 'silent', 'audible', 'silent']);
  });

  test('a reply announced while the last one still sounds is reported from its own first packet', async () => {
    const { clock, heard, box } = speaker();
    box.push(sound);
    box.push(sound);
    await clock.advance(50_000);
    box.replyStopped();
    box.replyStarted();
    box.push(sound);
    await clock.runUntilIdle();
    expect(heard.slice(0, 2)).toEqual(['audible 40000 at 40000', 'audible 160000 at 160000']);
  });

  test('says when it runs dry inside a reply, and goes on with the next packet', async () => {
    const { clock, heard, box } = speaker();
    box.push(sound);
    await clock.advance(300_000);
    box.push(sound);
    box.replyStopped();
    await clock.runUntilIdle();
    expect(heard).toEqual(['audible 40000 at 40000', 'underrun of 200000', 'silent 400000']);
  });

  test('a stop long after the last sample is no underrun, and is reported with the instant of that sample', async () => {
    const { clock, heard, box } = speaker();
    box.push(sound);
    await clock.advance(1_000_000);
    box.replyStopped();
    expect(heard).toEqual(['audible 40000 at 40000', 'silent 100000']);
  });

  test('holds 90 frames and loses the rest', () => {
    const { heard, box } = speaker();
    for (let index = 0; index < RING_FRAMES + 3; index++) box.push(sound);
    expect(box.bufferedFrames).toBe(90);
    expect(heard).toEqual(['overflow', 'overflow', 'overflow']);
    box.close();
  });

  test('a packet it cannot decode costs no time', async () => {
    const { clock, heard, box } = speaker();
    box.push(bad);
    box.push(sound);
    box.replyStopped();
    await clock.runUntilIdle();
    expect(heard).toEqual(['undecodable', 'audible 40000 at 40000', 'silent 100000']);
  });

  test('closed, it leaves no timer', async () => {
    const { clock, box } = speaker();
    box.push(sound);
    await clock.advance(10_000);
    box.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
