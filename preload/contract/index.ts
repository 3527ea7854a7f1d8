import type { z } from 'zod';
import { agentCalls, agentStreams } from './agents.ts';
import { atCalls, atStreams } from './at.ts';
import { audioCalls, audioStreams } from './audio.ts';
import { boardCalls, boardStreams } from './boards.ts';
import { checkCalls, checkStreams } from './checks.ts';
import { cloudCalls, cloudStreams } from './cloud/index.ts';
import { coreCalls, coreStreams } from './core.ts';
import { deviceStateCalls, deviceStateStreams } from './device-state.ts';
import { engineCalls, engineStreams } from './engines.ts';
import { flashCalls, flashStreams } from './flash.ts';
import { latencyCalls } from './latency.ts';
import { logCalls, logStreams } from './logs.ts';
import { noteCalls, noteStreams } from './notes.ts';
import { pipelineCalls, pipelineStreams } from './pipeline.ts';
import { portCalls, portStreams } from './ports.ts';
import { provisioningCalls, provisioningStreams } from './provisioning.ts';
import { qualityCalls, qualityStreams } from './quality.ts';
import { recipeCalls, recipeStreams } from './recipes.ts';
import { logReplayCalls, logReplayStreams, replayCalls, replayStreams, rerunCalls, rerunStreams } from './replay.ts';
import { scenarioCalls } from './scenarios.ts';
import { sessionCalls, sessionStreams } from './sessions.ts';
import { settingsCalls, settingsStreams } from './settings.ts';
import { symbolCalls, symbolStreams } from './symbols.ts';
import { timelineCalls } from './timeline.ts';
import { wifiSetupCalls, wifiSetupStreams } from './wifi-setup.ts';

/** Everything a client may ask of the core. `role` is the least role that may. */
export const calls = {
  ...coreCalls,
  ...portCalls,
  ...boardCalls,
  ...audioCalls,
  ...flashCalls,
  ...provisioningCalls,
  ...recipeCalls,
  ...logCalls,
  ...atCalls,
  ...deviceStateCalls,
  ...pipelineCalls,
  ...agentCalls,
  ...cloudCalls,
  ...engineCalls,
  ...scenarioCalls,
  ...qualityCalls,
  ...checkCalls,
  ...sessionCalls,
  ...noteCalls,
  ...latencyCalls,
  ...replayCalls,
  ...rerunCalls,
  ...logReplayCalls,
  ...settingsCalls,
  ...symbolCalls,
  ...timelineCalls,
  ...wifiSetupCalls,
} as const;
export const streams = {
  ...coreStreams,
  ...portStreams,
  ...boardStreams,
  ...audioStreams,
  ...flashStreams,
  ...provisioningStreams,
  ...recipeStreams,
  ...logStreams,
  ...atStreams,
  ...deviceStateStreams,
  ...pipelineStreams,
  ...agentStreams,
  ...cloudStreams,
  ...engineStreams,
  ...qualityStreams,
  ...checkStreams,
  ...sessionStreams,
  ...noteStreams,
  ...replayStreams,
  ...rerunStreams,
  ...logReplayStreams,
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
