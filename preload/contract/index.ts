import type { z } from 'zod';
import { atCalls, atStreams } from './at.ts';
import { boardCalls, boardStreams } from './boards.ts';
import { coreCalls, coreStreams } from './core.ts';
import { deviceStateCalls, deviceStateStreams } from './device-state.ts';
import { flashCalls, flashStreams } from './flash.ts';
import { logCalls, logStreams } from './logs.ts';
import { pipelineCalls, pipelineStreams } from './pipeline.ts';
import { portCalls, portStreams } from './ports.ts';
import { provisioningCalls, provisioningStreams } from './provisioning.ts';
import { recipeCalls, recipeStreams } from './recipes.ts';
import { sessionCalls, sessionStreams } from './sessions.ts';
import { settingsCalls, settingsStreams } from './settings.ts';
import { symbolCalls, symbolStreams } from './symbols.ts';
import { wifiSetupCalls, wifiSetupStreams } from './wifi-setup.ts';

/** Everything a client may ask of the core. `role` is the least role that may. */
export const calls = {
  ...coreCalls,
  ...portCalls,
  ...boardCalls,
  ...flashCalls,
  ...provisioningCalls,
  ...recipeCalls,
  ...logCalls,
  ...atCalls,
  ...deviceStateCalls,
  ...pipelineCalls,
  ...sessionCalls,
  ...settingsCalls,
  ...symbolCalls,
  ...wifiSetupCalls,
} as const;
export const streams = {
  ...coreStreams,
  ...portStreams,
  ...boardStreams,
  ...flashStreams,
  ...provisioningStreams,
  ...recipeStreams,
  ...logStreams,
  ...atStreams,
  ...deviceStateStreams,
  ...pipelineStreams,
  ...sessionStreams,
  ...settingsStreams,
  ...symbolStreams,
  ...wifiSetupStreams,
} as const;

export type CallName = keyof typeof calls;
export type StreamName = keyof typeof streams;

/** What a caller writes (defaults optional) and what the handler gets (defaults filled). */
export type CallRequest<Name extends CallName> = z.input<(typeof calls)[Name]['request']>;
export type CallBody<Name extends CallName> = z.output<(typeof calls)[Name]['request']>;
export type CallReply<Name extends CallName> = z.output<(typeof calls)[Name]['reply']>;
export type StreamRequest<Name extends StreamName> = z.input<(typeof streams)[Name]['request']>;
export type StreamBody<Name extends StreamName> = z.output<(typeof streams)[Name]['request']>;
export type StreamSnapshot<Name extends StreamName> = z.output<(typeof streams)[Name]['snapshot']>;
export type StreamDelta<Name extends StreamName> = z.output<(typeof streams)[Name]['delta']>;
