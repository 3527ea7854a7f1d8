import type { PercentileRow, TurnRecord } from '../../../preload/contract/sessions.ts';

/** Below this many values the 99th percentile is the maximum by another name (reference/voice.md §2.5). */
const MIN_N_FOR_P99 = 100;

/** Nearest rank: the smallest value that at least `percent` % of them do not exceed. Null for no values. */
export function nearestRank(sorted: readonly number[], percent: number): number | null {
  return sorted[Math.max(1, Math.ceil((percent / 100) * sorted.length)) - 1] ?? null;
}

/** `key`: milliseconds (a count for tts_discontinuity). `censored`: turns that should have had a value and never got one. */
export function percentileRow(key: string, values: readonly number[], censored: number): PercentileRow {
  const sorted = values.toSorted((a, b) => a - b);
  const n = sorted.length;
  return {
    key,
    n,
    censored,
    p50: nearestRank(sorted, 50),
    p90: nearestRank(sorted, 90),
    p95: nearestRank(sorted, 95),
    p99: n < MIN_N_FOR_P99 ? null : nearestRank(sorted, 99),
    max: sorted.at(-1) ?? null,
  };
}

const partKeys = [
  'vad_silence',
  'asr_final_wait',
  'eou_wait',
  'llm_ttft',
  'text_agg',
  'tts_ttfb',
  'send_wait',
  'transport_device',
  'tts_lead_silence',
] as const;

const productKeys = [
  'asr_latency',
  'llm_network_latency',
  'llm_first_token',
  'tts_network_latency',
  'tts_first_frame_latency',
  'tts_discontinuity',
  'interruption',
] as const;

/**
 * Latency of the turns the user spoke: 'v2v_device' (U1 → D1), 'v2v_server' (U1 → S0), each part, each product name, and
 * 'interruption_stop' of every turn. A turn that was committed and never answered, or failed, is censored wherever it has
 * no value: left out silently, the worst turns would flatter the figures.
 */
export function latencyPercentiles(turns: readonly TurnRecord[]): PercentileRow[] {
  const spoken = turns.filter((turn) => turn.initiator === 'user-speech');
  const row = (key: string, measure: (turn: TurnRecord) => number | null) => {
    const values = spoken.map(measure);
    const censored = spoken.filter((turn, i) => isCensored(turn) && values[i] === null).length;
    return percentileRow(key, values.filter(isKnown), censored);
  };
  const stops = turns.map((turn) => milliseconds(turn.breakdown.interruption?.stopUs));
  const unheardStops = turns.filter((turn, i) => turn.breakdown.interruption !== null && stops[i] === null).length;
  return [
    row('v2v_device', ({ breakdown }) => milliseconds(breakdown.totalUs)),
    row('v2v_server', ({ breakdown }) => milliseconds(breakdown.serverUs)),
    ...partKeys.map((key) => row(key, ({ breakdown }) => milliseconds(breakdown.parts.find((part) => part.key === key)?.durationUs))),
    // An interruption is not something every turn should have, so none is censored for lack of one.
    ...productKeys.map((key) =>
      key === 'interruption'
        ? percentileRow(key, turns.map(({ breakdown }) => breakdown.product.interruption).filter(isKnown), 0)
        : row(key, ({ breakdown }) => breakdown.product[key]),
    ),
    percentileRow('interruption_stop', stops.filter(isKnown), unheardStops),
  ];
}

/** Turns the user was left waiting in. */
export function isCensored(turn: TurnRecord): boolean {
  return turn.outcome === 'unanswered' || turn.outcome === 'failed';
}

function isKnown(value: number | null): value is number {
  return value !== null;
}

function milliseconds(us: number | null | undefined): number | null {
  return us === null || us === undefined ? null : us / 1000;
}
