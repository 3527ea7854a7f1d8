import type { z } from 'zod';
import type {
  CheckEvidence,
  CheckGroup,
  CheckInfo,
  CheckLimit,
  CheckReason,
  CheckUnit,
  CheckValue,
} from '../../../preload/contract/checks.ts';
import type { Bench } from './bench.ts';
import type { Span } from './lateness/lateness.ts';

export type Measurement = CheckValue['value'];

/** A value that a check measures, and what it has to be unless a list says otherwise. */
export interface ValueSpec {
  name: string;
  unit?: CheckUnit;
  /** Left out: told for the reader only, unless a list asks something of it. */
  limit?: CheckLimit;
  /** Nothing is asked of it where it could not be measured: another value tells whether it should have been. */
  isOptional?: true;
  /**
   * The bench's own lateness makes it worse: where that may be all that is wrong, it is measured once more, and then no board is blamed
   * (lateness/steadily.ts, lateness/explains.ts). true: by its unit; a count by as many as there were standstills of 400 ms, what has no time in
   * it only where the bench was late for a fifth of all · share: of a middle, or of what the bench's standstills have been taken from already, no
   * more than the share in which it was late · sum: a sum of many gaps · spoken: of gaps in what the bench itself said · edges: a share of a stretch
   * that lateness takes nothing from but moves the ends of · fromMs: so long a standstill may make one of that count or of that share, or be all of a
   * single event.
   */
  isTimed?: true | 'share' | 'sum' | 'spoken' | 'edges' | { fromMs: number };
  /** What to do when it is not met: a word of `nexts`. Of several that are not met the first one's is shown. */
  next?: string;
}

/**
 * What came of it. A value that is left out could not be measured: where something was asked of it the check has not passed. `next` where the
 * values alone do not tell. `moments`, of a count: when each of what it counts was decided; lateness at another time has nothing to do with it.
 */
export type Measured =
  | {
      values: Record<string, Measurement>;
      evidence?: readonly CheckEvidence[];
      next?: string;
      moments?: Readonly<Record<string, readonly Span[]>>;
    }
  | { skipped: CheckReason; evidence?: readonly CheckEvidence[] }
  /** Only a person could have told, and nobody did. */
  | { person: CheckReason; values?: Record<string, Measurement>; evidence?: readonly CheckEvidence[] };

/** One kind of check. Pure policy: it asks the bench and measures; limits are the list's, verdicts the runner's. */
export interface Check<Parameters extends z.ZodObject = z.ZodObject> {
  /** 'uplink.frames': its group and a word. */
  name: string;
  group: CheckGroup;
  needs: CheckInfo['needs'];
  /** Each with a default; units in their names (`windowS`). Strict. */
  parameters: Parameters;
  values: readonly ValueSpec[];
  nexts: readonly string[];
  /** Only a person answers it: nothing is read from the board, which may be off its port meanwhile (it may be what the person was asked to do). */
  isAnsweredByPerson?: true;
  /** Rejects with TalkErrors: 'error' in the result, never a verdict on the board. Ends soon after `bench.signal`. */
  measure(bench: Bench, parameters: z.output<Parameters>): Promise<Measured>;
}

/** Keeps the type of a check's parameters. */
export function check<Parameters extends z.ZodObject>(definition: Check<Parameters>): Check<Parameters> {
  return definition;
}
