import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { BodyOf, BulkRequests, ReplyOf } from './requests.ts';
import type { StoreThread } from './thread.ts';

type BulkThread = StoreThread<BulkRequests>;

/** As many long jobs at a time; more wait. */
const MAX_THREADS = 2;
/** A slice of a search takes less: who types on need not wait for a new thread after each letter. */
const GRACE_MS = 200;
/** An expression that backtracks for ever has to be stopped by force. In a job with sound that must not be in the midst of Opus (`assertWanted`). */
const STOPPED_AFTER_MS = { text: 500, sound: 2_000 };
const textJobs: readonly (keyof BulkRequests)[] = ['log.scan', 'log.export'];

/**
 * Runs each long job alone on a thread. A regexp that backtracks for ever or a decoder that loops cannot be asked to
 * stop, so a job that is overdue, or cancelled and not soon over, is ended together with its thread; nobody else was on it.
 */
export class BulkThreads {
  readonly #start: () => Promise<BulkThread>;
  readonly #idle: BulkThread[] = [];
  readonly #queue: (() => void)[] = [];
  readonly #running = new Map<BulkThread, keyof BulkRequests>();
  #count = 0;
  #preparing: Promise<void> | null = null;
  #isClosed = false;

  constructor(start: () => Promise<BulkThread>) {
    this.#start = start;
  }

  /** Starts a thread if there is none: a job is likely to follow, and should not wait for that. */
  prepare(): void {
    if (this.#count > 0 || this.#isClosed) return;
    this.#preparing = this.#started()
      .then(
        (thread) => this.#release(thread),
        // Whoever then asks meets it again, and is told.
        () => {},
      )
      .finally(() => {
        this.#preparing = null;
      });
  }

  /** Rejects with TalkError 'cancelled' | 'timeout' beside the job's own failures. */
  async run<Name extends keyof BulkRequests>(
    name: Name,
    body: BodyOf<BulkRequests, Name>,
    options: { signal?: AbortSignal | undefined; timeoutMs: number },
  ): Promise<ReplyOf<BulkRequests, Name>> {
    const timeout = AbortSignal.timeout(options.timeoutMs);
    const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
    const gaveUp = () =>
      timeout.aborted ? new TalkError('timeout', { operation: name, timeoutMs: options.timeoutMs }) : new TalkError('cancelled');
    const thread = await this.#acquire(signal, gaveUp);
    if (signal.aborted) {
      this.#release(thread);
      throw gaveUp();
    }
    this.#running.set(thread, name);
    const job = thread.request(name, body);
    const abandoned = Promise.withResolvers<never>();
    const onAbort = () => abandoned.reject(gaveUp());
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([job, abandoned.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      void this.#giveBack(thread, job, timeout.aborted ? 0 : GRACE_MS);
    }
  }

  /** The thread is free when its job is over, or its place is when the job was not over soon. */
  async #giveBack(thread: BulkThread, job: Promise<unknown>, graceMs: number): Promise<void> {
    const timer = setTimeout(() => void this.#end(thread), graceMs);
    try {
      await job;
    } catch {
      // Told to whoever asked.
    }
    clearTimeout(timer);
    if (thread.hasEnded) await this.#end(thread);
    this.#running.delete(thread);
    this.#release(thread);
  }

  #end(thread: BulkThread): Promise<void> {
    const job = this.#running.get(thread);
    return thread.end(STOPPED_AFTER_MS[job === undefined || textJobs.includes(job) ? 'text' : 'sound']);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const wake of this.#queue.splice(0)) wake();
    await this.#preparing;
    await Promise.all([...this.#idle.splice(0), ...this.#running.keys()].map((thread) => this.#end(thread)));
  }

  async #acquire(signal: AbortSignal, gaveUp: () => TalkError): Promise<BulkThread> {
    await this.#preparing;
    while (this.#count >= MAX_THREADS && this.#idle.length === 0 && !signal.aborted && !this.#isClosed) await this.#turn(signal);
    if (this.#isClosed) throw new TalkError('disconnected', { what: 'store bulk' });
    if (signal.aborted) throw gaveUp();
    return this.#idle.pop() ?? this.#started();
  }

  async #started(): Promise<BulkThread> {
    this.#count++;
    try {
      const thread = await this.#start();
      if (!this.#isClosed) return thread;
      await thread.end();
      throw new TalkError('disconnected', { what: 'store bulk' });
    } catch (error) {
      this.#count--;
      this.#queue.shift()?.();
      throw error;
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = () => {
        this.#queue.splice(this.#queue.indexOf(wake), 1);
        resolve();
      };
      this.#queue.push(wake);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #release(thread: BulkThread): void {
    if (thread.hasEnded) this.#count--;
    else this.#idle.push(thread);
    this.#queue.shift()?.();
  }
}
