import type { Provisioning } from '../../../preload/contract/provisioning.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { entriesOf } from './entries.ts';
import { deviceVariables } from './image.ts';
import { variablesOf } from './variables.ts';

/**
 * What can be told before a board is there. A device that no value names would be used up, and not be on the board. Throws TalkError
 * 'nvs/bad-csv', 'nvs/bad-value' and 'provisioning/unnamed'.
 */
export function requireUse(provisioning: Provisioning): void {
  const names = variablesOf(entriesOf(provisioning));
  if (provisioning.device === undefined || names.some((name) => deviceVariables.includes(name))) return;
  throw new TalkError('provisioning/unnamed');
}
