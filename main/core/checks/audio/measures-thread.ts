import { Worker } from 'node:worker_threads';
import { endThread } from '../../../../pipeline/threads/end-thread.ts';
import { TalkError, type TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import type { MeasureName, Measures } from './measures.ts';

export interface MeasureOrder {
  id: number;
  name: MeasureName;
  input: unknown[];
}

export interface MeasureAnswer {
  id: number;
  outcome: { kind: 'measured'; result: unknown } | { kind: 'refused'; error: TalkErrorValue } | { kind: 'bug'; message: string };
}

/** A thread that measures sound. It starts with the first order, and by itself does not keep the process alive. */
export interface MeasuresThread {
  /** What is still under way when `signal` aborts rejects with its reason; the thread ends it for nobody. */
  measures(signal: AbortSignal): Measures;
  close(): Promise<void>;
}

type Waiting = PromiseWithResolvers<unknown>;

export function createMeasuresThread(): MeasuresThread {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let lastId = 0;
  let isClosed = false;

  function start(): Worker {
    const started = new Worker(new URL('./measures.worker.ts', import.meta.url), { name: 'sound-measures' });
    const lost = (error: Error) => {
      // Of one that was lost before, or is to end, nobody waits for anything any more.
      if (worker !== started) return;
      worker = null;
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    started.on('message', ({ id, outcome }: MeasureAnswer) => {
      const order = waiting.get(id);
      waiting.delete(id);
      if (waiting.size === 0) started.unref();
      if (outcome.kind === 'measured') order?.resolve(outcome.result);
      else order?.reject(outcome.kind === 'refused' ? TalkError.from(outcome.error) : new Error(outcome.message));
    });
    started.on('error', lost);
    started.on('exit', (code) => lost(new Error(`the measuring thread ended with ${code}`)));
    return started;
  }

  async function order(name: MeasureName, input: unknown[], signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    if (isClosed) throw new Error('the measuring thread is closed');
    worker ??= start();
    worker.ref();
    const id = ++lastId;
    const mine: Waiting = Promise.withResolvers();
    waiting.set(id, mine);
    const abort = () => mine.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    worker.postMessage({ id, name, input } satisfies MeasureOrder);
    try {
      return await mine.promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  return {
    measures: (signal) =>
      new Proxy({} as Measures, {
        get:
          (_, name: MeasureName) =>
          (...input: unknown[]) =>
            order(name, input, signal),
      }),
    async close() {
      isClosed = true;
      const ending = worker;
      worker = null;
      for (const { reject } of waiting.values()) reject(new TalkError('cancelled'));
      waiting.clear();
      if (ending !== null) await endThread(ending);
    },
  };
}

/** For one measurement by itself. */
export async function measuredAside<Result>(signal: AbortSignal, work: (measures: Measures) => Promise<Result>): Promise<Result> {
  const thread = createMeasuresThread();
  try {
    return await work(thread.measures(signal));
  } finally {
    void thread.close();
  }
}
