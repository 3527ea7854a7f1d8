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

  test('what it could not send is rejected when it closes', async () => {
    const { mic } = microphone();
    mic.open();
    const speaking = expect(mic.speak(new Int16Array(960))).rejects.toMatchObject({ code: 'disconnected' });
    mic.close();
    await speaking;
  });
});
