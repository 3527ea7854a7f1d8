import { conversationWords } from './conversation.ts';
import { downlinkWords } from './downlink.ts';
import { echoWords } from './echo.ts';
import { identityWords } from './identity.ts';
import { linkWords } from './link.ts';
import { memoryWords } from './memory.ts';
import { networkWords } from './network.ts';
import { personWords } from './person.ts';
import { powerWords } from './power.ts';
import { uplinkWords } from './uplink.ts';
import type { CheckWords } from './words.ts';

/** Words by the check's name. A group's file exports them as `<group>Words`. */
export const checkWords: Readonly<Record<string, CheckWords>> = {
  ...uplinkWords,
  ...echoWords,
  ...downlinkWords,
  ...powerWords,
  ...networkWords,
  ...memoryWords,
  ...identityWords,
  ...conversationWords,
  ...linkWords,
  ...personWords,
};
