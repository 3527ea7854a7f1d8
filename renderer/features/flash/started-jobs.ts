import type { CallRequest } from '../../../preload/contract/index.ts';

export type StartRequest = CallRequest<'flash.start'>;

/** How many can be started again from here; their files are shared with what is chosen and cost nothing twice. */
const mostKept = 128;

const started = new Map<string, StartRequest>();

/** Remembers what a job was asked to do, so that it can be asked again. A reload forgets. */
export function rememberJob(jobId: string, request: StartRequest): void {
  started.set(jobId, request);
  for (const oldest of started.keys()) {
    if (started.size <= mostKept) return;
    started.delete(oldest);
  }
}

export function requestOf(jobId: string): StartRequest | null {
  return started.get(jobId) ?? null;
}
