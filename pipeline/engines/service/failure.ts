import type { EngineStage } from '../../../preload/contract/engines.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';

/** Whose failure it is: named in every error. */
export interface ServiceName {
  stage: EngineStage;
  engine: string;
}

/** Of what a service says about a failure, as much as a person can use. */
const REASON_LENGTH = 300;

/** How a service's HTTP status fails: by what the user can do about it. `reason` is the service's own words. */
export function statusFailure(service: ServiceName, status: number, reason: string, retryAfter?: string | null): TalkError {
  const said = reason.trim().slice(0, REASON_LENGTH) || `HTTP ${status}`;
  if (status === 401 || status === 403) return new TalkError('engine/unauthorized', { ...service, reason: said });
  if (status === 429) {
    const seconds = Number(retryAfter);
    const isKnown = retryAfter !== null && retryAfter !== undefined && retryAfter !== '' && Number.isFinite(seconds);
    return new TalkError('engine/rate-limited', { ...service, ...(isKnown && { retryAfterMs: seconds * 1000 }) }, { retryable: true });
  }
  if (status === 408 || status === 504) return new TalkError('engine/timeout', { ...service, timeoutMs: null }, { retryable: true });
  return new TalkError('engine/failed', { ...service, reason: said, status }, { retryable: status >= 500 });
}

/** A connection that could not be made, or ended before an answer began. */
export function connectionFailure(service: ServiceName, address: string, error: unknown): TalkError {
  return new TalkError('engine/unreachable', { ...service, address, reason: causeOf(error) }, { retryable: true, cause: error });
}

/** A connection that ended in the middle of an answer. */
export function cutFailure(service: ServiceName, error: unknown): TalkError {
  return new TalkError('engine/cut', { ...service, reason: causeOf(error) }, { retryable: true, cause: error });
}

/** What stands in an error's deepest cause: 'ECONNREFUSED' says more than 'fetch failed'. Never a whole message: it may quote an address with a signature. */
export function causeOf(error: unknown): string {
  let deepest: unknown = error;
  for (let depth = 0; depth < 8 && deepest instanceof Error && deepest.cause !== undefined; depth += 1) deepest = deepest.cause;
  if (!(deepest instanceof Error)) return String(deepest).slice(0, REASON_LENGTH);
  return 'code' in deepest && typeof deepest.code === 'string' ? deepest.code : deepest.message.slice(0, REASON_LENGTH);
}
