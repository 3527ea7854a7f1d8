import { describe, expect, test } from 'vitest';
import { type ListenOptions, listenForSlices } from '../../../../pipeline/speech/listener.ts';
import { FakeStt, FakeVad, silencePcm, speechPcm } from '../../../fakes/engines.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

const detector = { threshold: 0.5, minimumSpeechMs: 120, prerollMs: 300, longestMs: 60_000, silenceMs: 500 };

function open(
  options: Partial<ListenOptions> = {},
  utterances: ConstructorParameters<typeof FakeStt>[1] = [{ text: 'one' }, { text: 'two' }],
) {
  const clock = new VirtualClock();
  const stt = new FakeStt(clock, utterances);
  const told: string[] = [];
  const listening = listenForSlices({
    ...{ clock, stt, vad: new FakeVad(), language: 'en', detector },
    listener: {
      begun: ({ index }) => told.push(`begun ${index}`),
      changed: ({ index, text }) => told.push(`changed ${index} ${text}`),
      ended: ({ index, text }) => told.push(`ended ${index} ${text}`),
      failed: ({ stage, error }) => told.push(`${stage} ${error.code}`),
      dropped: (pieces) => told.push(`dropped ${pieces}`),
    },
    ...options,
  });
  return { clock, stt, told, listening };
}

describe('listening', () => {
  test('pieces that come in one moment are all heard (once, all but the first waited for the next)', async () => {
    const { stt, listening, clock } = open({ isWhole: true });
    for (let piece = 0; piece < 5; piece += 1) listening.write(speechPcm(200));
    await clock.settle();
    expect(stt.heardMs).toEqual([1000]);
    listening.close();
  });

  test('two sentences in one stream of odd pieces', async () => {
    const { clock, told, listening } = open();
    const all = [speechPcm(700), silencePcm(700), speechPcm(700), silencePcm(700)].flatMap((part) => [...part]);
    for (let at = 0; at < all.length; at += 333) listening.write(Int16Array.from(all.slice(at, at + 333)));
    await clock.advance(1_000_000);
    expect(told).toEqual(['begun 0', 'ended 0 one', 'begun 1', 'ended 1 two']);
    listening.close();
    listening.close();
  });

  test('a recogniser that hangs is given up, and the next sentence is told', async () => {
    const { clock, told, listening } = open({}, [{ text: '', isHung: true }, { text: 'two' }]);
    listening.write(Int16Array.from([...speechPcm(700), ...silencePcm(700), ...speechPcm(700), ...silencePcm(700)]));
    await clock.advance(9_000_000);
    expect(told).toEqual(['begun 0', 'stt engine/timeout', 'ended 0 ', 'begun 1', 'ended 1 two']);
    listening.close();
    expect(clock.pendingTimers).toBe(0);
  });

  test('a detector that cannot keep up loses the oldest, which is counted', async () => {
    const vad = new FakeVad();
    const open_ = vad.open.bind(vad);
    vad.open = async () => ({ ...(await open_()), process: () => new Promise<number>(() => {}) });
    const { clock, told, listening } = open({ vad });
    for (let second = 0; second < 15; second += 1) listening.write(speechPcm(1000));
    await clock.settle();
    expect(told.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0)).toBeGreaterThanOrEqual(4);
    listening.close();
  });
});
