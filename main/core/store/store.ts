import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import type { Log } from '../log.ts';
import type { AppendRecord } from './append.ts';
import { AppendQueue } from './append-queue.ts';
import { BulkThreads } from './bulk-threads.ts';
import type { BodyOf, BulkRequests, ReadRequests, ReplyOf, WriteRequests } from './requests.ts';
import { StandingThread } from './standing-thread.ts';
import { StoreThread } from './thread.ts';

export interface StoreOptions {
  /** The library database; its folder is made if need be. */
  path: string;
  log: Log;
  /** Told what the user should know: 'store/corrupt' at start, 'store/disk-full' while it lasts. */
  onProblem: (problem: TalkErrorValue) => void;
  /** Where a bundler put `store.worker.ts`. */
  workerUrl?: URL;
  /** Largest the database may grow; appends beyond it fail as on a full disk. */
  maximumBytes?: number;
  /** What may wait for the disk, beyond which it is dropped and counted. */
  queueLimitBytes?: number;
}

export interface StoreStatus {
  /** Things that could not be kept since start. */
  droppedCount: number;
  /** Why nothing can be kept right now; null while all is well. */
  problem: TalkErrorValue | null;
}

type ChangeName = Exclude<keyof WriteRequests, 'append' | 'close'>;

/** SQLite behind worker threads: one writer, one quick reader, and a few for long jobs. */
export interface Store {
  readonly path: string;
  /** Sessions a killed process had left recording, closed by this start. */
  readonly recoveredSessionIds: readonly string[];
  readonly status: StoreStatus;
  /** Fire and forget: committed within 200 ms, in order. False when it had to be dropped (and was counted). */
  append(record: AppendRecord): boolean;
  /** Resolves when everything appended so far is committed; rejects with TalkError 'store/disk-full' when it cannot be. */
  flush(): Promise<void>;
  /** Runs after everything appended so far that the disk had room for: what makes room must not wait for it. */
  write<Name extends ChangeName>(name: Name, body: BodyOf<WriteRequests, Name>): Promise<ReplyOf<WriteRequests, Name>>;
  /** Sees what is committed: `flush()` first to see what was just appended. */
  read<Name extends keyof ReadRequests>(name: Name, body: BodyOf<ReadRequests, Name>): Promise<ReplyOf<ReadRequests, Name>>;
  /** Rejects with TalkError 'timeout' | 'cancelled' too. */
  bulk<Name extends keyof BulkRequests>(
    name: Name,
    body: BodyOf<BulkRequests, Name>,
    options?: { signal?: AbortSignal; timeoutMs?: number },
  ): Promise<ReplyOf<BulkRequests, Name>>;
  /** Somebody looks at it, plays, exports or replays it: a long job was on it within the last ten minutes. */
  isInUse(sessionId: string): boolean;
  onStatus(listener: (status: StoreStatus) => void): () => void;
  close(): Promise<void>;
}

const BULK_TIMEOUT_MS = 60_000;
const IN_USE_MS = 10 * 60_000;
const QUEUE_LIMIT_BYTES = 64 << 20;

/**
 * Opens the library. Throws TalkError 'store/locked' (another process writes it), 'store/newer-schema' (it is left as it
 * is) or 'store/disk-full'. A damaged file is moved aside, a fresh one started, and `onProblem` told.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { path, log, onProblem } = options;
  const url = options.workerUrl ?? new URL('./store.worker.ts', import.meta.url);
  // Recorded voices and logs are the user's alone.
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const movedToSuffix = `.corrupt-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const limit = options.maximumBytes === undefined ? {} : { maximumBytes: options.maximumBytes };
  const startWriter = (isFirst: boolean) =>
    StoreThread.start<WriteRequests>(url, { role: 'writer', path, movedToSuffix, isFirst, ...limit }, log);
  const startReader = () => StoreThread.start<ReadRequests>(url, { role: 'reader', path }, log);
  const firstWriter = await startWriter(true);
  const { problem: damage, recoveredSessionIds } = firstWriter.ready;
  const writer = new StandingThread(firstWriter, () => startWriter(false), log);
  const endWriter = () => writer.close((thread) => thread.request('close', {}));
  let reader: StandingThread<ReadRequests>;
  try {
    reader = new StandingThread(await startReader(), startReader, log);
  } catch (error) {
    await endWriter();
    throw error;
  }
  const bulkThreads = new BulkThreads(() => StoreThread.start<BulkRequests>(url, { role: 'bulk', path }, log));
  if (damage !== null) {
    log.error({ problem: damage }, 'library database was damaged');
    onProblem(damage);
  }

  const listeners = new Set<(status: StoreStatus) => void>();
  const lastUsedMs = new Map<string, number>();
  const status = (): StoreStatus => ({ droppedCount: queue.droppedCount, problem: queue.problem });
  let lastProblem: TalkErrorValue | null = null;
  const queue = new AppendQueue({
    post: (records) => writer.request('append', { records }),
    limitBytes: options.queueLimitBytes ?? QUEUE_LIMIT_BYTES,
    log,
    onStatus() {
      const { problem } = status();
      if (problem !== null && problem.code !== lastProblem?.code) {
        log.error({ problem }, 'nothing can be recorded');
        onProblem(problem);
      }
      lastProblem = problem;
      for (const listener of listeners) listener(status());
    },
  });

  return {
    path,
    recoveredSessionIds,
    get status() {
      return status();
    },
    append: (record) => queue.add(record),
    flush: () => queue.flush(),
    async write(name, body) {
      await queue.flush().catch((error: unknown) => log.warn({ err: error, name }, 'writing beside what could not be stored'));
      return writer.request(name, body);
    },
    read(name, body) {
      // Who opens a log is likely to search it, and a session is drawn from long reads.
      if (name === 'log.blocks' || name === 'session.detail') bulkThreads.prepare();
      return reader.request(name, body);
    },
    async bulk(name, body, bulkOptions = {}) {
      const used = () => {
        const { id } = body as { id?: unknown };
        if (typeof id === 'string') lastUsedMs.set(id, performance.now());
      };
      used();
      try {
        return await bulkThreads.run(name, body, { signal: bulkOptions.signal, timeoutMs: bulkOptions.timeoutMs ?? BULK_TIMEOUT_MS });
      } finally {
        used();
      }
    },
    isInUse: (sessionId) => performance.now() - (lastUsedMs.get(sessionId) ?? Number.NEGATIVE_INFINITY) < IN_USE_MS,
    onStatus(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      await queue.close();
      await bulkThreads.close();
      await reader.close();
      // The writer closes its database before its thread ends, so that the log is folded into the file.
      await endWriter();
    },
  };
}
