import { Worker } from 'node:worker_threads';
import { endThread } from '../../../pipeline/threads/end-thread.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Log } from '../log.ts';
import type { BodyOf, ReplyOf, ThreadError, ThreadReady, ThreadReply, ThreadRole, ThreadStart } from './requests.ts';
import type { ThreadEnding } from './still-wanted.ts';

/** A query slower than this is worth a line in the log. */
const SLOW_MS = 40;
/** Without a sign of life. */
const START_TIMEOUT_MS = 60_000;

interface Waiting {
  name: string;
  startedMs: number;
  resolve: (reply: unknown) => void;
  reject: (error: unknown) => void;
}

/** A worker thread that answers the requests of `Requests`, in order. Ends by `end()`, after the request it is at; what is open then rejects. */
export class StoreThread<Requests> {
  readonly ready: Extract<ThreadReady, { ready: true }>;
  readonly #worker: Worker;
  readonly #ending: Int32Array;
  readonly #role: ThreadRole['role'];
  readonly #log: Log;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #ended: TalkError | null = null;

  /** Rejects with what the thread could not do: TalkError 'store/locked' | 'store/newer-schema' | 'store/disk-full'. */
  static async start<Requests>(url: URL, role: ThreadRole, log: Log): Promise<StoreThread<Requests>> {
    const ending = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const worker = new Worker(url, { workerData: { ...role, ending } satisfies ThreadRole & ThreadEnding, name: `store ${role.role}` });
    try {
      return new StoreThread<Requests>(worker, await firstMessage(worker), role.role, log, new Int32Array(ending));
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  private constructor(
    worker: Worker,
    ready: Extract<ThreadReady, { ready: true }>,
    role: ThreadRole['role'],
    log: Log,
    ending: Int32Array,
  ) {
    this.#worker = worker;
    this.#ending = ending;
    this.#role = role;
    this.#log = log;
    this.ready = ready;
    worker.on('message', (message: ThreadReply) => this.#settle(message));
    worker.on('error', (error) => this.#fail(error));
    worker.on('exit', () => this.#fail(new Error('the thread ended')));
  }

  get hasEnded(): boolean {
    return this.#ended !== null;
  }

  request<Name extends keyof Requests & string>(name: Name, body: BodyOf<Requests, Name>): Promise<ReplyOf<Requests, Name>> {
    const ended = this.#ended;
    if (ended !== null) return Promise.reject(ended);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { name, startedMs: performance.now(), resolve: resolve as (reply: unknown) => void, reject });
      try {
        this.#worker.postMessage({ id, name, body });
      } catch (error) {
        this.#waiting.delete(id); // what cannot be cloned was never sent
        reject(error);
      }
    });
  }

  /** `graceMs`: until one that does not come to its end is stopped by force; as `endThread` has it unless told. */
  async end(graceMs?: number): Promise<void> {
    this.#ended ??= new TalkError('disconnected', { what: `store ${this.#role}` });
    Atomics.store(this.#ending, 0, 1);
    await endThread(this.#worker, graceMs);
  }

  #settle(message: ThreadReply): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    const elapsedMs = Math.round(performance.now() - waiting.startedMs);
    if (elapsedMs > SLOW_MS) this.#log.debug({ query: waiting.name, role: this.#role, elapsedMs }, 'slow store query');
    if ('error' in message) waiting.reject(thrown(message.error));
    else waiting.resolve(message.reply);
  }

  #fail(error: unknown): void {
    if (this.#ended === null) this.#log.error({ err: error, role: this.#role }, 'store thread failed');
    this.#ended ??= new TalkError('disconnected', { what: `store ${this.#role}` }, { retryable: true, cause: error });
    for (const waiting of this.#waiting.values()) waiting.reject(this.#ended);
    this.#waiting.clear();
  }
}

function firstMessage(worker: Worker): Promise<Extract<ThreadReady, { ready: true }>> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    const onMessage = (message: ThreadStart) => {
      if ('isUnderWay' in message) timer.refresh();
      else settle(() => (message.ready ? resolve(message) : reject(thrown(message.error))));
    };
    const onError = (error: unknown) => settle(() => reject(error));
    const onExit = (code: number) => settle(() => reject(new Error(`the store thread ended at its start with ${code}`)));
    const timer = setTimeout(
      () => settle(() => reject(new TalkError('timeout', { operation: 'store start', timeoutMs: START_TIMEOUT_MS }))),
      START_TIMEOUT_MS,
    );
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}

function thrown(error: ThreadError): Error {
  return 'expected' in error ? TalkError.from(error.expected) : new Error(error.bug);
}
