import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differenceOf, uniformNumbers } from '../../../../../main/core/analysis/bootstrap.ts';
import { cdfOf, histogramOf, rangeOf } from '../../../../../main/core/analysis/distribution.ts';
import type { Sample } from '../../../../../main/core/analysis/metrics.ts';

const sample = (values: readonly number[], censored = 0): Sample => ({ sorted: Float64Array.from(values).sort(), censored });
const spread = (n: number, from: number, seed: number) => {
  const random = uniformNumbers(seed);
  return Array.from({ length: n }, () => from + 400 * random());
};

/** The bootstrap as everybody knows it: resample (a censored turn is Infinity), sort, read off. */
function plainBootstrap(a: readonly number[], b: readonly number[]): [number, number] {
  const random = uniformNumbers(99);
  const median = (values: readonly number[]) =>
    values.map(() => values[Math.floor(random() * values.length)] ?? 0).sort((one, other) => (one === other ? 0 : one - other))[
      Math.ceil(values.length / 2) - 1
    ] ?? 0;
  const differences = Array.from({ length: 2000 }, () => median(b) - median(a)).sort((one, other) => one - other);
  return [differences[50] ?? 0, differences[1949] ?? 0];
}

describe('the difference of two groups', () => {
  test('has the interval that resampling gives, without resampling', () => {
    const [a, b] = [spread(40, 800, 1), spread(60, 850, 2)];
    const { low, high, difference } = differenceOf(sample(a), sample(b), 50);
    const [plainLow, plainHigh] = plainBootstrap(a, b);
    expect(Math.abs((low ?? 0) - plainLow)).toBeLessThan(20);
    expect(Math.abs((high ?? 0) - plainHigh)).toBeLessThan(20);
    expect(low).toBeLessThanOrEqual(difference ?? Number.NaN);
    expect(high).toBeGreaterThanOrEqual(difference ?? Number.NaN);
  });

  test('resamples the censored turns with the others', () => {
    const [a, b] = [spread(40, 800, 5), spread(40, 850, 6)];
    const { low, high } = differenceOf(sample(a), sample(b, 12), 50);
    const [plainLow, plainHigh] = plainBootstrap(a, [...b, ...new Array<number>(12).fill(Number.POSITIVE_INFINITY)]);
    expect(Math.abs((low ?? 0) - plainLow)).toBeLessThan(20);
    expect(Math.abs((high ?? 0) - plainHigh)).toBeLessThan(20);
  });

  test('is the same each time it is asked for', () => {
    const [a, b] = [sample(spread(30, 800, 1)), sample(spread(30, 900, 2))];
    expect(differenceOf(a, b, 95)).toEqual(differenceOf(a, b, 95));
  });

  test('is said in a word', () => {
    const a = sample(spread(50, 1000, 1));
    expect(differenceOf(a, sample(spread(50, 300, 2)), 50).verdict).toBe('b-faster');
    expect(differenceOf(a, sample(spread(50, 1900, 2)), 95).verdict).toBe('b-slower');
    expect(differenceOf(a, sample(spread(50, 1005, 2)), 50).verdict).toBe('undecided');
    expect(differenceOf(a, sample(spread(9, 300, 2)), 50)).toMatchObject({ verdict: 'too-few', low: null, high: null });
    expect(differenceOf(a, sample(spread(19, 300, 2)), 95).verdict).toBe('too-few');
  });

  test('has no end where turns were never answered', () => {
    const a = sample(spread(50, 1000, 1));
    expect(differenceOf(a, sample(spread(20, 300, 2), 40), 50)).toMatchObject({ difference: null, high: null, verdict: 'b-slower' });
    const both = differenceOf(sample(spread(20, 1000, 1), 40), sample(spread(20, 300, 2), 40), 50);
    expect(both).toMatchObject({ verdict: 'undecided' });
  });
});

describe('a distribution', () => {
  test('climbs to the share that was answered', () => {
    expect(cdfOf(sample([100, 200, 200], 1))).toEqual([
      { ms: 100, share: 0.25 },
      { ms: 200, share: 0.75 },
    ]);
    const many = cdfOf(sample(Array.from({ length: 100_000 }, (_, i) => i)));
    expect(many.length).toBeLessThanOrEqual(601);
    expect(many.at(-1)).toEqual({ ms: 99_999, share: 1 });
    expect(cdfOf(sample([], 3))).toEqual([]);
  });

  test('has the step of every value that many turns share, wherever it lies among them', () => {
    const counts = [...new Array<number>(33_331).fill(0), ...new Array<number>(33_331).fill(1), ...new Array<number>(33_338).fill(2)];
    expect(cdfOf(sample(counts))).toEqual([
      { ms: 0, share: 0.33331 },
      { ms: 1, share: 0.66662 },
      { ms: 2, share: 1 },
    ]);
  });

  test('has every value in one bucket', () => {
    const whole = (values: readonly number[]) => rangeOf([sample(values)]);
    expect(histogramOf(sample([0, 10, 20, 30, 40]), 4, whole([0, 40]))).toEqual({
      fromMs: 0,
      bucketMs: 10,
      counts: [1, 1, 1, 2],
      beyond: 0,
    });
    expect(histogramOf(sample([7, 7]), 4, whole([7]))).toEqual({ fromMs: 7, bucketMs: 0, counts: [2], beyond: 0 });
    expect(histogramOf(sample([]), 4, whole([]))).toEqual({ fromMs: 0, bucketMs: 0, counts: [], beyond: 0 });
    expect(rangeOf([sample([-80, 5]), sample([]), sample([90])])).toEqual({ fromMs: -80, toMs: 90 });
  });

  test('loses no value, wherever it is cut', () => {
    const values = fc.array(fc.integer({ min: -500, max: 5000 }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 50 }), fc.nat(4000), (own, buckets, cutMs) => {
        const { fromMs, toMs } = rangeOf([sample(own)]);
        const { counts, beyond } = histogramOf(sample(own), buckets, { fromMs, toMs: Math.max(fromMs, Math.min(cutMs, toMs)) });
        expect(counts.reduce((sum, count) => sum + count, beyond)).toBe(own.length);
      }),
    );
  });
});
