import { useCallback, useEffect, useRef, useState } from 'react';
import type { CallReply, CallRequest } from '../../../preload/contract/index.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { errorValueOf, isCancelled } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';

type Request = Omit<CallRequest<'replay.resimulate'>, 'runId'>;

export interface ResimulationRun {
  reply: CallReply<'replay.resimulate'> | null;
  error: TalkErrorValue | null;
  /** 0..1; null while none runs. */
  fraction: number | null;
  start(request: Request): void;
  stop(): void;
}

/** One run at a time, with how far it is. Leaving the screen ends it. */
export function useResimulation(): ResimulationRun {
  const lab = useLab();
  const [reply, setReply] = useState<CallReply<'replay.resimulate'> | null>(null);
  const [error, setError] = useState<TalkErrorValue | null>(null);
  const [fraction, setFraction] = useState<number | null>(null);
  const running = useRef<{ abort: AbortController; unsubscribe(): void } | null>(null);

  const leave = useCallback(() => {
    running.current?.abort.abort();
    running.current?.unsubscribe();
    running.current = null;
  }, []);
  useEffect(() => leave, [leave]);

  function start(request: Request): void {
    leave();
    const runId = `screen-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
    const abort = new AbortController();
    setError(null);
    setFraction(0);
    let hasBegun = false;
    const run = async (): Promise<void> => {
      try {
        const done = await lab.call('replay.resimulate', { ...request, runId }, { signal: abort.signal });
        if (!abort.signal.aborted) setReply(done);
      } catch (failure) {
        if (!isCancelled(failure) && !abort.signal.aborted) setError(errorValueOf(failure));
      } finally {
        if (!abort.signal.aborted) {
          setFraction(null);
          leave();
        }
      }
    };
    const unsubscribe = lab.subscribe(
      'replay.progress',
      { runId },
      {
        // Only now, so that nothing of it is missed.
        onSnapshot: () => {
          if (hasBegun) return;
          hasBegun = true;
          void run();
        },
        onDelta: (items) => setFraction((known) => (known === null ? null : (items.at(-1)?.fraction ?? known))),
      },
    );
    running.current = { abort, unsubscribe };
  }

  function stop(): void {
    leave();
    setFraction(null);
  }

  return { reply, error, fraction, start, stop };
}
