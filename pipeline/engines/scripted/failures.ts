import { z } from 'zod';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { ServiceName } from '../service/failure.ts';

/** How a scripted engine can fail: 'silent' answers nothing any more, for ever. */
export const scriptedFailure = z.enum(['failed', 'rate-limited', 'unauthorized', 'unreachable', 'cut', 'timeout', 'silent']);
export type ScriptedFailure = z.infer<typeof scriptedFailure>;

/** The error of a failure that is not silence. */
export function scriptedError(failure: Exclude<ScriptedFailure, 'silent'>, service: ServiceName): TalkError {
  switch (failure) {
    case 'rate-limited':
      return new TalkError('engine/rate-limited', { ...service }, { retryable: true });
    case 'timeout':
      return new TalkError('engine/timeout', { ...service, timeoutMs: null }, { retryable: true });
    case 'unreachable':
      return new TalkError('engine/unreachable', { ...service, address: 'script', reason: 'scripted' }, { retryable: true });
    default:
      return new TalkError(`engine/${failure}`, { ...service, reason: 'scripted' }, { retryable: failure === 'cut' });
  }
}

/** Which of an engine's requests fail, counted from 1; without a number every one. */
export const failingRequests = z
  .array(z.strictObject({ request: z.number().int().positive().optional(), as: scriptedFailure }))
  .max(100)
  .default([]);
export type FailingRequests = z.infer<typeof failingRequests>;

export function failureOfRequest(failing: FailingRequests, request: number): ScriptedFailure | undefined {
  return failing.find((each) => each.request === undefined || each.request === request)?.as;
}
