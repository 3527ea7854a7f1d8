import type { LatencyMetric, TrendPoint } from '../../../preload/contract/latency.ts';
import { isOf, sampleOf } from './metrics.ts';
import { summaryOf } from './percentiles.ts';
import type { AnalysedTurn } from './session-turns.ts';

/** Stretches of one session, and the fewest turns one is made of. */
const MOST_STRETCHES = 40;
const LEAST_TURNS = 5;

/** A point a session, in the order given. Sessions without such turns have none. */
export function trendOfSessions(turns: readonly AnalysedTurn[], metric: LatencyMetric, sessions: readonly string[]): TrendPoint[] {
  const bySession = Map.groupBy(turns, ({ sessionId }) => sessionId);
  return sessions.flatMap((id) => pointOf(bySession.get(id) ?? [], metric));
}

/** Of one session: stretches of equally many turns that the metric is asked of, so that each point weighs the same. */
export function trendWithin(turns: readonly AnalysedTurn[], metric: LatencyMetric): TrendPoint[] {
  const asked = turns.filter((turn) => isOf(turn, metric));
  const stretches = Math.max(1, Math.min(MOST_STRETCHES, Math.floor(asked.length / LEAST_TURNS)));
  const edge = (i: number) => Math.round((i * asked.length) / stretches);
  return Array.from({ length: stretches }, (_, i) => asked.slice(edge(i), edge(i + 1))).flatMap((own) => pointOf(own, metric));
}

function pointOf(turns: readonly AnalysedTurn[], metric: LatencyMetric): TrendPoint[] {
  const [first] = turns;
  const sample = sampleOf(turns, metric);
  if (first === undefined || sample.sorted.length + sample.censored === 0) return [];
  const { n, censored, isFew, p50, p90, p95 } = summaryOf(sample);
  return [{ sessionId: first.sessionId, atUs: first.startedUs, n, censored, isFew, p50, p90, p95 }];
}
