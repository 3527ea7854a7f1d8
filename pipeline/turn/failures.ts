import type { TalkErrorValue } from '../../preload/contract/errors.ts';
import type { StageName } from '../../preload/contract/events.ts';
import type { Telling } from './telling.ts';

/** TRTC's codes of a task's failures (seed 002; reference/providers.md): the request's stage, then what happened. */
const stageCodes: Partial<Record<StageName, number>> = { stt: 30100, llm: 30200, tts: 30300 };
const TIMED_OUT = 0;
const RATE_LIMITED = 1;
const FAILED = 2;

/** The documents' code of an engine's failure, 30100 … 30302; undefined for a stage that has none. */
export function productCodeOf(stage: StageName, { code }: TalkErrorValue): number | undefined {
  const base = stageCodes[stage];
  if (base === undefined) return undefined;
  if (code === 'engine/timeout' || code === 'timeout') return base + TIMED_OUT;
  // Speech recognition has no code for it (30101 does not exist).
  if (code === 'engine/rate-limited' && stage !== 'stt') return base + RATE_LIMITED;
  return base + FAILED;
}

export interface Failure {
  stage: StageName;
  error: TalkErrorValue;
  turnId?: number | undefined;
  requestId?: string | undefined;
  /** The turn could not go on. */
  isBlocking: boolean;
}

/** Tells a failure to the observers, and to the board, whose own word for a turn is a round. */
export function tellFailure(telling: Telling, { stage, error, turnId, requestId, isBlocking }: Failure): void {
  const productCode = productCodeOf(stage, error);
  const code = productCode !== undefined ? { productCode } : {};
  telling.event({
    kind: 'engine.error',
    stage,
    error,
    isBlocking,
    ...code,
    ...(turnId !== undefined && { turnId }),
    ...(requestId !== undefined && { requestId }),
  });
  telling.message({ kind: 'error', error, isBlocking, ...code, ...(turnId !== undefined && { roundId: turnId }) });
}

/** Failures that another try would only repeat. */
const lasting: ReadonlySet<TalkErrorValue['code']> = new Set([
  'engine/unauthorized',
  'engine/bad-config',
  'engine/unavailable',
  'unsupported',
  'too-large',
  'cancelled',
]);

/** How long to wait before another try, ms; undefined when there should be none. `mostMs`: the longest that is worth waiting. */
export function retryDelayMs(error: TalkErrorValue, mostMs: number): number | undefined {
  if (lasting.has(error.code)) return undefined;
  if (error.code !== 'engine/rate-limited') return 0;
  const { retryAfterMs } = error.data;
  const waitMs = typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : UNTOLD_RETRY_MS;
  return waitMs <= mostMs ? waitMs : undefined;
}

/** A service that says "too many requests" and not until when. */
const UNTOLD_RETRY_MS = 500;
