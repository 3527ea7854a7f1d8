import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { latencyPercentiles, nearestRank, percentileRow } from '../../../../../main/core/analysis/percentiles.ts';
import { sampleConversation } from '../../../../fakes/sample-conversation.ts';

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
    expect(percentileRow('x', values.slice(1), 0).p99).toBeNull();
    expect(percentileRow('x', values, 0)).toMatchObject({ n: 100, p99: 98, max: 99 });
  });

  test('count turns that were never answered instead of forgetting them', () => {
    const answered = sampleConversation().turns.find((turn) => turn.initiator === 'user-speech');
    if (!answered) throw new Error('the sample has no spoken turn');
    const unanswered = { ...answered, outcome: 'unanswered' as const, breakdown: { ...answered.breakdown, totalUs: null } };
    const row = latencyPercentiles([answered, unanswered]).find(({ key }) => key === 'v2v_device');
    expect(row).toMatchObject({ n: 1, censored: 1, p50: (answered.breakdown.totalUs ?? 0) / 1000 });
    expect(latencyPercentiles([]).every(({ n, p50 }) => n === 0 && p50 === null)).toBe(true);
  });
});
