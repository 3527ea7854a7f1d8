import type { TurnRecord } from '../../../../../preload/contract/sessions.ts';
import type { Bench } from '../../bench.ts';
import type { Span } from '../../lateness/lateness.ts';
import { isUnderstood } from './turn.ts';

/** From the last word: within these a first frame comes, or nobody waits for it any more. */
const CRITICAL_US = 4_000_000;
/** Of those seconds; and, of a turn that was over sooner, at least so much: no shorter standstill makes nothing of a turn. */
const [LATE_SHARE, LEAST_MS] = [0.2, 400];

export interface Unanswered {
  /** Null: the bench noticed nothing. */
  turn: Pick<TurnRecord, 'userText'> | null;
  /** When it was said; of a text both are when it was given. */
  saidFromUs: number;
  saidToUs: number;
  /** When it ended, or was waited for no longer. */
  overUs: number;
}

/**
 * Whether a turn that came to nothing may have done so by the bench: it was late for much of the few seconds that decide about an answer. A
 * turn that hangs lasts until it is given up, and in so long a time the bench is always late somewhere. What was not understood may have got
 * lost while it was said, too.
 */
export function isExcused(bench: Bench, unanswered: Unanswered): boolean {
  const { fromUs, toUs } = decisive(unanswered);
  return bench.lateness(fromUs, toUs).sumMs >= Math.max(LEAST_MS, (LATE_SHARE * (toUs - fromUs)) / 1000);
}

/** The seconds that decide about an answer. */
export function decisive({ turn, saidFromUs, saidToUs, overUs }: Unanswered): Span {
  return { fromUs: turn !== null && isUnderstood(turn) ? saidToUs : saidFromUs, toUs: Math.min(overUs, saidToUs + CRITICAL_US) };
}
