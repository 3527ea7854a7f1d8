import { isAbsolute } from 'node:path';
import type { ModelEntry, ModelState } from '../../../../preload/contract/engines.ts';
import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from '../../endpoint/handlers.ts';
import { Topic } from '../../endpoint/topic.ts';
import type { Log } from '../../log.ts';
import { fetchFile } from './fetch-file.ts';
import { Rate } from './rate.ts';
import { type ModelFile, ModelShelf } from './shelf.ts';

export interface Models {
  calls: Pick<CallHandlers, 'models.download' | 'models.pause' | 'models.remove' | 'models.import'>;
  streams: Pick<StreamHandlers, 'models.state'>;
  /** Where a model lies; null while it is not whole. */
  folder(id: string): string | null;
  /** Stops what is under way; the next core goes on with it when asked to. */
  close(): Promise<void>;
}

export interface ModelsDeps {
  entries: readonly ModelEntry[];
  /** Of all models. */
  folder: string;
  /** Base address instead of the publisher's site; empty: none. */
  mirror: () => string;
  /** Engines that are made of a model in that folder. */
  usedBy: (folder: string) => readonly string[];
  clock: Clock;
  log: Log;
}

/** More at once only share the line, and each holds its .part open. */
const AT_ONCE = 2;
const PUBLISH_EVERY_US = 250_000;

interface Work {
  stop: AbortController;
  ended: Promise<void>;
}

/** Models of the catalogue: what is here, what is being fetched, and how far it is. Nothing is fetched that was not asked for. */
export async function createModels(deps: ModelsDeps): Promise<Models> {
  const { entries, clock, log } = deps;
  const shelf = new ModelShelf(deps.folder);
  const states = new Map<string, ModelState>();
  const works = new Map<string, Work>();
  const waiting: (() => void)[] = [];
  let busy = 0;
  const topic = new Topic<ModelState[], ModelState>({ snapshot: () => [...states.values()], retain: 256 });

  for (const entry of entries) states.set(entry.id, await stateAtStart(entry));

  async function stateAtStart(entry: ModelEntry): Promise<ModelState> {
    const files = await shelf.files(entry);
    if (files !== null) return present(entry, files);
    const doneBytes = await shelf.doneBytes(entry);
    return { ...absent(entry), state: doneBytes > 0 ? 'paused' : 'absent', doneBytes };
  }

  function absent(entry: ModelEntry): ModelState {
    const totalBytes = entry.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return { entry, state: 'absent', doneBytes: 0, totalBytes, bytesPerSecond: null, folder: null, takenOnTrust: [], error: null };
  }

  function present(entry: ModelEntry, files: readonly ModelFile[]): ModelState {
    const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const isUnknown = (path: string) => entry.files.some((file) => file.path === path && file.sha256 === '');
    const takenOnTrust = files.filter(({ path }) => isUnknown(path)).map(({ path, sha256 }) => ({ path, sha256 }));
    return { ...absent(entry), state: 'present', doneBytes: bytes, totalBytes: bytes, folder: shelf.folder(entry), takenOnTrust };
  }

  function set(id: string, change: Partial<ModelState>): void {
    const before = states.get(id);
    if (before === undefined) return;
    const state = { ...before, ...change };
    states.set(id, state);
    topic.publish(state);
  }

  function entryOf(id: string): ModelEntry {
    const entry = entries.find((candidate) => candidate.id === id);
    if (entry === undefined) throw new TalkError('not-found', { what: 'model', id });
    return entry;
  }

  /** One thing at a time is done with a model. */
  function start(entry: ModelEntry, run: (signal: AbortSignal) => Promise<readonly ModelFile[]>): Promise<void> {
    const stop = new AbortController();
    const ended = (async () => {
      try {
        const files = await run(stop.signal);
        await shelf.complete(entry, files);
        set(entry.id, present(entry, files));
      } catch (error) {
        const [doneBytes, whole] = [await shelf.doneBytes(entry), await shelf.files(entry)];
        // What was here before a folder was looked through that did not have it is still here.
        if (whole !== null) set(entry.id, present(entry, whole));
        else if (stop.signal.aborted) set(entry.id, { ...absent(entry), state: doneBytes > 0 ? 'paused' : 'absent', doneBytes });
        else set(entry.id, { ...absent(entry), state: 'failed', doneBytes, error: errorValue(entry, error) });
        throw error;
      } finally {
        works.delete(entry.id);
      }
    })();
    works.set(entry.id, { stop, ended: ended.catch(() => {}) });
    return ended;
  }

  /** A disk that fails is the user's business too; it is no internal error. */
  function errorValue(entry: ModelEntry, error: unknown) {
    if (isTalkError(error)) return error.value;
    log.error({ err: error, model: entry.id }, 'a model could not be stored');
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return new TalkError('model/download-failed', { url: entry.files[0]?.url ?? entry.id, reason }).value;
  }

  /** Nothing is done with the model then, until whoever asked lets something else happen. */
  async function stop(id: string): Promise<void> {
    for (let work = works.get(id); work !== undefined; work = works.get(id)) {
      work.stop.abort(new TalkError('cancelled'));
      await work.ended;
    }
  }

  async function inLine(signal: AbortSignal): Promise<void> {
    if (busy < AT_ONCE) {
      busy += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        signal.removeEventListener('abort', leave);
        busy += 1;
        resolve();
      };
      const leave = () => {
        waiting.splice(waiting.indexOf(begin), 1);
        reject(signal.reason);
      };
      waiting.push(begin);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  async function download(entry: ModelEntry, signal: AbortSignal): Promise<readonly ModelFile[]> {
    set(entry.id, { state: 'downloading', error: null, bytesPerSecond: null });
    await inLine(signal);
    try {
      const rate = new Rate(clock);
      const files: ModelFile[] = [];
      // As they turn out to be: the listing rounds, and some sizes are not known.
      const sizes = new Map(entry.files.map(({ path, sizeBytes }) => [path, sizeBytes]));
      let publishedUs = Number.NEGATIVE_INFINITY;
      for (const file of entry.files) {
        const wholeBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        const fetched =
          (await shelf.finished(entry, file, signal)) ??
          (await fetchFile(
            { url: mirrored(file.url, deps.mirror()), path: shelf.path(entry, file), name: file.path, sha256: file.sha256 },
            {
              ...{ clock, signal },
              onProgress(doneBytes, totalBytes) {
                sizes.set(file.path, totalBytes ?? Math.max(doneBytes, sizes.get(file.path) ?? 0));
                rate.add(wholeBytes + doneBytes);
                if (clock.nowUs() - publishedUs < PUBLISH_EVERY_US) return;
                publishedUs = clock.nowUs();
                const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
                set(entry.id, {
                  state: 'downloading',
                  doneBytes: wholeBytes + doneBytes,
                  totalBytes: total,
                  bytesPerSecond: rate.perSecond(),
                });
              },
              onVerifying: () => set(entry.id, { state: 'verifying', bytesPerSecond: null }),
            },
          ));
        files.push({ ...fetched, path: file.path });
        sizes.set(file.path, fetched.sizeBytes);
      }
      return files;
    } finally {
      busy -= 1;
      waiting.shift()?.();
    }
  }

  function isBusyOrPresent(id: string): boolean {
    return works.has(id) || states.get(id)?.state === 'present';
  }

  return {
    folder: (id) => states.get(id)?.folder ?? null,
    calls: {
      'models.download': async ({ id }) => {
        const entry = entryOf(id);
        // Its failure is the state's, where whoever looks finds it.
        if (!isBusyOrPresent(id)) start(entry, (signal) => download(entry, signal)).catch(() => {});
        return {};
      },
      'models.pause': async ({ id }) => {
        entryOf(id);
        await stop(id);
        return {};
      },
      'models.remove': async ({ id }) => {
        const entry = entryOf(id);
        const by = deps.usedBy(shelf.folder(entry));
        if (by.length > 0) throw new TalkError('engine/in-use', { id, by: by.join(', ') });
        while (works.has(id)) await stop(id);
        const removed = shelf.remove(entry).finally(() => works.delete(id));
        works.set(id, { stop: new AbortController(), ended: removed.catch(() => {}) });
        await removed;
        set(id, absent(entry));
        return {};
      },
      'models.import': async ({ id, folder }, { signal }) => {
        const entry = entryOf(id);
        if (!isAbsolute(folder))
          throw new TalkError('bad-request', { issues: [{ path: 'folder', message: 'an absolute path is wanted' }] });
        // Whoever waited too may have begun meanwhile.
        while (works.has(id)) await stop(id);
        await start(entry, (stopped) => {
          set(id, { ...absent(entry), state: 'verifying' });
          return shelf.import(entry, folder, AbortSignal.any([signal, stopped]), (doneBytes) => set(id, { doneBytes }));
        });
        return {};
      },
    },
    streams: { 'models.state': () => ({ topic }) },
    async close() {
      await Promise.all([...works.keys()].map(stop));
    },
  };
}

/** The same path under another base address. */
export function mirrored(url: string, mirror: string): string {
  if (mirror === '') return url;
  const { pathname, search } = new URL(url);
  return `${mirror.replace(/\/+$/u, '')}${pathname}${search}`;
}
