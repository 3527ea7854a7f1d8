import type { TFunction } from 'i18next';
import { type LatencyFacet, type LatencyMetric, latencyMetrics, type StatisticValue } from '../../../preload/contract/latency.ts';
import { breakdownPart, type SessionSummary } from '../../../preload/contract/sessions.ts';
import { sessionTitle } from '../../lib/session-title.ts';

export type PartKey = (typeof breakdownPart.shape.key.options)[number];
export const parts: readonly PartKey[] = breakdownPart.shape.key.options;

/** Whose time each part is: the same for every turn. */
export const ownerOf: Record<PartKey, 'setting' | 'engine' | 'pipeline' | 'device'> = {
  vad_silence: 'setting',
  asr_final_wait: 'engine',
  eou_wait: 'setting',
  llm_ttft: 'engine',
  text_agg: 'pipeline',
  tts_ttfb: 'engine',
  send_wait: 'pipeline',
  transport_device: 'device',
  tts_lead_silence: 'engine',
};

export function isPart(metric: LatencyMetric): metric is PartKey {
  return parts.some((part) => part === metric);
}

const named = ['v2v_device', 'v2v_server', 'unexplained', 'tool_wait', 'interruption_stop'] as const;

/** The products' own names stay as they are. */
export function metricName(t: TFunction, metric: LatencyMetric): string {
  if (isPart(metric)) return t(`session.part.${metric}`);
  const known = named.find((each) => each === metric);
  return known === undefined ? metric : t(`latency.metric.${known}`);
}

/** Each is a column of the table; any other metric is added when it is the chosen one. */
export const columns = ['v2v_device', ...parts, 'unexplained'] as const;

export function shortName(t: TFunction, metric: LatencyMetric): string {
  const short = columns.find((column) => column === metric);
  return short === undefined ? metric : t(`latency.short.${short}`);
}

export const shownMetrics: readonly LatencyMetric[] = latencyMetrics;

const wordedValues = ['first', 'later', 'tool', 'no-tool', 'all'] as const;

/** A facet's value as a person says it. Names that came from a recording stay text. */
export function facetValueName(t: TFunction, facet: LatencyFacet | null, value: string, sessions: readonly SessionSummary[]): string {
  if (value === 'unknown') return t('latency.unknown');
  if (facet === 'session') {
    const session = sessions.find(({ id }) => id === value);
    return session === undefined ? value : sessionTitle(session);
  }
  const worded = wordedValues.find((each) => each === value);
  return worded !== undefined && (facet === null || facet === 'turn' || facet === 'tool') ? t(`latency.facetValue.${worded}`) : value;
}

export function msText(value: number): string {
  return Math.abs(value) < 10 && !Number.isInteger(value) ? value.toFixed(1) : String(Math.round(value));
}

/** A number, or why there is none. */
export function statisticText(t: TFunction, { ms, reason }: StatisticValue): string {
  if (ms !== null) return msText(ms);
  return reason === 'censored' ? t('latency.isCensored') : reason === 'too-few' ? t('latency.tooFew') : '—';
}

export function signedText(value: number): string {
  return `${value > 0 ? '+' : value < 0 ? '−' : ''}${msText(Math.abs(value))}`;
}
