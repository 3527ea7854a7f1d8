import { parentPort, Worker } from 'node:worker_threads';
import { TalkError } from '../../preload/contract/errors.ts';
import { endThread, serveThread } from './end-thread.ts';

/**
 * Worker threads that keep a state for each of many streams and work on their frames: voice activity, noise suppression, encoding. A
 * stream stays on one thread, its frames in order; a thread takes the frames that wait for it in one batch, one of each stream. A thread
 * that dies or hangs fails the frames it had and is started again with the next one: its streams go on with a fresh state.
 */
export interface FrameThreads<Result, Setup = undefined> {
  /** Takes no time: the thread starts, and the stream's state is made of `setup`, with its first frame. */
  open(setup?: Setup): FrameStream<Result>;
  /** Ends the threads; frames under way and later ones fail. Safe twice. */
  close(): Promise<void>;
}

export interface FrameStream<Result> {
  /** Rejects with TalkError 'engine/failed' | 'engine/timeout' | 'engine/rate-limited' (too many of this stream's frames are waiting). */
  process(frame: Int16Array): Promise<Result>;
  /** Later frames are worked on as the first ones of a stream. */
  reset(): void;
  /** Frames that wait fail. Safe twice. */
  close(): void;
}

export interface FrameThreadsOptions {
  url: URL;
  stage: 'vad' | 'codec';
  engine: string;
  /** Streams are shared out among so many threads. */
  threads: number;
  /** A thread that has not answered anything for so long is ended. */
  timeoutMs: number;
  /** Frames of one stream that may wait. */
  queueLimit: number;
  /** Given to each thread. */
  workerData?: unknown;
}

type ProcessOrder = { kind: 'process'; stream: number; frame: Int16Array };
type Order = ProcessOrder | { kind: 'open'; stream: number; setup: unknown } | { kind: 'reset' | 'close'; stream: number };
type Answer<Result> = { stream: number; ok: true; result: Result } | { stream: number; ok: false; reason: string };

interface Waiting<Result> {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

export function createFrameThreads<Result, Setup = undefined>(options: FrameThreadsOptions): FrameThreads<Result, Setup> {
  const threads = Array.from({ length: options.threads }, () => new FrameThread<Result>(options));
  let lastStream = 0;
  return {
    open(setup) {
      const least = threads.reduce((best, thread) => (thread.streams < best.streams ? thread : best));
      return least.open(++lastStream, setup);
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

class FrameThread<Result> {
  readonly #options: FrameThreadsOptions;
  readonly #waiting = new Map<number, Waiting<Result>[]>();
  /** Streams that the thread as it runs now was told of. */
  readonly #opened = new Set<number>();
  #orders: Order[] = [];
  #worker: Worker | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #underWay = 0;
  #isClosed = false;

  constructor(options: FrameThreadsOptions) {
    this.#options = options;
  }

  get streams(): number {
    return this.#waiting.size;
  }

  open(stream: number, setup: unknown): FrameStream<Result> {
    if (this.#isClosed) throw this.#failed('closed');
    const waiting: Waiting<Result>[] = [];
    this.#waiting.set(stream, waiting);
    const isOpen = () => this.#waiting.has(stream);
    return {
      process: (frame) => {
        if (!isOpen()) return Promise.reject(new Error('the stream is closed'));
        if (waiting.length >= this.#options.queueLimit) {
          const { stage, engine } = this.#options;
          return Promise.reject(new TalkError('engine/rate-limited', { stage, engine, waiting: waiting.length }, { retryable: true }));
        }
        return new Promise((resolve, reject) => {
          waiting.push({ resolve, reject });
          if (!this.#opened.has(stream)) this.#order({ kind: 'open', stream, setup });
          this.#opened.add(stream);
          this.#order({ kind: 'process', stream, frame });
        });
      },
      reset: () => {
        if (isOpen()) this.#order({ kind: 'reset', stream });
      },
      close: () => {
        if (!isOpen()) return;
        this.#waiting.delete(stream);
        this.#opened.delete(stream);
        for (const { reject } of waiting.splice(0)) {
          this.#underWay -= 1;
          reject(new Error('the stream is closed'));
        }
        this.#order({ kind: 'close', stream });
        this.#watch();
      },
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#abandon('closed');
    this.#waiting.clear();
  }

  /** Orders of the same moment travel together. */
  #order(order: Order): void {
    if (order.kind === 'process') this.#underWay += 1;
    // A thread that does not run yet, or any more, has no state to reset.
    else if (order.kind !== 'open' && !this.#worker && this.#orders.length === 0) return;
    if (this.#orders.push(order) === 1) queueMicrotask(() => this.#post());
  }

  #post(): void {
    const orders = this.#orders;
    this.#orders = [];
    if (this.#isClosed || orders.length === 0) return;
    if (!this.#worker && this.#underWay === 0) return;
    this.#worker ??= this.#start();
    this.#watch();
    this.#worker.postMessage(orders);
  }

  #start(): Worker {
    const started = new Worker(this.#options.url, { name: this.#options.engine, workerData: this.#options.workerData });
    let reason: string | undefined;
    started.on('message', (answers: Answer<Result>[]) => {
      if (started === this.#worker) this.#take(answers);
    });
    started.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    started.on('exit', (code) => {
      if (started === this.#worker) void this.#abandon(reason ?? `the thread ended with ${code}`);
    });
    started.unref();
    return started;
  }

  #take(answers: readonly Answer<Result>[]): void {
    for (const answer of answers) {
      const next = this.#waiting.get(answer.stream)?.shift();
      if (!next) continue; // closed meanwhile
      this.#underWay -= 1;
      if (answer.ok) next.resolve(answer.result);
      else next.reject(this.#failed(answer.reason));
    }
    this.#watch();
  }

  /** Keeps the process alive, and an eye on the thread, as long as something is under way. */
  #watch(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = undefined;
    if (this.#underWay === 0) {
      this.#worker?.unref();
      return;
    }
    this.#worker?.ref();
    const { stage, engine, timeoutMs } = this.#options;
    this.#watchdog = setTimeout(
      () => void this.#abandon(new TalkError('engine/timeout', { stage, engine, timeoutMs }, { retryable: true })),
      timeoutMs,
    );
  }

  async #abandon(cause: string | TalkError): Promise<void> {
    const error = typeof cause === 'string' ? this.#failed(cause) : cause;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#orders = [];
    this.#opened.clear();
    this.#underWay = 0;
    clearTimeout(this.#watchdog);
    for (const waiting of this.#waiting.values()) for (const { reject } of waiting.splice(0)) reject(error);
    if (worker) await endThread(worker);
  }

  #failed(reason: string): TalkError {
    const { stage, engine } = this.#options;
    return new TalkError('engine/failed', { stage, engine, reason }, { retryable: true });
  }
}

/** The thread's side. */
export interface FrameService<State, Result, Setup = undefined> {
  open(setup: Setup): State | Promise<State>;
  /** One frame of each of several streams; the results in the same order. So many frames wait behind them. */
  process(batch: readonly { state: State; frame: Int16Array }[], waiting: number): Result[] | Promise<Result[]>;
  reset(state: State): void;
  close(state: State): void;
}

export interface Batching {
  /** Frames worked on together, and answered together. */
  limit: number;
  /** With more than 8 streams a batch waits so long for others to join. */
  gatheringMs: number;
}

/** Half the work for a few milliseconds, where a model takes frames of several streams at once. */
const usualBatching: Batching = { limit: 64, gatheringMs: 4 };
const GATHERING_STREAMS = 8;

export function serveFrames<State, Result, Setup = undefined>(
  service: FrameService<State, Result, Setup>,
  batching: Batching = usualBatching,
): void {
  const port = parentPort;
  if (!port) throw new Error('not in a worker thread');
  const setups = new Map<number, Setup>();
  const states = new Map<number, State>();
  let orders: Order[] = [];
  let isWorking = false;

  /**
   * The next frame of each stream that has one; resets and closes before it are done. Where not all of them can be taken the shortest are:
   * a stream that gives several at once is ahead of its time.
   */
  function take(): ProcessOrder[] {
    const heads = new Map<number, ProcessOrder>();
    orders = orders.filter((order) => {
      const { stream } = order;
      if (heads.has(stream)) return true;
      if (order.kind === 'process') heads.set(stream, order);
      else if (order.kind === 'open') setups.set(stream, order.setup as Setup);
      else renew(stream, order.kind);
      return order.kind === 'process';
    });
    const batch = [...heads.values()].toSorted((one, other) => one.frame.length - other.frame.length).slice(0, batching.limit);
    const taken = new Set<Order>(batch);
    orders = orders.filter((order) => !taken.has(order));
    return batch;
  }

  function renew(stream: number, how: 'reset' | 'close'): void {
    const state = states.get(stream);
    if (how === 'close') setups.delete(stream);
    if (state === undefined) return;
    if (how === 'reset') service.reset(state);
    else {
      states.delete(stream);
      service.close(state);
    }
  }

  async function stateOf(stream: number): Promise<State> {
    const known = states.get(stream);
    if (known !== undefined) return known;
    const state = await service.open(setups.get(stream) as Setup);
    states.set(stream, state);
    return state;
  }

  async function work(): Promise<void> {
    isWorking = true;
    for (let round = 0; orders.length > 0; round += 1) {
      const waitMs = states.size > GATHERING_STREAMS ? batching.gatheringMs : 0;
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      // Between two batches what has come meanwhile is let in.
      else if (round > 0) await new Promise((resolve) => setImmediate(resolve));
      const batch = take();
      if (batch.length === 0) continue;
      try {
        const frames = await Promise.all(batch.map(async ({ stream, frame }) => ({ state: await stateOf(stream), frame })));
        const results = await service.process(frames, orders.length);
        const answers = batch.map(({ stream }, index): Answer<Result> => ({ stream, ok: true, result: results[index] as Result }));
        port?.postMessage(answers);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        port?.postMessage(batch.map(({ stream }): Answer<Result> => ({ stream, ok: false, reason })));
      }
    }
    isWorking = false;
  }

  serveThread<Order[]>((more) => {
    orders.push(...more);
    if (!isWorking) void work();
  });
}
