import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MeasuredTurn, type Sample, valuesFrom } from '../../../../../main/core/analysis/metrics.ts';
import {
  latencyPercentiles,
  nearestRank,
  percentileOf,
  percentileRow,
  statisticsOf,
} from '../../../../../main/core/analysis/percentiles.ts';
import { placeRanks } from '../../../../../main/core/analysis/select.ts';
import { sampleConversation } from '../../../../fakes/sample-conversation.ts';

const sample = (values: readonly number[], censored = 0): Sample => ({ sorted: Float64Array.from(values).sort(), censored });

describe('selection', () => {
  test('puts ranks where sorting would', () => {
    const ranks = fc.uniqueArray(fc.nat(60)).map((found) => found.sort((a, b) => a - b));
    fc.assert(
      fc.property(fc.array(fc.nat(20)), ranks, (values, wanted) => {
        const placed = Float64Array.from(values);
        placeRanks(placed, wanted);
        const sorted = values.toSorted((a, b) => a - b);
        for (const rank of wanted) expect(placed[rank]).toBe(sorted[rank]);
        expect([...placed].sort((a, b) => a - b)).toEqual(sorted);
      }),
    );
  });
});

describe('the statistics of many turns', () => {
  /** Of the definition, and of nothing else. */
  const naive = (values: readonly number[], censored: number, percent: number) => {
    const all = [...values.toSorted((a, b) => a - b), ...new Array<number>(censored).fill(Number.POSITIVE_INFINITY)];
    const found = all.find((_, i) => ((i + 1) * 100) / all.length >= percent) ?? Number.POSITIVE_INFINITY;
    return values.length < 100 && percent === 99 ? null : Number.isFinite(found) ? found : null;
  };

  test('are those of sorting each metric, with the censored behind all others', () => {
    const value = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constant(Number.POSITIVE_INFINITY), fc.constant(Number.NaN));
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, fc.boolean()), { maxLength: 150 }), (found) => {
        const turns = found.map(
          ([total, wait, isSpoken]): MeasuredTurn => ({
            initiator: isSpoken ? 'user-speech' : 'greeting',
            isCensored: false,
            values: valuesFrom({ v2v_device: total, llm_ttft: wait }),
          }),
        );
        const statistics = statisticsOf(turns);
        for (const [metric, place] of [['v2v_device', 0] as const, ['llm_ttft', 1] as const]) {
          const own = found.flatMap((turn) => (turn[2] ? turn[place] : []));
          const values = own.filter((each) => Number.isFinite(each));
          const censored = own.filter((each) => each === Number.POSITIVE_INFINITY).length;
          const statistic = statistics.find((each) => each.metric === metric);
          expect(statistic === undefined).toBe(values.length + censored === 0);
          if (statistic === undefined) continue;
          expect([statistic.n, statistic.censored, statistic.isFew]).toEqual([values.length, censored, values.length < 20]);
          expect(statistic.max).toBe(values.length === 0 ? null : Math.max(...values));
          for (const percent of [50, 90, 95, 99] as const)
            expect([percent, statistic[`p${percent}`].ms]).toEqual([percent, naive(values, censored, percent)]);
        }
      }),
    );
  });

  test('censor a turn in the stage it was lost in, and say nothing of stages that never began', () => {
    const answered = sampleConversation().turns.find((turn) => turn.initiator === 'user-speech');
    if (!answered) throw new Error('the sample has no spoken turn');
    const { breakdown } = answered;
    const inModel = {
      ...answered,
      outcome: 'failed' as const,
      breakdown: {
        ...breakdown,
        ...{ totalUs: null, serverUs: null, missing: ['L2a', 'L3', 'T2', 'S0', 'D1'] },
        parts: breakdown.parts.filter(({ key }) => ['vad_silence', 'asr_final_wait', 'eou_wait'].includes(key)),
        product: { ...breakdown.product, llm_first_token: null, tts_first_frame_latency: null, tts_discontinuity: null },
      },
    };
    const censored = latencyPercentiles([inModel]).filter((row) => row.censored > 0);
    expect(censored.map(({ key }) => key)).toEqual(['v2v_device', 'v2v_server', 'llm_ttft', 'llm_first_token']);
  });
});

describe('percentiles', () => {
  test('are nearest rank: always a value that was measured', () => {
    expect(nearestRank([15, 20, 35, 40, 50], 30)).toBe(20);
    expect(nearestRank([15, 20, 35, 40, 50], 40)).toBe(20);
    expect(nearestRank([15, 20, 35, 40, 50], 50)).toBe(35);
    expect(nearestRank([15, 20, 35, 40, 50], 100)).toBe(50);
    expect(nearestRank([], 50)).toBeNull();
  });

  test('have at least that share of the values at or below, and less strictly below', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1 }), fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const found =
          nearestRank(
            values.toSorted((a, b) => a - b),
            percent,
          ) ?? Number.NaN;
        const share = (count: number) => (100 * count) / values.length;
        expect(values).toContain(found);
        expect(share(values.filter((value) => value <= found).length)).toBeGreaterThanOrEqual(percent - 1e-9);
        expect(share(values.filter((value) => value < found).length)).toBeLessThan(percent);
      }),
    );
  });

  test('give no 99th under a hundred values', () => {
    const values = Array.from({ length: 100 }, (_, i) => i);
    expect(percentileRow('x', sample(values.slice(1))).p99).toBeNull();
    expect(percentileRow('x', sample(values))).toMatchObject({ n: 100, p99: 98, max: 99 });
  });

  test('count turns that were never answered instead of forgetting them', () => {
    const answered = sampleConversation().turns.find((turn) => turn.initiator === 'user-speech');
    if (!answered) throw new Error('the sample has no spoken turn');
    const unanswered = { ...answered, outcome: 'unanswered' as const, breakdown: { ...answered.breakdown, totalUs: null } };
    const row = latencyPercentiles([answered, unanswered]).find(({ key }) => key === 'v2v_device');
    expect(row).toMatchObject({ n: 1, censored: 1, p50: (answered.breakdown.totalUs ?? 0) / 1000 });
    expect(row).toMatchObject({ p90: null, max: row?.p50 });
    expect(latencyPercentiles([]).every(({ n, p50 }) => n === 0 && p50 === null)).toBe(true);
  });

  test('say why they have no number', () => {
    expect(percentileOf(sample([]), 50)).toEqual({ ms: null, reason: 'no-values' });
    expect(percentileOf(sample([], 3), 50)).toEqual({ ms: null, reason: 'censored' });
    expect(percentileOf(sample([1, 2, 3]), 99)).toEqual({ ms: null, reason: 'too-few' });
    expect(percentileOf(sample([1, 2, 3], 1), 75)).toEqual({ ms: 3, reason: null });
    expect(percentileOf(sample([1, 2, 3], 1), 76)).toEqual({ ms: null, reason: 'censored' });
    const thousand = Array.from({ length: 1000 }, (_, i) => i);
    expect(percentileOf(sample(thousand.slice(1)), 99.9).reason).toBe('too-few');
    expect(percentileOf(sample(thousand), 99.9)).toEqual({ ms: 998, reason: null });
  });

  test('never get better by turns that were not answered', () => {
    const percents = fc.integer({ min: 1, max: 98 });
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 1 }), fc.nat(20), percents, (values, censored, percent) => {
        const alone = percentileOf(sample(values), percent).ms ?? Number.NaN;
        const together = percentileOf(sample(values, censored), percent).ms ?? Number.POSITIVE_INFINITY;
        expect(together).toBeGreaterThanOrEqual(alone);
      }),
    );
  });
});
