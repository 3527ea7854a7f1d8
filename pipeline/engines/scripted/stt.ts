import { z } from 'zod';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { sleepUntil } from '../../clock.ts';
import type { SttEngine } from '../stt/engine.ts';
import { failingRequests, failureOfRequest, scriptedError } from './failures.ts';
import type { ScriptedUser } from './user.ts';

const NEVER_US = 3_600_000_000;

/** The stated delays of a scripted recogniser. */
export const scriptedSttConfig = z.strictObject({
  /** From the end of the audio to the final text, ms. */
  finalMs: z.number().min(0).max(60_000).default(50),
  hasPartials: z.boolean().default(true),
  fail: failingRequests,
});
export type ScriptedSttConfig = z.output<typeof scriptedSttConfig>;

/** Hears what the scenario's user says, word for word, after exactly the stated delay. */
export function createScriptedStt(user: ScriptedUser, clock: Clock, config: ScriptedSttConfig): SttEngine {
  const service = { stage: 'stt', engine: 'scripted' } as const;
  let requests = 0;
  return {
    id: 'scripted',
    languages: ['zh', 'en'],
    async open(options) {
      requests += 1;
      const failure = failureOfRequest(config.fail, requests);
      if (failure === 'unreachable' || failure === 'unauthorized') throw scriptedError(failure, service);
      const openedUs = clock.nowUs();
      let partial = '';
      return {
        write() {
          if (!config.hasPartials || failure !== undefined) return;
          const text = user.heardSince(openedUs, false);
          if (text === partial || text === '') return;
          partial = text;
          options.onPartial?.(text);
        },
        async finish() {
          const waitUs = failure === 'silent' ? NEVER_US : config.finalMs * 1000;
          await sleepUntil(clock, (clock.nowUs() + waitUs) as MonoUs, options.signal);
          if (failure !== undefined && failure !== 'silent') throw scriptedError(failure, service);
          return { text: user.heardSince(openedUs, true) };
        },
        close() {},
      };
    },
  };
}
