import { z } from 'zod';
import type { LinkImpairment } from '../../../../../preload/contract/checks.ts';
import type { Bench } from '../../bench.ts';
import type { Measured, ValueSpec } from '../../check.ts';
import { known } from '../conversation/numbers.ts';
import { Conversing, Watch } from './conversing.ts';

/** What every check of a bad link may be told. */
export const conversationParameters = {
  /** Before the link is made bad, to compare with; none: the run's earlier turns, if there were any. */
  baselineTurns: z.number().int().min(0).max(50).default(2),
  turns: z.number().int().min(1).max(100).default(4),
  /** Until the board has connected, and until it is back afterwards. */
  timeoutS: z.number().min(1).max(600).default(60),
  /** From the last word until the answer has been played; a bad link may add to it. */
  replyTimeoutS: z.number().min(1).max(300).default(40),
};

export const conversationValues: readonly ValueSpec[] = [
  { name: 'turns', unit: 'count' },
  { name: 'unanswered', unit: 'count', limit: { max: 0 }, next: 'check-timeouts' },
  { name: 'latencyMs', unit: 'ms' },
  { name: 'addedMs', unit: 'ms' },
  { name: 'underruns', unit: 'count', next: 'buffer-more' },
  { name: 'reconnects', unit: 'count', limit: { max: 0 }, next: 'check-timeouts' },
  { name: 'restarts', unit: 'count', limit: { max: 0 }, isOptional: true, next: 'no-restart' },
  { name: 'isRecovered', limit: { equals: true }, next: 'never-back' },
  { name: 'recoveryMs', unit: 'ms', limit: { max: 20_000 }, isOptional: true, next: 'slow-recovery' },
];

export const conversationNexts = ['check-timeouts', 'buffer-more', 'no-restart', 'never-back', 'slow-recovery'] as const;

interface Wanted {
  baselineTurns: number;
  turns: number;
  timeoutS: number;
  replyTimeoutS: number;
}

/** Turns before, under and after a bad link; the link is as it was when this ends, however it ends. */
export async function underBadLink(bench: Bench, impairment: LinkImpairment, wanted: Wanted): Promise<Measured> {
  const device = bench.device();
  if (device === null) return { skipped: 'no-device' };
  const timeoutMs = wanted.timeoutS * 1000;
  const conversing = await Conversing.begin(bench, device, { timeoutMs, replyTimeoutMs: wanted.replyTimeoutS * 1000 });
  if (conversing === null) return { skipped: 'no-conversation' };
  const steps = wanted.baselineTurns + wanted.turns + 1;
  const before = await conversing.hold(wanted.baselineTurns, (done) => bench.progress(done / steps));
  if (before === null) return { person: 'nobody-there' };
  const earlier = bench.measured('conversation.turns')?.latencyMs;
  const usualMs = before.latencyMs ?? (typeof earlier === 'number' ? earlier : undefined);

  const watch = new Watch(bench, device);
  await device.impair(impairment);
  let held: Awaited<ReturnType<Conversing['hold']>>;
  try {
    held = await conversing.hold(wanted.turns, (done) => bench.progress((wanted.baselineTurns + done) / steps));
  } finally {
    await device.impair(null);
  }
  const liftedUs = bench.clock.nowUs();
  if (held === null) return { person: 'nobody-there' };
  const { latencyMs } = held;
  const recoveryMs = await conversing.recovered(liftedUs);
  return {
    values: known<number | boolean>({
      ...{ turns: held.turns, unanswered: held.unanswered, latencyMs },
      addedMs: latencyMs === undefined || usualMs === undefined ? undefined : Math.round((latencyMs - usualMs) * 10) / 10,
      ...watch.values(),
      isRecovered: recoveryMs !== null,
      recoveryMs,
    }),
    evidence: [...held.evidence.slice(0, 10), ...watch.evidence()],
  };
}
