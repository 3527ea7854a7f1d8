import { useCallback, useEffect, useRef, useState } from 'react';
import type { SpeechMessage, SpeechReport } from '../../../preload/contract/cloud/speech.ts';
import type { CallRequest } from '../../../preload/contract/index.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { errorValueOf, isCancelled } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';

/** A run may have thousands of events; the newest are looked at. */
const MESSAGES_SHOWN = 500;

export interface SpeechRun {
  messages: readonly SpeechMessage[];
  report: SpeechReport | null;
  error: TalkErrorValue | null;
  isRunning: boolean;
  start(job: CallRequest<'speech.run'>['job']): void;
  stop(): void;
  /** Of the translation that runs. */
  tell(what: { isTtsOn?: boolean; ping?: string }): void;
}

/** One run at a time, with its messages as they go and come. Leaving the screen ends it. */
export function useSpeechRun(): SpeechRun {
  const lab = useLab();
  const [messages, setMessages] = useState<readonly SpeechMessage[]>([]);
  const [report, setReport] = useState<SpeechReport | null>(null);
  const [error, setError] = useState<TalkErrorValue | null>(null);
  const [running, setRunning] = useState<string | null>(null);
  const ending = useRef<{ abort: AbortController; unsubscribe(): void } | null>(null);

  const leave = useCallback(() => {
    ending.current?.abort.abort();
    ending.current?.unsubscribe();
    ending.current = null;
  }, []);
  useEffect(() => leave, [leave]);

  function start(job: CallRequest<'speech.run'>['job']): void {
    leave();
    const runId = `screen-${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
    const abort = new AbortController();
    setMessages([]);
    setReport(null);
    setError(null);
    setRunning(runId);
    const run = async (): Promise<void> => {
      try {
        const done = await lab.call('speech.run', { runId, job }, { signal: abort.signal });
        if (!abort.signal.aborted) setReport(done);
      } catch (failure) {
        if (!isCancelled(failure) && !abort.signal.aborted) setError(errorValueOf(failure));
      } finally {
        setRunning((current) => (current === runId ? null : current));
      }
    };
    let hasBegun = false;
    const unsubscribe = lab.subscribe(
      'speech.messages',
      { runId },
      {
        // Only now, so that its first message is not missed.
        onSnapshot: () => {
          if (hasBegun) return;
          hasBegun = true;
          void run();
        },
        onDelta: (more) => setMessages((known) => [...known, ...more].slice(-MESSAGES_SHOWN)),
      },
    );
    ending.current = { abort, unsubscribe };
  }

  return {
    ...{ messages, report, error, start },
    isRunning: running !== null,
    stop() {
      ending.current?.abort.abort();
      setRunning(null);
    },
    tell(what) {
      if (running !== null) lab.call('speech.tell', { runId: running, ...what }).catch(() => {}); // it has just ended
    },
  };
}
