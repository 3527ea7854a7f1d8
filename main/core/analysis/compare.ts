import { type ConfigurationDifference, type LatencyDifference, latencyMetrics } from '../../../preload/contract/latency.ts';
import { differenceOf } from './bootstrap.ts';
import { gatheredValues, type MeasuredTurn, type Sample } from './metrics.ts';

/** What is compared by default: the middle, and what one turn in twenty exceeds. */
const compared = [
  ['p50', 50],
  ['p95', 95],
] as const;

/** Every metric that both groups have, or should have had: a group that was never answered is no reason to say nothing. Parts are compared one by one: their medians do not add up to the whole's. */
export function differencesOf(a: readonly MeasuredTurn[], b: readonly MeasuredTurn[]): LatencyDifference[] {
  const [samplesA, samplesB] = [gatheredValues(a), gatheredValues(b)];
  return latencyMetrics.flatMap((metric, place) => {
    const [sampleA, sampleB] = [inOrder(samplesA[place]), inOrder(samplesB[place])];
    if ([sampleA, sampleB].some(({ sorted, censored }) => sorted.length + censored === 0)) return [];
    return compared.map(([statistic, percent]) => ({ metric, statistic, ...differenceOf(sampleA, sampleB, percent) }));
  });
}

function inOrder(gathered: { values: Float64Array; censored: number } | undefined): Sample {
  return { sorted: gathered?.values.sort() ?? new Float64Array(0), censored: gathered?.censored ?? 0 };
}

/** Recorded values that were not the same in both groups, by key. `a` and `b`: what was in force at each of their turns. */
export function configurationDifferences(
  a: readonly ReadonlyMap<string, string>[],
  b: readonly ReadonlyMap<string, string>[],
): ConfigurationDifference[] {
  const [valuesA, valuesB] = [valuesByKey(a), valuesByKey(b)];
  return [...new Set([...valuesA.keys(), ...valuesB.keys()])].sort().flatMap((key) => {
    const inA = [...(valuesA.get(key) ?? [])].sort();
    const inB = [...(valuesB.get(key) ?? [])].sort();
    return JSON.stringify(inA) === JSON.stringify(inB) ? [] : [{ key, a: inA, b: inB }];
  });
}

function valuesByKey(maps: readonly ReadonlyMap<string, string>[]): Map<string, Set<string>> {
  const byKey = new Map<string, Set<string>>();
  for (const map of new Set(maps)) {
    for (const [key, value] of map) {
      const values = byKey.get(key) ?? new Set();
      byKey.set(key, values.add(value));
    }
  }
  return byKey;
}
