import { useCallback, useEffect, useRef, useState } from 'react';
import type { CallReply, CallRequest } from '../../../preload/contract/index.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { errorValueOf, isCancelled } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';

type TalkName = 'trtc.talk' | 'tuya.talk' | 'xiaozhi.talk';

export interface Talk<Name extends TalkName> {
  reply: CallReply<Name> | null;
  error: TalkErrorValue | null;
  isRunning: boolean;
  start(body: CallRequest<Name>): void;
  stop(): void;
}

/** One talk of a virtual counterpart at a time. Leaving the screen ends it. */
export function useTalk<Name extends TalkName>(name: Name): Talk<Name> {
  const lab = useLab();
  const [reply, setReply] = useState<CallReply<Name> | null>(null);
  const [error, setError] = useState<TalkErrorValue | null>(null);
  const [running, setRunning] = useState<AbortController | null>(null);
  const current = useRef<AbortController | null>(null);
  const stop = useCallback(() => current.current?.abort(), []);
  useEffect(() => stop, [stop]);

  function start(body: CallRequest<Name>): void {
    stop();
    const abort = new AbortController();
    current.current = abort;
    setRunning(abort);
    setReply(null);
    setError(null);
    const run = async (): Promise<void> => {
      try {
        const done = await lab.call(name, body, { signal: abort.signal });
        if (!abort.signal.aborted) setReply(done);
      } catch (failure) {
        if (!abort.signal.aborted && !isCancelled(failure)) setError(errorValueOf(failure));
      } finally {
        setRunning((known) => (known === abort ? null : known));
      }
    };
    void run();
  }

  return { reply, error, isRunning: running !== null, start, stop };
}
