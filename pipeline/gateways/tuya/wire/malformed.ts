import { TalkError } from '../../../../preload/contract/errors.ts';

/** TalkError 'gateway/malformed' of this protocol. `what` names the part, `reason` what is wrong with it. */
export function malformed(what: string, reason: string): TalkError {
  return new TalkError('gateway/malformed', { gateway: 'tuya', what, reason });
}
