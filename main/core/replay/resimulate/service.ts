import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { CallHandlers, StreamHandlers } from '../../endpoint/handlers.ts';
import { Topic } from '../../endpoint/topic.ts';
import type { ReplayDeps } from '../replay.ts';
import { HeardSounds } from './heard-sounds.ts';
import { validChanges, withSetting } from './settings.ts';
import { resimulateAside } from './thread.ts';

/** As many at a time; more wait. Boards are being answered meanwhile. */
const MOST_RUNS = 1;

export interface ResimulationService {
  calls: Pick<CallHandlers, 'replay.resimulate'>;
  streams: Pick<StreamHandlers, 'replay.progress'>;
}

/** `replay.resimulate`: in a thread of its own, for as long as it takes or until it is cancelled. */
export function createResimulation({ store, recorder }: Pick<ReplayDeps, 'store' | 'recorder'>): ResimulationService {
  const progress = new Topic<{ fraction: number }, { runId: string; fraction: number }>({ snapshot: () => ({ fraction: 0 }) });
  const sounds = new HeardSounds();
  const waiting: (() => void)[] = [];
  let running = 0;

  /** Resolves when it may run. Rejects with TalkError 'cancelled'. */
  async function turn(signal: AbortSignal): Promise<void> {
    if (running < MOST_RUNS) running += 1;
    else {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const abort = () => {
        const place = waiting.indexOf(resolve);
        if (place >= 0) waiting.splice(place, 1);
        reject(new TalkError('cancelled'));
      };
      waiting.push(resolve);
      signal.addEventListener('abort', abort, { once: true });
      await promise.finally(() => signal.removeEventListener('abort', abort));
    }
  }

  return {
    calls: {
      'replay.resimulate': async ({ sessionIds, conversationId, changes, sweep, runId }, { signal }) => {
        // What cannot be tried is known before anything is read.
        validChanges(changes);
        for (const value of sweep?.values ?? []) validChanges(withSetting(changes, sweep?.key ?? '', value));
        if (conversationId !== undefined && sessionIds.length > 1)
          throw new TalkError('bad-request', { issues: [{ path: 'conversationId', message: 'a conversation of one session only' }] });
        if (recorder.session !== null && sessionIds.includes(recorder.session.id)) await store.flush().catch(() => {});
        await turn(signal);
        const startedMs = performance.now();
        try {
          const { outcome, heard } = await resimulateAside(
            {
              path: store.path,
              sessionIds: [...new Set(sessionIds)],
              changes,
              sweep: sweep ?? null,
              heard: sounds.of(sessionIds),
              ...(conversationId !== undefined && { conversationId }),
            },
            (fraction) => runId !== undefined && progress.publish({ runId, fraction }),
            signal,
          );
          sounds.keep(heard);
          const { result, simulatedMs } = outcome;
          return { result, cost: { elapsedMs: performance.now() - startedMs, simulatedMs } };
        } finally {
          const next = waiting.shift();
          // The place goes on to who waited longest.
          if (next === undefined) running -= 1;
          else next();
        }
      },
    },
    streams: {
      'replay.progress': ({ runId }) => ({ topic: progress, accepts: (delta) => delta.runId === runId }),
    },
  };
}
