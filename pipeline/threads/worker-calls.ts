import { parentPort, type Transferable, Worker } from 'node:worker_threads';
import { TalkError } from '../../preload/contract/errors.ts';
import { endThread, serveThread } from './end-thread.ts';

/**
 * Calls into a worker thread, one under way at a time, the others waiting here in order: a call that is aborted while it
 * waits never reaches the worker, and a time limit counts from when its work starts. The thread starts with the first
 * call, starts again after it died, and by itself does not keep the process alive.
 */
export interface WorkerCalls<Request, Reply> {
  /** Rejects with the signal's reason, or TalkError 'engine/failed' | 'engine/timeout' | 'engine/rate-limited'. */
  call(request: Request, options: { signal?: AbortSignal; transfer?: readonly Transferable[] }): Promise<Reply>;
  close(): Promise<void>;
}

export interface WorkerCallsOptions {
  url: URL;
  stage: 'vad' | 'stt' | 'tts';
  engine: string;
  /** One call may take so long before the thread is ended. */
  timeoutMs: number;
  /** Calls that may wait; more are refused. */
  queueLimit: number;
}

/** What travels back. The request travels as it is: there is never a second one to tell it from. */
type Answer<Reply> = { ok: true; reply: Reply } | { ok: false; reason: string };

interface Job<Request, Reply> {
  request: Request;
  transfer: readonly Transferable[];
  settle: (outcome: { reply: Reply } | { error: unknown }) => void;
}

export function createWorkerCalls<Request, Reply>(options: WorkerCallsOptions): WorkerCalls<Request, Reply> {
  const facts = { stage: options.stage, engine: options.engine };
  const waiting: Job<Request, Reply>[] = [];
  let underWay: { job: Job<Request, Reply>; timer: NodeJS.Timeout } | undefined;
  let worker: Worker | undefined;
  let isClosed = false;

  function failed(reason: string, cause?: unknown): TalkError {
    return new TalkError('engine/failed', { ...facts, reason }, { retryable: true, cause });
  }

  function start(): Worker {
    const started = new Worker(options.url, { name: options.engine });
    let fault: unknown;
    started.on('message', (answer: Answer<Reply>) => {
      if (started === worker) finish(answer.ok ? { reply: answer.reply } : { error: failed(answer.reason) });
    });
    started.on('error', (error) => {
      fault = error;
    });
    started.on('exit', (code) => {
      if (started !== worker) return;
      worker = undefined;
      if (underWay) finish({ error: failed(`worker exited with ${code}`, fault) });
    });
    started.unref();
    return started;
  }

  function finish(outcome: { reply: Reply } | { error: unknown }): void {
    if (!underWay) return;
    const { job, timer } = underWay;
    clearTimeout(timer);
    underWay = undefined;
    worker?.unref();
    job.settle(outcome);
    next();
  }

  function next(): void {
    if (underWay) return;
    const job = waiting.shift();
    if (!job) return;
    worker ??= start();
    worker.ref();
    underWay = { job, timer: setTimeout(expire, options.timeoutMs) };
    worker.postMessage(job.request, job.transfer);
  }

  function expire(): void {
    void abandonWorker();
    finish({ error: new TalkError('engine/timeout', { ...facts, timeoutMs: options.timeoutMs }, { retryable: true }) });
  }

  async function abandonWorker(): Promise<void> {
    const abandoned = worker;
    worker = undefined;
    if (abandoned) await endThread(abandoned);
  }

  return {
    call(request, { signal, transfer = [] }) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        if (isClosed) return reject(failed('closed'));
        if (waiting.length >= options.queueLimit) {
          return reject(new TalkError('engine/rate-limited', { ...facts, waiting: waiting.length }, { retryable: true }));
        }
        const job: Job<Request, Reply> = {
          request,
          transfer,
          settle(outcome) {
            signal?.removeEventListener('abort', onAbort);
            if ('reply' in outcome) resolve(outcome.reply);
            else reject(outcome.error);
          },
        };
        const onAbort = () => {
          const index = waiting.indexOf(job);
          if (index >= 0) waiting.splice(index, 1);
          // Under way: it runs to its end in the worker, and its answer goes nowhere.
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        waiting.push(job);
        next();
      });
    },
    async close() {
      isClosed = true;
      const ending = abandonWorker();
      for (const job of waiting.splice(0)) job.settle({ error: failed('closed') });
      finish({ error: failed('closed') });
      await ending;
    },
  };
}

/** The worker's side: answers each request with `handle`, in order. `transfer` lists the reply's buffers to move, not copy. */
export function serveWorkerCalls<Request, Reply>(
  handle: (request: Request) => Reply | Promise<Reply>,
  transfer: (reply: Reply) => readonly Transferable[] = () => [],
): void {
  const port = parentPort;
  if (!port) throw new Error('not in a worker thread');
  async function answer(request: Request): Promise<void> {
    try {
      const reply = await handle(request);
      port?.postMessage({ ok: true, reply } satisfies Answer<Reply>, transfer(reply));
    } catch (error) {
      port?.postMessage({ ok: false, reason: error instanceof Error ? error.message : String(error) } satisfies Answer<Reply>);
    }
  }
  serveThread<Request>((request) => void answer(request));
}
