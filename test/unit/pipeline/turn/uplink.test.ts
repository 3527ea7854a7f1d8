import { describe, expect, test } from 'vitest';
import type { AudioFormat } from '../../../../pipeline/conversation.ts';
import type { VadEngine } from '../../../../pipeline/engines/vad/engine.ts';
import { createFrameEncoder } from '../../../../pipeline/turn/codec.ts';
import { FakeVad, silencePcm, speechPcm } from '../../../fakes/engines.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { createEarRig } from './ear-rig.ts';

function createUplink(format: AudioFormat, vad: VadEngine) {
  const clock = new VirtualClock(3_000_000);
  return { clock, ...createEarRig({ clock, format, vad }) };
}

describe('uplink', () => {
  test.each([
    { codec: 'opus', sampleRate: 16000, frameMs: 60 },
    { codec: 'opus', sampleRate: 16000, frameMs: 20 },
    { codec: 'pcm', sampleRate: 16000, frameMs: 40 },
  ] as const)('speech is found where it was said, in $codec of $frameMs ms, whatever the network’s jitter', async (format) => {
    const { clock, uplink, heard, told, close } = createUplink(format, new FakeVad());
    const encoder = createFrameEncoder(format, 24_000);
    const frameCount = Math.ceil(2400 / format.frameMs);
    const speechFrom = Math.ceil(600 / format.frameMs);
    const speechTo = Math.ceil(1500 / format.frameMs);
    const frameUs = format.frameMs * 1000;
    // A tone: the square wave at the Nyquist frequency would not survive a speech codec.
    const tone = Int16Array.from({ length: format.frameMs * 16 }, (_, index) =>
      Math.round(9000 * Math.sin((2 * Math.PI * 400 * index) / 16_000)),
    );
    for (let index = 0; index < frameCount; index += 1) {
      const pcm = index >= speechFrom && index < speechTo ? tone : silencePcm(format.frameMs);
      const jitterUs = [0, 9_000, 3_000, 15_000][index % 4] ?? 0;
      await clock.advanceTo(3_000_000 + (index + 1) * frameUs + jitterUs);
      uplink.receive(encoder.encode(pcm), clock.nowUs());
    }
    await clock.advance(100_000);
    expect(heard.map(([kind]) => kind)).toEqual(['started', 'ended']);
    expect(Math.abs((heard[0]?.[1] ?? 0) - (3_000_000 + speechFrom * frameUs))).toBeLessThanOrEqual(40_000);
    expect(Math.abs((heard[1]?.[1] ?? 0) - (3_000_000 + speechTo * frameUs))).toBeLessThanOrEqual(25_000);
    expect(told.packets).toHaveLength(frameCount);
    expect(told.errors).toEqual([]);
    close();
    encoder.close();
    expect(clock.pendingTimers).toBe(0);
  });

  test('a slow detector is told as lag, then what does not fit is dropped, which is told once with its count, and the caller never waits', async () => {
    let answer: (probability: number) => void = () => undefined;
    let isHung = true;
    const hung: VadEngine = {
      id: 'hung',
      async open() {
        const hang = (resolve: (probability: number) => void) => {
          answer = resolve;
        };
        const process = () => (isHung ? new Promise(hang) : Promise.resolve(0));
        return { frameSamples: 512, process, reset: () => undefined, close: () => undefined };
      },
    };
    const format = { codec: 'pcm', sampleRate: 16000, frameMs: 20 } as const;
    const { clock, uplink, told, close } = createUplink(format, hung);
    for (let index = 0; index < 700; index += 1) {
      await clock.advance(20_000);
      uplink.receive(new Uint8Array(speechPcm(20).buffer), clock.nowUs());
    }
    expect(told.lags).toHaveLength(1);
    expect(told.packets).toHaveLength(700);
    expect(told.dropped).toEqual([]);
    isHung = false;
    answer(0);
    await clock.settle();
    // 10 s may wait, and the two that were being listened to.
    expect(told.dropped).toEqual([700 - 500 - 2]);
    close();
    expect(told.dropped).toHaveLength(1);
  });
});

describe('a board that sends hardly anything while nobody speaks', () => {
  const format = { codec: 'pcm', sampleRate: 16000, frameMs: 20 } as const;

  function board() {
    const rig = createUplink(format, new FakeVad());
    const packet = (kind: 'speech' | 'silence') => rig.send(kind === 'speech' ? speechPcm(20) : silencePcm(20));
    return {
      ...rig,
      async speaks(ms: number) {
        for (let at = 0; at < ms; at += 20) {
          await rig.clock.advance(20_000);
          packet('speech');
        }
        await rig.clock.settle();
      },
      /** One packet each 400 ms, as Opus does when it leaves silence out. */
      async isSilent(ms: number) {
        for (let at = 0; at < ms; at += 400) {
          await rig.clock.advance(400_000);
          packet('silence');
        }
        await rig.clock.settle();
      },
    };
  }

  test('its user has ended when they are silent, not when so many packets of silence have come', async () => {
    const { speaks, isSilent, heard, clock, close } = board();
    await speaks(1000);
    const silentUs = clock.nowUs();
    await isSilent(1600);
    expect(heard.map(([kind]) => kind)).toEqual(['started', 'ended']);
    expect(Math.abs((heard[1]?.[1] ?? 0) - silentUs)).toBeLessThanOrEqual(40_000);
    close();
  });

  test('what is said after a minute of that is found where it was said', async () => {
    const { speaks, isSilent, heard, clock, close } = board();
    await speaks(1000);
    await isSilent(60_000);
    const onsetUs = clock.nowUs();
    await speaks(1000);
    expect(heard.map(([kind]) => kind)).toEqual(['started', 'ended', 'started']);
    expect(Math.abs((heard[2]?.[1] ?? 0) - onsetUs)).toBeLessThanOrEqual(450_000);
    close();
  });

  test('packets that the network held up and hands over in a burst are no pause', async () => {
    const { speaks, heard, told, clock, send, close } = board();
    for (let stall = 0; stall < 5; stall += 1) {
      await speaks(1000);
      await clock.advance(620_000);
      for (let held = 0; held < 31; held += 1) send(speechPcm(20));
    }
    await clock.settle();
    expect(told.packets.at(-1)?.mediaUs).toBe((told.packets.length - 1) * 20_000);
    expect(heard.filter(([kind]) => kind === 'started').length).toBeGreaterThan(0);
    close();
  });
});
