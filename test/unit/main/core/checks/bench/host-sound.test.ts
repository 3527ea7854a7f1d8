import { expect, it } from 'vitest';
import type { SourceEvents } from '../../../../../../main/core/audio/source.ts';
import { HostSound } from '../../../../../../main/core/checks/bench/host-sound.ts';
import { placed } from '../../../../../../main/core/checks/bench/voice.ts';
import { TalkError } from '../../../../../../preload/contract/talk-error.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

async function card() {
  const clock = new VirtualClock();
  const played: { atUs: number; samples: number }[] = [];
  let hushed = 0;
  let events: SourceEvents | null = null;
  const sound = await HostSound.open({
    clock,
    async open(its) {
      events = its;
      return {
        play: (pcm) => void played.push({ atUs: clock.nowUs(), samples: pcm.length }),
        hush: () => void hushed++,
        close: async () => {},
      };
    },
  });
  const capture = async (value: number) => {
    await clock.advance(20_000);
    events?.onCaptured(new Int16Array(320).fill(value));
  };
  return { clock, sound, played, capture, hushed: () => hushed, events: () => events ?? expect.unreachable() };
}

it('plays at the pace of time, a little ahead, and says when', async () => {
  const { clock, sound, played } = await card();
  const said = sound.play(new Int16Array(16_000), new AbortController().signal);
  await clock.advance(1_000_000);
  expect(await said).toEqual({ startUs: 0, endUs: 1_000_000 });
  expect(played.reduce((samples, piece) => samples + piece.samples, 0)).toBe(16_000);
  for (const [index, { atUs }] of played.entries()) expect(atUs).toBe(Math.max(0, index * 100_000 - 200_000));
});

it('is silent at once when the check ends', async () => {
  const { clock, sound, hushed } = await card();
  const stop = new AbortController();
  const said = sound.play(new Int16Array(32_000), stop.signal);
  await clock.advance(500_000);
  stop.abort(new TalkError('cancelled'));
  await expect(said).rejects.toMatchObject({ code: 'cancelled' });
  expect(hushed()).toBe(1);
});

it('gives what was heard from an instant on', async () => {
  const { clock, sound, capture } = await card();
  for (let value = 1; value <= 10; value++) await capture(value);
  const heard = sound.heard(clock.nowUs() - 60_000);
  expect([heard.length, heard[0], heard.at(-1)]).toEqual([960, 8, 10]);
  // Before it began to listen there is silence.
  expect(sound.heard(-20_000).subarray(0, 321)).toEqual(Int16Array.from([...new Array<number>(320).fill(0), 1]));
});

it('says why it cannot any more', async () => {
  const { sound, events } = await card();
  events().onFailed(new TalkError('audio/process-ended', { reason: 'exit', code: 1 }));
  expect(() => sound.heard(0)).toThrow(expect.objectContaining({ code: 'audio/process-ended' }));
});

it('places samples that begin at another instant', () => {
  const pcm = Int16Array.from([1, 2, 3, 4]);
  expect([...placed(pcm, 0, 125)]).toEqual([3, 4]);
  expect([...placed(pcm, 125, 0)]).toEqual([0, 0, 1, 2, 3, 4]);
});
