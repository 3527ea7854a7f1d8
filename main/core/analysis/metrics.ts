import { type LatencyMetric, latencyMetrics, productMetrics } from '../../../preload/contract/latency.ts';
import type { BreakdownPart, TurnBreakdown, TurnRecord } from '../../../preload/contract/sessions.ts';

/** What is known of a turn's latency, milliseconds (a count for tts_discontinuity). */
export type LatencyValues = Partial<Record<LatencyMetric, number>>;

/** What the statistics need of a turn. */
export interface MeasuredTurn {
  initiator: TurnRecord['initiator'];
  isCensored: boolean;
  /**
   * In the order of `latencyMetrics`, NaN where not known, Infinity where censored: it would have had one, had it not been given up. In
   * an array: 100,000 turns are gone through for each metric.
   */
  values: readonly number[];
}

/** Turns the user was left waiting in. */
export function isCensored(turn: Pick<TurnRecord, 'outcome'>): boolean {
  return turn.outcome === 'unanswered' || turn.outcome === 'failed';
}

export function measured(turn: TurnRecord): MeasuredTurn {
  return { initiator: turn.initiator, isCensored: isCensored(turn), values: valuesOf(turn) };
}

const nothingKnown: readonly number[] = latencyMetrics.map(() => Number.NaN);
const placeOf = Object.fromEntries(latencyMetrics.map((metric, place) => [metric, place])) as Record<LatencyMetric, number>;

/** As `MeasuredTurn` has them; Infinity in `record` is censored. */
export function valuesFrom(record: LatencyValues): number[] {
  return latencyMetrics.map((metric) => record[metric] ?? Number.NaN);
}

/** Only what is known. */
export function recordOf(values: readonly number[]): LatencyValues {
  const known = latencyMetrics.map((metric) => [metric, values[placeOf[metric]]] as const);
  return Object.fromEntries(known.filter(([, value]) => Number.isFinite(value)));
}

export function measuredValue(turn: MeasuredTurn, metric: LatencyMetric): number {
  return turn.values[placeOf[metric]] ?? Number.NaN;
}

function valuesOf(turn: TurnRecord): number[] {
  const { totalUs, serverUs, parts, product, interruption } = turn.breakdown;
  const values = nothingKnown.slice();
  if (totalUs !== null) values[placeOf.v2v_device] = totalUs / 1000;
  if (serverUs !== null) values[placeOf.v2v_server] = serverUs / 1000;
  let explainedUs = 0;
  for (const part of parts) {
    values[placeOf[part.key]] = part.durationUs / 1000;
    explainedUs += part.durationUs;
    if (part.key === 'llm_ttft' && turn.toolCalls.length > 0) values[placeOf.tool_wait] = toolWaitUs(part, turn.toolCalls) / 1000;
  }
  if (totalUs !== null) values[placeOf.unexplained] = (totalUs - explainedUs) / 1000;
  for (const metric of productMetrics) values[placeOf[metric]] = product[metric] ?? Number.NaN;
  if (interruption !== null && interruption.stopUs !== null) values[placeOf.interruption_stop] = interruption.stopUs / 1000;
  if (interruption === null && !isCensored(turn)) return values;
  for (const metric of censoredMetrics(turn)) {
    const place = placeOf[metric];
    if (Number.isNaN(values[place])) values[place] = Number.POSITIVE_INFINITY;
  }
  return values;
}

/** The bounds in order, and what begins at each. */
const begins: readonly (readonly [bound: string, metrics: readonly LatencyMetric[]])[] = [
  ['U1', ['vad_silence', 'asr_latency']],
  ['U2', ['asr_final_wait', 'asr_latency']],
  ['U3', ['eou_wait']],
  ['U4', ['llm_ttft', 'llm_first_token']],
  ['L2a', ['text_agg']],
  ['L3', ['tts_ttfb', 'tts_first_frame_latency']],
  ['T2', ['send_wait']],
  ['S0', ['transport_device']],
];

/**
 * What a turn would have had a value of: one that was never answered the totals, and the stage it was lost in. Of stages that never
 * began it says nothing: a model that fails is no slow voice. An interruption that was noticed and never silenced the speaker as well.
 */
function censoredMetrics(turn: TurnRecord): readonly LatencyMetric[] {
  const { missing, parts, interruption } = turn.breakdown;
  const stops: LatencyMetric[] = interruption !== null && interruption.detectUs !== null ? ['interruption_stop'] : [];
  if (!isCensored(turn)) return stops;
  return [...stops, 'v2v_device', 'v2v_server', ...lostIn(missing, parts)];
}

function lostIn(missing: TurnBreakdown['missing'], parts: readonly BreakdownPart[]): readonly LatencyMetric[] {
  const isModelAsked =
    missing.includes('L2a') || missing.includes('L3') || parts.some(({ key }) => key === 'llm_ttft' || key === 'text_agg');
  const isBound = (name: string) => (isModelAsked || (name !== 'L2a' && name !== 'L3')) && !missing.includes(name);
  const last = begins.findLast(([name]) => isBound(name));
  // Nobody was asked for an answer yet.
  return last === undefined || (last[0] === 'U4' && !isModelAsked) ? [] : last[1];
}

/** How long the part was spent waiting for tools. They may run side by side: no instant counts twice. */
function toolWaitUs(part: BreakdownPart, calls: TurnRecord['toolCalls']): number {
  let waitedUs = 0;
  let endUs = part.fromUs;
  for (const call of calls.toSorted((one, other) => one.atUs - other.atUs)) {
    const toUs = Math.min(part.toUs, call.elapsedUs === null ? part.toUs : call.atUs + call.elapsedUs);
    waitedUs += Math.max(0, toUs - Math.max(endUs, call.atUs));
    endUs = Math.max(endUs, toUs);
  }
  return waitedUs;
}

/** Values in ascending order, and how many turns should have had one and never got it. */
export interface Sample {
  sorted: Float64Array;
  censored: number;
}

export function sampleOf(turns: readonly MeasuredTurn[], metric: LatencyMetric): Sample {
  const place = placeOf[metric];
  const isOfAny = ofInterruptions[place] ?? false;
  const values = new Float64Array(turns.length);
  let n = 0;
  let censored = 0;
  for (const turn of turns) {
    if (!isOfAny && turn.initiator !== 'user-speech') continue;
    const value = turn.values[place] ?? Number.NaN;
    if (value === Number.POSITIVE_INFINITY) censored++;
    else if (!Number.isNaN(value)) values[n++] = value;
  }
  return { sorted: values.subarray(0, n).sort(), censored };
}

/** Whether the metric is asked of such a turn. */
export function isOf({ initiator }: Pick<MeasuredTurn, 'initiator'>, metric: LatencyMetric): boolean {
  return initiator === 'user-speech' || ofInterruptions[placeOf[metric]] === true;
}

/** Of interruptions any turn that was cut short is asked, of all else those that the user spoke. */
const ofInterruptions = latencyMetrics.map((metric) => metric === 'interruption' || metric === 'interruption_stop');

/**
 * Each metric's values in no order, in the order of `latencyMetrics`. One way through the turns for all of them: many turns lie far
 * apart in memory.
 */
export function gatheredValues(turns: readonly MeasuredTurn[]): { values: Float64Array; censored: number }[] {
  const columns = latencyMetrics.map(() => new Float64Array(turns.length));
  const counts = new Int32Array(columns.length);
  const censored = new Int32Array(columns.length);
  for (const { initiator, values } of turns) {
    const isSpoken = initiator === 'user-speech';
    for (let place = 0; place < columns.length; place++) {
      const value = values[place] ?? Number.NaN;
      const column = columns[place];
      if (Number.isNaN(value) || column === undefined || !(isSpoken || ofInterruptions[place] === true)) continue;
      if (value === Number.POSITIVE_INFINITY) censored[place] = (censored[place] ?? 0) + 1;
      else {
        const at = counts[place] ?? 0;
        column[at] = value;
        counts[place] = at + 1;
      }
    }
  }
  return columns.map((column, place) => ({ values: column.subarray(0, counts[place]), censored: censored[place] ?? 0 }));
}
