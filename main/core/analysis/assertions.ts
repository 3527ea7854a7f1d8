import { type LatencyCheck, type LatencyMetric, latencyMetrics, type StatisticValue } from '../../../preload/contract/latency.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { isOf, type MeasuredTurn, type Sample, sampleOf } from './metrics.ts';
import { meanOf, percentileOf } from './percentiles.ts';

/**
 * Assertions on latency, `v2v.p95 < 1200, llm_ttft.p50 <= 0.4s, unanswered == 0`:
 *
 *     assertions = assertion { "," assertion }
 *     assertion  = measure comparator number [ "ms" | "s" ]
 *     measure    = metric "." ( "p" percent | "min" | "mean" | "max" | "n" | "censored" ) | "unanswered"
 *     comparator = "<" | "<=" | ">" | ">=" | "=="
 *
 * A metric is one of `latencyMetrics`; `v2v` is `v2v_device`, `unanswered` is `v2v_device.censored`. Numbers are milliseconds.
 */
export interface Assertion {
  /** As it was written. */
  text: string;
  metric: LatencyMetric;
  statistic: Statistic;
  comparator: Comparator;
  limit: number;
}

export type Statistic = { kind: 'percentile'; percent: number } | { kind: 'min' | 'mean' | 'max' | 'n' | 'censored' };
const comparators = ['<', '<=', '>', '>=', '=='] as const;
export type Comparator = (typeof comparators)[number];

const shape = /^([a-z0-9_]+)(?:\.([a-z]+[0-9.]*))?\s*(<=|>=|==|<|>)\s*(-?\d+(?:\.\d+)?)\s*(ms|s)?$/u;

/** Throws TalkError 'latency/bad-assertion' with the first that cannot be understood. */
export function parseAssertions(text: string): Assertion[] {
  return text.split(',').map((part) => parseAssertion(part.trim()));
}

function parseAssertion(text: string): Assertion {
  const refused = (reason: string, data: Record<string, unknown> = {}) => new TalkError('latency/bad-assertion', { text, reason, ...data });
  const [, metricName, statisticName, comparator, number, unit] = shape.exec(text) ?? [];
  if (metricName === undefined || number === undefined) throw refused('form');
  const isUnanswered = metricName === 'unanswered' && statisticName === undefined;
  const metric = isUnanswered ? 'v2v_device' : metricNamed(metricName);
  if (metric === undefined) throw refused('metric', { name: metricName });
  if (!isUnanswered && statisticName === undefined) throw refused('no-statistic', { name: metricName });
  const statistic = isUnanswered ? ({ kind: 'censored' } as const) : statisticNamed(statisticName ?? '');
  if (statistic === undefined) throw refused('statistic', { name: statisticName });
  const isCount = statistic.kind === 'n' || statistic.kind === 'censored' || metric === 'tts_discontinuity';
  if (isCount && unit !== undefined) throw refused('unit', { name: metricName });
  return { text, metric, statistic, comparator: comparator as Comparator, limit: Number(number) * (unit === 's' ? 1000 : 1) };
}

export function metricNamed(name: string): LatencyMetric | undefined {
  return name === 'v2v' ? 'v2v_device' : latencyMetrics.find((metric) => metric === name);
}

export function statisticNamed(name: string): Statistic | undefined {
  if (name === 'min' || name === 'mean' || name === 'max' || name === 'n' || name === 'censored') return { kind: name };
  const percent = /^p\d{1,3}(?:\.\d{1,3})?$/u.test(name) ? Number(name.slice(1)) : Number.NaN;
  return percent > 0 && percent <= 100 ? { kind: 'percentile', percent } : undefined;
}

/** What has no number is not met: a budget that nothing was measured against has not been kept. */
export function checked(assertion: Assertion, turns: readonly MeasuredTurn[], group: string): LatencyCheck {
  const sample = sampleOf(turns, assertion.metric);
  const { ms, reason } = statisticOf(sample, assertion.statistic, turns.filter((turn) => isOf(turn, assertion.metric)).length);
  return {
    text: assertion.text,
    metric: assertion.metric,
    statistic: assertion.statistic.kind === 'percentile' ? `p${assertion.statistic.percent}` : assertion.statistic.kind,
    limit: assertion.limit,
    group,
    found: ms,
    reason,
    n: sample.sorted.length,
    censored: sample.censored,
    isMet: ms !== null && holds(ms, assertion.comparator, assertion.limit),
  };
}

/** `asked`: the turns that the sample is of, also those it has no value of. */
function statisticOf(sample: Sample, statistic: Statistic, asked: number): StatisticValue {
  const { sorted, censored } = sample;
  const valueOrNone = (value: number | null | undefined): StatisticValue =>
    value === null || value === undefined ? { ms: null, reason: 'no-values' } : { ms: value, reason: null };
  switch (statistic.kind) {
    case 'percentile':
      return percentileOf(sample, statistic.percent);
    case 'n':
      return valueOrNone(sorted.length);
    // Where nobody asked anything, nobody was answered either.
    case 'censored':
      return valueOrNone(asked === 0 ? null : censored);
    case 'min':
      return valueOrNone(sorted[0]);
    // Of all turns, so a turn that was never answered has no end yet.
    case 'mean':
      return censored > 0 ? { ms: null, reason: 'censored' } : valueOrNone(meanOf(sample));
    case 'max':
      return censored > 0 ? { ms: null, reason: 'censored' } : valueOrNone(sorted.at(-1));
  }
}

function holds(value: number, comparator: Comparator, limit: number): boolean {
  switch (comparator) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '==':
      return value === limit;
  }
}
