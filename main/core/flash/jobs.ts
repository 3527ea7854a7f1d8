import { createHash, randomUUID } from 'node:crypto';
import { isTalkError, TalkError, type TalkErrorValue } from '../../../preload/contract/errors.ts';
import type { Firmware, FlashFamily, FlashJob, FlashPlan, FlashTask, FlashTraceLine } from '../../../preload/contract/flash.ts';
import type { Provisioning } from '../../../preload/contract/provisioning.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { Ports } from '../devices/ports.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { Log } from '../log.ts';
import type { Recorder } from '../sessions/recorder.ts';
import { runBk7258Task } from './bk7258/tasks.ts';
import { runCat1Task } from './cat1/tasks.ts';
import { commandOf, onPort, withOptions } from './equivalents.ts';
import { runEspTask } from './esp/tasks.ts';
import { lendPorts, portsThere } from './lending.ts';
import { prepareFlash, requireAsPlanned } from './plan.ts';
import { JobProgress } from './progress.ts';
import { Settling } from './settling.ts';
import type { FlashRun, PreparedFlash, Provisioner } from './tool.ts';
import { Trace } from './trace.ts';
import { Turns } from './turns.ts';
import { portInfoOf, requireFamily } from './usb-family.ts';

/** Jobs shown to who comes later. Those still running are always shown. */
const KEPT_JOBS = 200;
/** Jobs that ended with their whole protocol; of older ones its end is kept. */
const KEPT_TRACES = 20;
/** Of what was read from boards; the newest stays however large. */
const KEPT_RESULT_BYTES = 64 * 1024 * 1024;
/** For the turns of all before it, each of which may wait for a person. */
const TURN_TIMEOUT_MS = 15 * 60_000;

export interface FlashJobsDeps {
  ports: Pick<Ports, 'borrow' | 'list'>;
  clock: Clock;
  recorder: Pick<Recorder, 'ensureSession' | 'flash'>;
  log: Log;
  provisioner(provisioning: Provisioning, jobId: string): Provisioner;
  /** The same as options of our own command line, without secrets. */
  provisioningWords?(provisioning: Provisioning): string[];
}

/** Whose job it is, for the eye. */
export interface JobLabels {
  label?: string | undefined;
  batchId?: string;
}

export interface FlashJobs {
  calls: Pick<CallHandlers, 'flash.plan' | 'flash.start' | 'flash.cancel' | 'flash.result'>;
  streams: Pick<StreamHandlers, 'flash.jobs' | 'flash.trace'>;
  /** Flashes and resolves when the board runs. `onProgress`: 0..1. Fails with the job's error. */
  run(request: Firmware & { address: string }, onProgress: (fraction: number) => void): Promise<void>;
  /** Begins what was prepared. `ended` never rejects. */
  begin(address: string, work: Work, labels?: JobLabels): { job: FlashJob; ended: Promise<FlashJob> };
  /** Every change of every job. Returns its removal. */
  listen(listener: (job: FlashJob) => void): () => void;
  cancel(jobId: string): void;
  /** Cancels what runs and waits for it, so that no port stays lent. */
  close(): Promise<void>;
}

/** A write that was prepared, or a task that needs no preparing. */
export type Work =
  | { kind: 'write'; prepared: PreparedFlash; provisioning?: Provisioning | undefined }
  | { kind: 'task'; task: Exclude<FlashTask, { kind: 'write' }> };

const taskRunners = { esp: runEspTask, cat1: runCat1Task, bk7258: runBk7258Task };

interface Running {
  abort: AbortController;
  ended: Promise<FlashJob>;
}

interface Traced {
  trace: Trace;
  topic: Topic<{ droppedLines: number; lines: FlashTraceLine[] }, { lines: FlashTraceLine[] }>;
}

/** The flashing service. Jobs run side by side, one to a port: who may have a port is for `borrow` to say. */
export function createFlashJobs({ ports, clock, recorder, log, provisioner, provisioningWords = () => [] }: FlashJobsDeps): FlashJobs {
  const jobs = new Map<string, FlashJob>();
  const running = new Map<string, Running>();
  const traces = new Map<string, Traced>();
  const results = new Map<string, Uint8Array>();
  const listeners = new Set<(job: FlashJob) => void>();
  const turns = new Turns();
  const settling = new Settling({ clock, log });
  let isClosed = false;
  const topic = new Topic<FlashJob[], FlashJob>({ snapshot: () => [...jobs.values()] });

  function publish(job: FlashJob): void {
    jobs.set(job.jobId, job);
    topic.publish(job);
    for (const listener of listeners) listener(job);
    for (const [id, { state }] of jobs) {
      if (jobs.size <= KEPT_JOBS) break;
      if (state === 'running') continue;
      jobs.delete(id);
      traces.delete(id);
      results.delete(id);
    }
  }

  function traceOf(jobId: string): Trace {
    const traced: Traced = {
      topic: new Topic({ snapshot: () => traced.trace.snapshot, retain: 256 }),
      trace: new Trace(clock, (lines) => traced.topic.publish({ lines })),
    };
    traces.set(jobId, traced);
    return traced.trace;
  }

  function keepResult(jobId: string, data: Uint8Array): void {
    results.set(jobId, data);
    let keptBytes = [...results.values()].reduce((sum, { length }) => sum + length, 0);
    for (const [id, { length }] of results) {
      if (keptBytes <= KEPT_RESULT_BYTES || id === jobId) break;
      results.delete(id);
      keptBytes -= length;
    }
  }

  function begin(address: string, work: Work, labels: JobLabels = {}): { job: FlashJob; ended: Promise<FlashJob> } {
    // Closed while its files were being read.
    if (isClosed) throw new TalkError('cancelled');
    const jobId = randomUUID();
    const abort = new AbortController();
    const progress = new JobProgress({
      job: {
        jobId,
        address,
        kind: work.kind === 'write' ? 'write' : work.task.kind,
        family: aimOf(work).family,
        label: labels.label ?? null,
        batchId: labels.batchId ?? null,
        plan: work.kind === 'write' ? work.prepared.plan : null,
        commands: work.kind === 'write' ? onPort(commandsOf(work.prepared, work.provisioning), address) : commandOf(work.task, address),
      },
      clock,
      publish,
    });
    publish(progress.job);
    const ended = execute(address, work, progress, abort.signal).finally(() => running.delete(jobId));
    running.set(jobId, { abort, ended });
    return { job: progress.job, ended };
  }

  async function execute(address: string, work: Work, progress: JobProgress, signal: AbortSignal): Promise<FlashJob> {
    const startedUs = clock.nowUs();
    const { jobId } = progress.job;
    const owner = work.kind === 'write' && work.provisioning !== undefined ? provisioner(work.provisioning, jobId) : null;
    const exposure = { isExposed: false };
    const error = await attempt(address, work, owner, progress, signal, exposure);
    if (owner !== null) {
      const outcome = error === null ? 'burned' : exposure.isExposed ? 'doubtful' : 'untouched';
      await settling.settle(jobId, owner, outcome);
    }
    const { boardState, stage } = progress.job;
    // Told after the port was given back, so that who waits for the end finds it free.
    if (error === null) progress.finish({ state: 'done', boardState, error: null });
    else if (signal.aborted) {
      progress.finish({ state: 'cancelled', boardState, error: new TalkError('flash/cancelled', { stage, boardState }).value });
    } else progress.finish({ state: 'failed', boardState, error: asValue(error) });
    for (const [id, { trace }] of [...traces].slice(0, -KEPT_TRACES)) if (jobs.get(id)?.state !== 'running') trace.shorten();
    try {
      recorder.flash(recordedJob(progress.job), startedUs);
    } catch (failure) {
      log.error({ err: failure, jobId }, 'a flash job was not recorded');
    }
    return progress.job;
  }

  /** What went wrong, null for nothing. Never rejects. */
  async function attempt(
    address: string,
    work: Work,
    owner: Provisioner | null,
    progress: JobProgress,
    signal: AbortSignal,
    exposure: { isExposed: boolean },
  ): Promise<unknown> {
    const { jobId } = progress.job;
    const trace = traceOf(jobId);
    const portInfo = async () => portInfoOf(await portsThere({ ports, clock, signal }), address);
    try {
      const { family, force } = aimOf(work);
      if (force !== true) requireFamily(await portInfo(), address, family);
      signal.throwIfAborted();
      recorder.ensureSession();
      await using lent = await lendPorts({
        ports,
        clock,
        signal,
        address,
        onFault: (err) => log.error({ err, jobId, address }, 'a port was not given back'),
      });
      signal.throwIfAborted();
      const run: FlashRun = {
        port: lent.port,
        clock,
        signal,
        progress,
        trace,
        provisioner: owner,
        portInfo,
        keepPrivate(isPrivate) {
          // What was acknowledged says too little: a lost answer leaves the secret on the board all the same.
          exposure.isExposed ||= isPrivate;
          lent.keepPrivate(isPrivate);
        },
        awaitPort: async (isIt, timeoutMs) => {
          const port = await lent.awaitPort(isIt, timeoutMs);
          run.note('port-moved', { from: address, to: port.address });
          return port;
        },
        oneAtATime(next) {
          const operation = 'the turn of other boards that come back as another port';
          const onWait = () => run.note('waits-its-turn');
          return turns.take(next, { clock, signal, timeoutMs: TURN_TIMEOUT_MS, operation, onWait });
        },
        note(code, data = {}) {
          log.info({ jobId, address, ...data }, code);
          trace.note(code);
          progress.note(code, data);
        },
      };
      if (work.kind === 'write') await work.prepared.write(run);
      else {
        const { data } = await taskRunners[family](work.task, run);
        if (data !== undefined) {
          keepResult(jobId, data);
          const sha256 = createHash('sha256').update(data).digest('hex');
          progress.update({ result: { name: resultName(progress.job, work.task), sizeBytes: data.length, sha256 } });
        }
      }
      return null;
    } catch (error) {
      return error;
    }
  }

  function commandsOf({ plan }: PreparedFlash, provisioning: Provisioning | undefined): FlashPlan['commands'] {
    return provisioning === undefined ? plan.commands : withOptions(plan.commands, provisioningWords(provisioning));
  }

  function asValue(error: unknown): TalkErrorValue {
    if (isTalkError(error)) return error.value;
    const id = randomUUID();
    log.error({ err: error, id }, 'flashing failed unexpectedly');
    return { code: 'internal', data: { id }, retryable: false };
  }

  function requireJob(jobId: string): FlashJob {
    const job = jobs.get(jobId);
    if (job === undefined) throw new TalkError('not-found', { what: 'flash job', id: jobId });
    return job;
  }

  return {
    calls: {
      'flash.plan': async (body) => {
        const prepared = await prepareFlash(body);
        return { ...prepared.plan, commands: commandsOf(prepared, body.provisioning) };
      },
      'flash.start': async ({ address, task, label, planned }) => {
        if (task.kind !== 'write') return { jobId: begin(address, { kind: 'task', task }, { label }).job.jobId };
        const prepared = await prepareFlash(task);
        if (planned !== undefined) requireAsPlanned(prepared.plan, planned);
        return { jobId: begin(address, { kind: 'write', prepared, provisioning: task.provisioning }, { label }).job.jobId };
      },
      'flash.cancel': async ({ jobId }) => {
        requireJob(jobId);
        const job = running.get(jobId);
        job?.abort.abort();
        await job?.ended;
        return {};
      },
      'flash.result': async ({ jobId, offset, sizeBytes }) => {
        requireJob(jobId);
        const data = results.get(jobId);
        if (data === undefined) throw new TalkError('not-found', { what: 'flash result', id: jobId });
        // A view would be handed over with all that it is a part of.
        return { data: data.slice(offset, offset + sizeBytes) };
      },
    },
    streams: {
      'flash.jobs': () => ({ topic }),
      'flash.trace': ({ jobId }) => {
        const traced = traces.get(jobId);
        if (traced === undefined) throw new TalkError('not-found', { what: 'flash job', id: jobId });
        return { topic: traced.topic };
      },
    },
    async run({ address, ...firmware }, onProgress) {
      const prepared = await prepareFlash(firmware);
      const { job, ended } = begin(address, { kind: 'write', prepared, provisioning: firmware.provisioning });
      const stop = listen((now) => {
        if (now.jobId === job.jobId && now.totalBytes > 0) onProgress(now.writtenBytes / now.totalBytes);
      });
      const { error } = await ended.finally(stop);
      if (error !== null) throw TalkError.from(error);
    },
    begin,
    listen,
    cancel: (jobId) => running.get(jobId)?.abort.abort(),
    async close() {
      isClosed = true;
      for (const { abort } of running.values()) abort.abort();
      await Promise.all([...running.values()].map(({ ended }) => ended));
      await settling.close();
    },
  };

  function listen(listener: (job: FlashJob) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }
}

/** Whose board it is for. */
function aimOf(work: Work): { family: FlashFamily; force?: boolean | undefined } {
  if (work.kind === 'write') return { family: work.prepared.plan.family, force: work.prepared.plan.options.force };
  const { task } = work;
  return { family: task.kind === 'info' ? task.family : 'esp', force: task.options.force };
}

/** What to save it as: 'esp32s3-a1b2c3-nvs.bin'. */
function resultName({ chip }: FlashJob, task: Exclude<FlashTask, { kind: 'write' }>): string {
  const board = [chip?.chip ?? 'board', ...(chip?.mac ? [chip.mac.replaceAll(':', '').slice(-6)] : [])].join('-');
  if (task.kind !== 'read') return `${board}.bin`;
  const { what } = task;
  const part = what === 'all' ? 'flash' : 'partition' in what ? what.partition.replaceAll(/[^\w-]/g, '_') : `0x${what.offset.toString(16)}`;
  return `${board}-${part}.bin`;
}

/** What stands in a blob stands there in hex, where nobody finds a secret: a session keeps that it was there and how large. */
function recordedJob(job: FlashJob): FlashJob {
  if (job.nvs === null) return job;
  return { ...job, nvs: { ...job.nvs, values: job.nvs.values.map((each) => (each.type === 'blob' ? { ...each, value: null } : each)) } };
}
