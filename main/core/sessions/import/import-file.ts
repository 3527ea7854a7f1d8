import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isTalkError, TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import { asTalkError } from '../../store/database.ts';
import type { Store } from '../../store/store.ts';
import { newSessionId } from '../recorder.ts';
import { scratchFolder } from '../scratch-folders.ts';

/** A damaged file of 2 GB is read for a while before that is known. */
const TIMEOUT_MS = 15 * 60_000;

/**
 * Adds a file that somebody sent to the library: read and checked beside it, then copied in pieces between which what is being recorded is
 * stored. Throws TalkError 'session/bad-file' (`path` is its name), 'too-large', 'store/disk-full', 'cancelled'.
 */
export async function importFile(options: {
  store: Store;
  clock: Clock;
  data: Uint8Array;
  fileName: string | undefined;
  signal: AbortSignal;
}): Promise<{ id: string }> {
  const { store, clock, data, fileName, signal } = options;
  const folder = await scratchFolder();
  const cancelled = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const cancel = () => Atomics.store(cancelled, 0, 1);
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  try {
    const path = join(folder, 'import');
    await writeFile(path, data, { mode: 0o600 }).catch((error: unknown) => {
      throw asTalkError(error, path) ?? error;
    });
    await store.bulk('session.check', { path, fileName }, { signal, timeoutMs: TIMEOUT_MS });
    return await store.write('session.import', { path, newId: newSessionId(clock.wallMs()), cancelled: cancelled.buffer });
  } catch (error) {
    // Of the copy that was read nobody has heard.
    if (!isTalkError(error, 'session/bad-file') || fileName === undefined) throw error;
    throw new TalkError('session/bad-file', { ...error.value.data, path: fileName }, { cause: error });
  } finally {
    signal.removeEventListener('abort', cancel);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
