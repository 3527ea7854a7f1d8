import { describe, expect, test } from 'vitest';
import { analyseRecording } from '../../../../../main/core/analysis/recording.ts';
import { analyseRecordingAside } from '../../../../../main/core/analysis/recording-thread.ts';
import { millisecondPowers, soundSpans } from '../../../../../main/core/analysis/sound-spans.ts';
import { encodeWav } from '../../../../../pipeline/audio/wav.ts';
import { SAMPLE_RATE, track } from './sound.ts';

const spansOf = (pcm: Int16Array, rate = SAMPLE_RATE) => soundSpans(millisecondPowers(pcm, rate)).spans;
const known: [number, number][] = [
  [500, 1700],
  [2600, 3125],
  [4000, 4333],
];

function expectEdges(found: readonly { fromMs: number; toMs: number }[], wanted: readonly (readonly [number, number])[]) {
  expect(found).toHaveLength(wanted.length);
  for (const [i, [fromMs, toMs]] of wanted.entries()) {
    expect(Math.abs((found[i]?.fromMs ?? 0) - fromMs)).toBeLessThanOrEqual(5);
    expect(Math.abs((found[i]?.toMs ?? 0) - toMs)).toBeLessThanOrEqual(10);
  }
}

describe('sound in a track', () => {
  test('is found to a few milliseconds, at any rate and over a room’s noise', () => {
    for (const rate of [8000, 16_000, 44_100]) expectEdges(spansOf(track(5000, known, { rate }), rate), known);
    expectEdges(spansOf(track(5000, known, { noise: 0 })), known);
    expect(spansOf(track(5000, known, { noise: 0.01 }))).toHaveLength(known.length);
  });

  test('is found in a recording that is forty decibels too quiet', () => {
    const quiet = track(5000, known, { noise: 0 }).map((sample) => sample / 100);
    expect(spansOf(quiet)).toHaveLength(known.length);
  });

  test('is no constant offset of a microphone', () => {
    const offset = 1600; // −26 dBFS
    expect(spansOf(new Int16Array(SAMPLE_RATE).fill(offset))).toEqual([]);
    expectEdges(spansOf(track(5000, known).map((sample) => sample + offset)), known);
    const quiet = track(5000, known, { noise: 0 }).map((sample) => sample / 10 + offset);
    expect(spansOf(quiet)).toHaveLength(known.length);
  });

  test('is neither a click nor noise, and not lost where somebody speaks all the time', () => {
    expect(spansOf(track(3000, [[1000, 1030]]))).toEqual([]);
    expect(spansOf(track(3000, []))).toEqual([]);
    expect(spansOf(new Int16Array(SAMPLE_RATE))).toEqual([]);
    expect(spansOf(new Int16Array(0))).toEqual([]);
    const [all, ...others] = spansOf(track(3000, [[0, 3000]]));
    expect(others).toEqual([]);
    expect((all?.toMs ?? 0) - (all?.fromMs ?? 0)).toBeGreaterThan(2900);
  });
});

describe('a stereo recording of another product', () => {
  const user: [number, number][] = [
    [1000, 2000],
    [2300, 2800], // a pause within an utterance
    [6000, 7000],
    [9000, 9500], // into the reply
    [12_000, 13_000], // never answered
  ];
  const agent: [number, number][] = [
    [200, 700], // a greeting
    [3500, 5000],
    [7900, 9740],
    [10_300, 11_000],
  ];
  const wav = encodeWav({ sampleRate: SAMPLE_RATE, channels: [track(15_000, user), track(15_000, agent)] });
  const swapped = encodeWav({ sampleRate: SAMPLE_RATE, channels: [track(15_000, agent), track(15_000, user)] });

  test('gives gaps, overlaps and who was not answered', () => {
    const analysis = analyseRecording(wav, { user: 'left' });
    const gaps = analysis.turns.map(({ gapMs }) => gapMs);
    expect(gaps).toHaveLength(4);
    for (const [i, wanted] of [700, 900, 800].entries()) expect(Math.abs((gaps[i] ?? 0) - wanted)).toBeLessThanOrEqual(10);
    expect(gaps[3]).toBeNull();
    expect(analysis.unanswered).toBe(1);
    expect(analysis.overlaps).toHaveLength(1);
    expect(Math.abs((analysis.overlaps[0]?.stopMs ?? 0) - 740)).toBeLessThanOrEqual(10);
    expect(analysis.statistics[0]).toMatchObject({ metric: 'gap', n: 3, censored: 1, p95: { ms: null, reason: 'censored' } });
  });

  test('knows the user by the channel', async () => {
    const { signal } = new AbortController();
    expect(analyseRecording(swapped, { user: 'right' })).toEqual(analyseRecording(wav, { user: 'left' }));
    expect(await analyseRecordingAside({ wav: swapped, user: 'right' }, signal)).toEqual(analyseRecording(wav, { user: 'left' }));
  });

  test('shows an agent that cuts the user off as a negative gap', () => {
    const early = encodeWav({ sampleRate: SAMPLE_RATE, channels: [track(4000, [[500, 2000]]), track(4000, [[1700, 3000]])] });
    const [turn] = analyseRecording(early, { user: 'left' }).turns;
    expect(Math.abs((turn?.gapMs ?? 0) + 300)).toBeLessThanOrEqual(10);
  });

  test('takes no interjection for the answer', () => {
    const channels = [
      track(5000, [[500, 3000]]),
      track(5000, [
        [1500, 1800],
        [3700, 4500],
      ]),
    ]; // "mm-hm", then the answer
    const [turn] = analyseRecording(encodeWav({ sampleRate: SAMPLE_RATE, channels }), { user: 'left' }).turns;
    expect(Math.abs((turn?.gapMs ?? 0) - 700)).toBeLessThanOrEqual(10);
  });

  test('is refused when it is no stereo', async () => {
    const mono = encodeWav({ sampleRate: SAMPLE_RATE, channels: [track(1000, [])] });
    expect(() => analyseRecording(mono, { user: 'left' })).toThrow(
      expect.objectContaining({ value: { code: 'latency/not-stereo', data: { channels: 1 }, retryable: false } }),
    );
    const aside = analyseRecordingAside({ wav: mono, user: 'left' }, new AbortController().signal);
    await expect(aside).rejects.toMatchObject({ code: 'latency/not-stereo' });
  });
});
