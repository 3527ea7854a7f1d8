import { Worker } from 'node:worker_threads';
import { endThread } from '../../../../../pipeline/threads/end-thread.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';

/** More than any module has flash. */
const LIMIT_BYTES = 256 * 1024 * 1024;
const TIMEOUT_MS = 30_000;
/** After its answer, or in place of it. */
const GRACE_MS = 500;

export interface ArchiveRequest {
  bytes: Uint8Array;
  /** Names, without their folders. */
  wanted: readonly RegExp[];
  limitBytes: number;
}

export interface ArchivedFile {
  name: string;
  data: Uint8Array;
}

export type ArchiveReply = { ok: true; files: ArchivedFile[] } | { ok: false; reason: string; sizeBytes?: number };

/** 7z, or ZIP. Null: neither. */
export function archiveKind(bytes: Uint8Array): '7z' | 'zip' | null {
  const head = Buffer.from(bytes.subarray(0, 6)).toString('hex');
  if (head === '377abcaf271c') return '7z';
  return head.startsWith('504b0304') ? 'zip' : null;
}

/**
 * The wanted files of a 7z or ZIP archive, unpacked in a thread of its own and in memory: a hostile one costs that thread, and so
 * much time and room. Fails with 'flash/bad-file' {path, reason}, 'too-large' {limitBytes, sizeBytes} and the signal's reason.
 */
export async function unpackArchive(
  bytes: Uint8Array,
  wanted: readonly RegExp[],
  path: string,
  limits: { limitBytes?: number; timeoutMs?: number } = {},
): Promise<ArchivedFile[]> {
  const { limitBytes = LIMIT_BYTES, timeoutMs = TIMEOUT_MS } = limits;
  const workerData: ArchiveRequest = { bytes, wanted, limitBytes };
  const worker = new Worker(new URL('./archive.worker.ts', import.meta.url), { workerData, name: 'archive' });
  const { promise, resolve } = Promise.withResolvers<ArchiveReply>();
  const timer = setTimeout(() => resolve({ ok: false, reason: 'it takes too long to unpack' }), timeoutMs);
  worker.once('message', resolve);
  worker.once('error', () => resolve({ ok: false, reason: 'damaged' }));
  worker.once('exit', () => resolve({ ok: false, reason: 'damaged' }));
  try {
    const reply = await promise;
    if (reply.ok) return reply.files;
    if (reply.sizeBytes !== undefined) throw new TalkError('too-large', { path, limitBytes, sizeBytes: reply.sizeBytes });
    throw new TalkError('flash/bad-file', { path, reason: reply.reason });
  } finally {
    clearTimeout(timer);
    // An archive that takes for ever is stopped: the unpacker is WebAssembly, of which nothing reaches out of its thread.
    await endThread(worker, GRACE_MS);
  }
}
