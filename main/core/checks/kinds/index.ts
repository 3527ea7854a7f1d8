import type { Check } from '../check.ts';
import { conversationChecks } from './conversation/index.ts';
import { downlinkChecks } from './downlink/index.ts';
import { echoChecks } from './echo/index.ts';
import { identityChecks } from './identity/index.ts';
import { linkChecks } from './link/index.ts';
import { memoryChecks } from './memory/index.ts';
import { networkChecks } from './network/index.ts';
import { powerChecks } from './power/index.ts';
import { uplinkChecks } from './uplink/index.ts';

/** Every check that a list may name. */
export const allChecks: readonly Check[] = [
  ...powerChecks,
  ...identityChecks,
  ...networkChecks,
  ...uplinkChecks,
  ...downlinkChecks,
  ...echoChecks,
  ...memoryChecks,
  ...conversationChecks,
  ...linkChecks,
];
