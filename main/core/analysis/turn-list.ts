import type { LatencyFacet, TurnFilter, TurnOrder } from '../../../preload/contract/latency.ts';
import { measuredValue } from './metrics.ts';
import type { AnalysedTurn } from './session-turns.ts';

export function filtered(turns: AnalysedTurn[], where: TurnFilter | undefined): AnalysedTurn[] {
  const conditions = Object.entries(where ?? {}).map(([facet, values]) => [facet as LatencyFacet, new Set(values)] as const);
  return conditions.length === 0 ? turns : turns.filter(({ facets }) => conditions.every(([facet, values]) => values.has(facets[facet])));
}

/** Censored turns are slower than any other; those the metric is not known of come last either way. Equal ones stay in their order. */
export function ordered(turns: readonly AnalysedTurn[], { by, isDescending }: TurnOrder): AnalysedTurn[] {
  if (by === 'order') return isDescending ? turns.toReversed() : [...turns];
  const sign = isDescending ? -1 : 1;
  // Numbers beside the turns: a comparison that looks each value up takes five times as long.
  const keys = Float64Array.from(turns, (turn) => {
    const value = measuredValue(turn, by);
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value === Number.POSITIVE_INFINITY ? sign * Number.MAX_VALUE : sign * value;
  });
  const places = Uint32Array.from(turns, (_, place) => place).sort((one, other) => {
    const [a, b] = [keys[one] ?? 0, keys[other] ?? 0];
    return a === b ? one - other : a < b ? -1 : 1;
  });
  return Array.from(places, (place) => turns[place] as AnalysedTurn);
}

/** By name; all in one without a facet. No turns: one empty group, so that a budget on nothing is not met. */
export function groupsOf(turns: readonly AnalysedTurn[], by: LatencyFacet | undefined): Map<string, AnalysedTurn[]> {
  // Greetings and reminders are neither first nor later.
  const asked = by === 'turn' ? turns.filter(({ initiator }) => initiator === 'user-speech') : turns;
  if (by === undefined || asked.length === 0) return new Map([['all', [...asked]]]);
  return new Map([...Map.groupBy(asked, ({ facets }) => facets[by])].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Values of each facet with their turns, the most frequent first. */
export function facetValues(turns: readonly AnalysedTurn[], facet: LatencyFacet, most: number): { value: string; turns: number }[] {
  const counts = new Map<string, number>();
  for (const { facets } of turns) counts.set(facets[facet], (counts.get(facets[facet]) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, turns: count }))
    .sort((one, other) => other.turns - one.turns || (one.value < other.value ? -1 : 1))
    .slice(0, most);
}
