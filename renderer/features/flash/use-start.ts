import { useCallback } from 'react';
import type { CallReply } from '../../../preload/contract/index.ts';
import { useAction } from '../../lib/actions.ts';
import { rememberJob, requestOf, type StartRequest } from './started-jobs.ts';

/** Starts jobs, and the same ones again. */
export function useStart() {
  const { run, isBusy } = useAction();
  const start = useCallback(
    async (request: StartRequest): Promise<CallReply<'flash.start'> | null> => {
      const begun = await run('flash.start', request);
      if (begun !== null) rememberJob(begun.jobId, request);
      return begun;
    },
    [run],
  );
  const again = useCallback(
    async (jobId: string): Promise<CallReply<'flash.start'> | null> => {
      const request = requestOf(jobId);
      if (request === null) return null;
      // Its files as they are now: which they were then was agreed to with the plan of that time.
      const { planned: _, ...now } = request;
      return start(now);
    },
    [start],
  );
  return { start, again, isBusy };
}
