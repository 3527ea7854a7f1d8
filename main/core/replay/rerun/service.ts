import { randomUUID } from 'node:crypto';
import type { RerunProgress } from '../../../../preload/contract/replay.ts';
import { isTalkError } from '../../../../preload/contract/talk-error.ts';
import type { CallHandlers, StreamHandlers } from '../../endpoint/handlers.ts';
import { Topic } from '../../endpoint/topic.ts';
import { type RerunDeps, type RerunRequest, type RerunResult, rerun } from './rerun.ts';

export interface RerunService {
  run(request: RerunRequest): Promise<RerunResult>;
  calls: Pick<CallHandlers, 'replay.rerun'>;
  streams: Pick<StreamHandlers, 'replay.reruns'>;
}

/** Runs that are over stay to be seen; so many of them. */
const REMEMBERED = 20;

/** `replay.rerun`: any number at once, each with devices and a session of its own. */
export function createReruns(deps: RerunDeps): RerunService {
  const runs = new Map<string, RerunProgress>();
  const topic = new Topic<RerunProgress[], RerunProgress>({ snapshot: () => [...runs.values()] });

  function tell(run: RerunProgress): void {
    runs.set(run.id, run);
    const [oldest] = runs.keys();
    if (runs.size > REMEMBERED && oldest !== undefined) runs.delete(oldest);
    topic.publish(run);
  }

  async function run(request: RerunRequest): Promise<RerunResult> {
    const id = randomUUID();
    try {
      return await rerun(deps, {
        ...request,
        onProgress(progress) {
          tell({ ...progress, id, error: null });
          request.onProgress?.(progress);
        },
      });
    } catch (error) {
      const known = runs.get(id);
      if (known !== undefined && isTalkError(error)) tell({ ...known, error: error.value });
      throw error;
    }
  }

  return {
    run,
    calls: { 'replay.rerun': (request, { signal }) => run({ ...request, signal }) },
    streams: { 'replay.reruns': () => ({ topic }) },
  };
}
