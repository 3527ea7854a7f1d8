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
      return request === null ? null : start(request);
    },
    [start],
  );
  return { start, again, isBusy };
}
