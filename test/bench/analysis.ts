import { differenceOf } from '../../main/core/analysis/bootstrap.ts';
import { type MeasuredTurn, measured, sampleOf } from '../../main/core/analysis/metrics.ts';
import { statisticsOf } from '../../main/core/analysis/percentiles.ts';
import { millisecondPowers, soundSpans } from '../../main/core/analysis/sound-spans.ts';
import type { TurnRecord } from '../../preload/contract/sessions.ts';
import { sampleConversation } from '../fakes/sample-conversation.ts';

const TURNS = 100_000;
const RUNS = 5;
const limits = { percentilesMs: 200 };

/**
 * Every metric's percentiles of 100,000 turns, a comparison of as many, and an hour of sound. Medians of the thread's processor time: none
 * of it waits for anything, so a busy machine says the same.
 */
export async function run(): Promise<void> {
  const turns = Array.from({ length: TURNS }, (_, i) => turnOf(i));
  const percentiles = median(() => statisticsOf(turns.map(measured)));
  console.log(
    `percentiles of every metric of ${TURNS} turns: ${Math.round(percentiles)} ms ` +
      `(${(limits.percentilesMs / percentiles).toFixed(1)} × within ${limits.percentilesMs} ms)`,
  );
  const half: MeasuredTurn[] = turns.slice(0, TURNS / 2).map(measured);
  const sample = sampleOf(half, 'v2v_device');
  console.log(`bootstrap interval of one percentile, ${TURNS / 2} turns: ${median(() => differenceOf(sample, sample, 95)).toFixed(1)} ms`);
  const powers = millisecondPowers(
    new Int16Array(60 * 16_000).map((_, i) => (i % 2 === 0 ? 900 : -900)),
    16_000,
  );
  const hour = new Float32Array(3_600_000);
  for (let at = 0; at < hour.length; at += 2 * powers.length) hour.set(powers, at);
  console.log(`edges of sound in an hour: ${Math.round(median(() => soundSpans(hour)))} ms`);
}

const [spoken] = sampleConversation().turns.filter((turn) => turn.initiator === 'user-speech');

/** The sample's turn at another pace; one in a hundred was never answered. */
function turnOf(i: number): TurnRecord {
  if (spoken === undefined) throw new Error('the sample has no spoken turn');
  const { breakdown } = spoken;
  const scale = 0.5 + ((i * 48_271) % 65_537) / 65_537;
  const isAnswered = i % 100 !== 0;
  const parts = breakdown.parts.map((part) => ({ ...part, durationUs: Math.round(part.durationUs * scale) }));
  const totalUs = isAnswered ? parts.reduce((sum, part) => sum + part.durationUs, 0) : null;
  return { ...spoken, outcome: isAnswered ? 'completed' : 'unanswered', breakdown: { ...breakdown, parts, totalUs } };
}

function median(work: () => unknown): number {
  const times: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const before = process.threadCpuUsage();
    work();
    const { user, system } = process.threadCpuUsage(before);
    times.push((user + system) / 1000);
  }
  return times.toSorted((one, other) => one - other)[Math.floor(RUNS / 2)] ?? Number.NaN;
}
