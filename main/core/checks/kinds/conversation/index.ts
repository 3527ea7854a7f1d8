import type { Check } from '../../check.ts';
import { bargeIn } from './barge-in.ts';
import { callIn } from './call-in.ts';
import { callOut } from './call-out.ts';
import { greeting } from './greeting.ts';
import { idle } from './idle.ts';
import { latency } from './latency.ts';
import { ota } from './ota.ts';
import { soak } from './soak.ts';
import { tools } from './tools.ts';
import { turns } from './turns.ts';
import { wake } from './wake.ts';

/** A board that talks: it comes when it is called, is understood, answered and heard, does what it is told, and goes on doing so. */
export const conversationChecks: readonly Check[] = [greeting, wake, turns, bargeIn, tools, callIn, callOut, idle, ota, soak, latency];
