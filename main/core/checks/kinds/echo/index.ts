import type { Check } from '../../check.ts';
import { echoDoubleTalk } from './doubletalk.ts';
import { echoReturned } from './return.ts';
import { echoSelfInterrupt } from './selfinterrupt.ts';

export const echoChecks: readonly Check[] = [echoReturned, echoDoubleTalk, echoSelfInterrupt];
