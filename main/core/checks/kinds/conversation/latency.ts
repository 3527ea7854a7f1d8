import { z } from 'zod';
import type { CheckEvidence } from '../../../../../preload/contract/checks.ts';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { TurnRecord } from '../../../../../preload/contract/sessions.ts';
import { instantsOf } from '../../../analysis/breakdown.ts';
import { measured, sampleOf } from '../../../analysis/metrics.ts';
import { meanOf, percentileOf } from '../../../analysis/percentiles.ts';
import { eventsByTurn, turnsOf } from '../../../analysis/turns.ts';
import type { Bench } from '../../bench.ts';
import { check } from '../../check.ts';
import { isExcused } from './excuse.ts';
import { known } from './numbers.ts';
import { turnEvidence } from './turn.ts';

const SLOWEST_SHOWN = 3;
/** Less is of no matter to a budget of seconds. */
const [LATE_MS, LATE_SHARE] = [100, 0.1];

/** Of all turns that were spoken in this run: how long the board's user waits, from the last word to the first sound. */
export const latency = check({
  name: 'conversation.latency',
  group: 'conversation',
  needs: ['device'],
  parameters: z.strictObject({
    /** With fewer the check is skipped: a percentile of three turns is one of them. */
    leastTurns: z.number().int().min(1).max(10_000).default(5),
  }),
  values: [
    { name: 'turns', unit: 'count' },
    { name: 'unanswered', unit: 'count' },
    // In which the bench itself was late.
    { name: 'leftOut', unit: 'count' },
    { name: 'p50Ms', unit: 'ms', limit: { max: 2000 }, next: 'slowest-part' },
    { name: 'p90Ms', unit: 'ms' },
    { name: 'p95Ms', unit: 'ms', limit: { max: 3500 }, next: 'slowest-part' },
    { name: 'p99Ms', unit: 'ms' },
    { name: 'meanMs', unit: 'ms' },
    { name: 'slowestMs', unit: 'ms' },
    { name: 'slowestPart' },
    { name: 'deviceP50Ms', unit: 'ms' },
    { name: 'isEstimated' },
  ],
  nexts: ['slowest-part'],
  async measure(bench, { leastTurns }) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    const ended = spokenTurns(device.events(0)).filter(({ turn }) => turn.outcome !== null);
    const turns = ended.filter((spoken) => !isBenchLate(bench, spoken)).map(({ turn }) => turn);
    const leftOut = ended.length - turns.length;
    const sample = sampleOf(turns.map(measured), 'v2v_device');
    const count = sample.sorted.length;
    if (count + sample.censored < leastTurns) return { skipped: ended.length < leastTurns ? 'too-short' : 'bench-busy' };
    const transport = sampleOf(turns.map(measured), 'transport_device');
    const answered = turns.filter(({ breakdown }) => breakdown.totalUs !== null);
    const slowest = answered
      .toSorted((one, other) => (other.breakdown.totalUs ?? 0) - (one.breakdown.totalUs ?? 0))
      .slice(0, SLOWEST_SHOWN);
    const evidence: CheckEvidence[] = slowest.map(turnEvidence);
    const points = answered.map(({ breakdown }, i): [number, number] => [i + 1, Math.round((breakdown.totalUs ?? 0) / 1000)]);
    if (points.length > 1) evidence.push({ kind: 'curve', label: 'latency', x: 'turn', y: 'latencyMs', points: points.slice(-2000) });
    const percentile = (percent: number) => rounded(percentileOf(sample, percent).ms);
    return {
      values: known<string | number | boolean>({
        ...{ turns: count, unanswered: sample.censored, leftOut },
        ...{ p50Ms: percentile(50), p90Ms: percentile(90), p95Ms: percentile(95), p99Ms: percentile(99) },
        ...{ meanMs: rounded(meanOf(sample)), slowestMs: rounded(sample.sorted.at(-1) ?? null) },
        slowestPart: slowestPart(answered),
        deviceP50Ms: rounded(percentileOf(transport, 50).ms),
        // The board did not say when it was heard: what it takes itself is the bench's setting, not a measurement.
        isEstimated: answered.some(({ breakdown }) => breakdown.audibleSource === 'estimate'),
      }),
      evidence,
    };
  },
});

interface SpokenTurn {
  turn: TurnRecord;
  /** U1, the user's last word; of one whose end nobody told, when it began. */
  saidToUs: number;
  /** D1, the first sound; undefined where there was none. */
  soundUs: number | undefined;
}

/**
 * What a user waits for is no longer the board's and the engines' alone: the bench stood still until the first sound. What came after that is of
 * no matter; and an answer that never came is not slow by as little.
 */
function isBenchLate(bench: Bench, { turn, saidToUs, soundUs }: SpokenTurn): boolean {
  const { totalUs } = turn.breakdown;
  if (totalUs === null || soundUs === undefined)
    return isExcused(bench, { turn, saidFromUs: turn.startedUs, saidToUs, overUs: turn.endedUs ?? bench.clock.nowUs() });
  const { sumMs } = bench.lateness(saidToUs, soundUs);
  return sumMs > Math.max(LATE_MS, (LATE_SHARE * totalUs) / 1000);
}

function spokenTurns(events: readonly PipelineEvent[]): SpokenTurn[] {
  const byConversation = Map.groupBy(events, (event) => ('conversationId' in event ? event.conversationId : undefined));
  return [...byConversation].flatMap(([conversationId, own]) => {
    if (conversationId === undefined) return [];
    const byTurn = eventsByTurn(own);
    const spoken = turnsOf(own).filter(({ initiator }) => initiator === 'user-speech');
    return spoken.map((turn) => {
      const { u1, d1 } = instantsOf({ initiator: turn.initiator, events: byTurn.get(turn.turnId) ?? [] });
      return { turn, saidToUs: u1 ?? turn.startedUs, soundUs: d1 };
    });
  });
}

/** The part that most time went into, over all turns. */
function slowestPart(turns: readonly TurnRecord[]): string | undefined {
  const sums = new Map<string, number>();
  for (const { breakdown } of turns) for (const { key, durationUs } of breakdown.parts) sums.set(key, (sums.get(key) ?? 0) + durationUs);
  return [...sums].toSorted(([, one], [, other]) => other - one)[0]?.[0];
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}
