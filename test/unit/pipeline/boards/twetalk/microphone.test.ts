import { describe, expect, test } from 'vitest';
import { Microphone } from '../../../../../pipeline/boards/twetalk/microphone.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

function microphone() {
  const clock = new VirtualClock();
  const frames: { atUs: number; pcm: Int16Array }[] = [];
  const mic = new Microphone({ clock, frameMs: 60, onFrame: (pcm) => frames.push({ atUs: clock.nowUs(), pcm }) });
  return { clock, frames, mic };
}

describe('the board’s microphone', () => {
  test('captures a frame of silence every 60 ms while nobody speaks', async () => {
    const { clock, frames, mic } = microphone();
    mic.open();
    await clock.advance(240_000);
    expect(frames.map((frame) => frame.atUs)).toEqual([60_000, 120_000, 180_000, 240_000]);
    expect(frames.every((frame) => frame.pcm.length === 960 && frame.pcm.every((sample) => sample === 0))).toBe(true);
    mic.close();
    expect(clock.pendingTimers).toBe(0);
  });

  test('sends every sample once and in order, and resolves with the frame of the last', async () => {
    const { clock, frames, mic } = microphone();
    mic.open();
    let spokenUs = 0;
    const speech = Int16Array.from({ length: 2000 }, (_, index) => index + 1);
    mic.speak(speech).then(
      () => {
        spokenUs = clock.nowUs();
      },
      () => {},
    );
    await clock.advance(240_000);
    expect(spokenUs).toBe(180_000);
    const samples = frames.flatMap((frame) => [...frame.pcm]);
    expect(samples.slice(0, 2000)).toEqual([...speech]);
    expect(samples.slice(2000).every((sample) => sample === 0)).toBe(true);
  });

  test('keeps absolute deadlines: a late tick does not shift the ones after it', async () => {
    const { clock, frames, mic } = microphone();
    mic.open();
    const at = clock.at.bind(clock);
    // The second tick comes 50 ms late, as on a busy machine.
    clock.at = (atUs, callback) => at((atUs === 120_000 ? 170_000 : atUs) as typeof atUs, callback);
    await clock.advance(300_000);
    expect(frames.map((frame) => frame.atUs)).toEqual([60_000, 170_000, 180_000, 240_000, 300_000]);
  });

  test('reads all that its ring holds at once, on a loop that comes late for more than a frame', async () => {
    const { clock, frames, mic } = microphone();
    mic.open();
    const at = clock.at.bind(clock);
    clock.at = (atUs, callback) => at((atUs === 120_000 ? 310_000 : atUs) as typeof atUs, callback);
    await clock.advance(360_000);
    expect(frames.map((frame) => frame.atUs)).toEqual([60_000, 310_000, 310_000, 310_000, 310_000, 360_000]);
  });

  test('what it could not send is rejected when it closes', async () => {
    const { mic } = microphone();
    mic.open();
    const speaking = expect(mic.speak(new Int16Array(960))).rejects.toMatchObject({ code: 'disconnected' });
    mic.close();
    await speaking;
  });
});

describe('a live microphone', () => {
  test('sends what it hears in whole frames, at its own pace, and what is said in place of it', async () => {
    const clock = new VirtualClock();
    const frames: Int16Array[] = [];
    const mic = new Microphone({ clock, frameMs: 60, isLive: true, onFrame: (pcm) => frames.push(pcm) });
    mic.hear(new Int16Array(960).fill(1)); // before it is open
    mic.open();
    await clock.advance(600_000);
    expect([frames, clock.pendingTimers]).toEqual([[], 0]);
    for (let chunk = 0; chunk < 4; chunk += 1) mic.hear(new Int16Array(320).fill(2));
    expect(frames).toEqual([new Int16Array(960).fill(2)]);
    const said = mic.speak(new Int16Array(100).fill(9));
    mic.hear(new Int16Array(640).fill(2));
    expect(frames[1]).toEqual(new Int16Array(960).fill(9, 0, 100));
    await said;
    mic.close();
    mic.hear(new Int16Array(960).fill(3));
    expect(frames).toHaveLength(2);
  });
});
