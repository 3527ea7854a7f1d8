import { randomUUID } from 'node:crypto';
import { isTalkError, TalkError, type TalkErrorValue } from '../../../preload/contract/errors.ts';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { Ports } from '../devices/ports.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { Log } from '../log.ts';
import type { Recorder } from '../sessions/recorder.ts';
import { type PlanRequest, type PreparedFlash, prepareFlash } from './plan.ts';
import { JobProgress } from './progress.ts';
import { flashBoard } from './run.ts';

/** Jobs shown to who comes later. Those still running are always shown. */
const KEPT_JOBS = 50;

export interface FlashJobsDeps {
  borrow: Ports['borrow'];
  clock: Clock;
  recorder: Pick<Recorder, 'ensureSession' | 'flash'>;
  log: Log;
}

export interface FlashJobs {
  calls: Pick<CallHandlers, 'flash.plan' | 'flash.start' | 'flash.cancel'>;
  streams: Pick<StreamHandlers, 'flash.jobs'>;
  /** Flashes and resolves when the board runs. `onProgress`: 0..1. Fails with the job's error. */
  run(request: PlanRequest & { address: string }, onProgress: (fraction: number) => void): Promise<void>;
  /** Cancels what runs and waits for it, so that no port stays lent. */
  close(): Promise<void>;
}

interface Running {
  abort: AbortController;
  /** Never rejects. */
  ended: Promise<FlashJob>;
}

/** The flashing service. Jobs run side by side, one to a port: who may have a port is for `borrow` to say. */
export function createFlashJobs({ borrow, clock, recorder, log }: FlashJobsDeps): FlashJobs {
  const jobs = new Map<string, FlashJob>();
  const running = new Map<string, Running>();
  let isClosed = false;
  const topic = new Topic<FlashJob[], FlashJob>({ snapshot: () => [...jobs.values()] });

  function publish(job: FlashJob): void {
    jobs.set(job.jobId, job);
    topic.publish(job);
    for (const [id, { state }] of jobs) {
      if (jobs.size <= KEPT_JOBS) break;
      if (state !== 'running') jobs.delete(id);
    }
  }

  function start(
    address: string,
    prepared: PreparedFlash,
    onChange?: (job: FlashJob) => void,
  ): { jobId: string; ended: Promise<FlashJob> } {
    // Closed while its files were being read.
    if (isClosed) throw new TalkError('cancelled');
    const jobId = randomUUID();
    const abort = new AbortController();
    const progress = new JobProgress({
      jobId,
      address,
      prepared,
      clock,
      publish: (job) => {
        publish(job);
        onChange?.(job);
      },
    });
    publish(progress.job);
    const ended = execute(address, prepared, progress, abort.signal).finally(() => running.delete(jobId));
    running.set(jobId, { abort, ended });
    return { jobId, ended };
  }

  async function execute(address: string, prepared: PreparedFlash, progress: JobProgress, signal: AbortSignal): Promise<FlashJob> {
    const startedUs = clock.nowUs();
    const error = await attempt(address, prepared, progress, signal);
    const { boardState, stage } = progress.job;
    // Told after the port was given back, so that who waits for the end finds it free.
    if (error === null) progress.finish({ state: 'done', boardState, error: null });
    else if (signal.aborted) {
      progress.finish({ state: 'cancelled', boardState, error: new TalkError('flash/cancelled', { stage, boardState }).value });
    } else progress.finish({ state: 'failed', boardState, error: asValue(error) });
    try {
      recorder.flash(progress.job, startedUs);
    } catch (failure) {
      log.error({ err: failure, jobId: progress.job.jobId }, 'a flash job was not recorded');
    }
    return progress.job;
  }

  /** What went wrong, null for nothing. Never rejects. */
  async function attempt(address: string, prepared: PreparedFlash, progress: JobProgress, signal: AbortSignal): Promise<unknown> {
    const { jobId } = progress.job;
    try {
      recorder.ensureSession();
      const { port, giveBack } = await borrow(address, 'flash');
      try {
        signal.throwIfAborted();
        const note = (message: string) => log.info({ jobId, address }, message);
        await flashBoard({ port, clock, signal, prepared, progress, note });
      } finally {
        // Says nothing about the board: the outcome above stands.
        await giveBack().catch((failure: unknown) => log.error({ err: failure, jobId, address }, 'a port was not given back'));
      }
      return null;
    } catch (error) {
      return error;
    }
  }

  function asValue(error: unknown): TalkErrorValue {
    if (isTalkError(error)) return error.value;
    const id = randomUUID();
    log.error({ err: error, id }, 'flashing failed unexpectedly');
    return { code: 'internal', data: { id }, retryable: false };
  }

  return {
    calls: {
      'flash.plan': async (body) => (await prepareFlash(body)).plan,
      'flash.start': async (body) => ({ jobId: start(body.address, await prepareFlash(body)).jobId }),
      'flash.cancel': async ({ jobId }) => {
        const job = running.get(jobId);
        if (job === undefined && !jobs.has(jobId)) throw new TalkError('not-found', { what: 'flash job', id: jobId });
        job?.abort.abort();
        await job?.ended;
        return {};
      },
    },
    streams: { 'flash.jobs': () => ({ topic }) },
    async run(request, onProgress) {
      const prepared = await prepareFlash(request);
      const { ended } = start(request.address, prepared, (job) => onProgress(job.totalBytes === 0 ? 0 : job.writtenBytes / job.totalBytes));
      const job = await ended;
      if (job.error !== null) throw TalkError.from(job.error);
    },
    async close() {
      isClosed = true;
      for (const { abort } of running.values()) abort.abort();
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}
