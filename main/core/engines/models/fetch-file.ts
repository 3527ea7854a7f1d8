import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sleepUntil } from '../../../../pipeline/clock.ts';
import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import { acceptPart, dropPart, type PartOrigin, partPath, readPart, requireSpace, writeFault, writeOrigin } from './part.ts';

export interface FetchedFile {
  sizeBytes: number;
  sha256: string;
}

export interface FileToFetch {
  url: string;
  /** Where it is to lie; beside it `….part` and `….part.json` until it is whole. */
  path: string;
  /** In errors. */
  name: string;
  /** Empty: whatever it is. */
  sha256: string;
}

export interface FetchContext {
  clock: Clock;
  /** Aborted with its reason: what was fetched stays. */
  signal: AbortSignal;
  /** The whole length may not be known. */
  onProgress: (doneBytes: number, totalBytes: number | null) => void;
  onVerifying: () => void;
}

const MOST_REDIRECTS = 5;
/** Attempts in a row that brought nothing; those that brought something do not count. */
const MOST_VAIN_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
/** What has no length told could fill the disk, and others fill it meanwhile: the room is looked at again after so much. */
const SPACE_EVERY_BYTES = 16 * 1024 * 1024;
/** Without a byte for so long the connection is given up, and tried anew. */
const IDLE_MS = 30_000;

/**
 * Fetches one file, going on where an earlier attempt (of this process or a killed one) stopped, if the server can show that it is still
 * the same file: by Range with If-Range, and by what it then answers. Every failure of the connection is tried again some times. Throws
 * TalkError 'model/download-failed' | 'model/mismatch' | 'model/no-space'.
 */
export async function fetchFile(file: FileToFetch, context: FetchContext): Promise<FetchedFile> {
  const { clock, signal } = context;
  await mkdir(dirname(file.path), { recursive: true });
  let vain = 0;
  for (;;) {
    const before = (await readPart(file.path))?.doneBytes ?? 0;
    try {
      await attempt(file, context);
      break;
    } catch (error) {
      signal.throwIfAborted();
      if (!isTalkError(error, 'model/download-failed') || !error.value.retryable) throw error;
      const after = (await readPart(file.path))?.doneBytes ?? 0;
      vain = after > before ? 0 : vain + 1;
      if (vain >= MOST_VAIN_ATTEMPTS) throw error;
      await sleepUntil(clock, (clock.nowUs() + FIRST_PAUSE_MS * 2 ** vain * 1000) as MonoUs, signal);
    }
  }
  context.onVerifying();
  return acceptPart(file.path, file.name, file.sha256, signal);
}

/** One request: the .part file is whole when it returns. */
async function attempt(file: FileToFetch, context: FetchContext): Promise<void> {
  const part = await readPart(file.path);
  const isUsable = part !== null && part.origin.url === file.url && canBeContinued(part.origin, file.sha256);
  const from = isUsable ? part : null;
  if (from !== null && from.doneBytes === from.origin.totalBytes) return;

  const idle = new AbortController();
  const signal = AbortSignal.any([context.signal, idle.signal]);
  const patience = patienceOf(context.clock, () => idle.abort(new Error('nothing came for 30 s')));
  try {
    const response = await request(file.url, from, signal).catch((error: unknown) =>
      Promise.reject(failed(file, reasonOf(error), {}, true)),
    );
    try {
      await take(response, file, from, context, patience.touch);
    } finally {
      await response.body?.cancel().catch(() => {}); // an error's body, or one that was not wanted
    }
  } finally {
    patience.end();
  }
}

async function take(
  response: Response,
  file: FileToFetch,
  from: { doneBytes: number; origin: PartOrigin } | null,
  context: FetchContext,
  touch: () => void,
): Promise<void> {
  const { status, headers } = response;
  if (status === 416) {
    // Past the end: what is there is not the beginning of this file.
    await dropPart(file.path);
    throw failed(file, 'it got shorter', { status }, true);
  }
  if (status !== 200 && status !== 206) throw failed(file, `HTTP ${status}`, { status }, status === 408 || status === 429 || status >= 500);

  const range = status === 206 ? rangeOf(headers.get('content-range')) : null;
  const origin = originOf(file.url, headers, range);
  // Its end could not be told from a broken connection.
  const isEndTold = origin.totalBytes !== null || headers.get('transfer-encoding') === 'chunked';
  if (!isEndTold && file.sha256 === '') throw failed(file, 'the server does not say how long it is', {}, false);
  let doneBytes = 0;
  if (status === 206) {
    if (from === null || range === null || range.fromBytes !== from.doneBytes || isOther(from.origin, origin)) {
      await dropPart(file.path);
      throw failed(file, 'the file changed meanwhile', { status }, true);
    }
    doneBytes = from.doneBytes;
  }
  await requireSpace(file.path, (origin.totalBytes ?? doneBytes) - doneBytes);
  if (status === 200) await writeOrigin(file.path, origin);
  context.onProgress(doneBytes, origin.totalBytes);
  doneBytes = await write(response, file, doneBytes, origin.totalBytes, context, touch);
  if (origin.totalBytes !== null && doneBytes !== origin.totalBytes) throw failed(file, 'the connection ended early', {}, true);
}

async function write(
  response: Response,
  file: FileToFetch,
  fromBytes: number,
  totalBytes: number | null,
  { onProgress }: FetchContext,
  touch: () => void,
): Promise<number> {
  const handle = await open(partPath(file.path), fromBytes === 0 ? 'w' : 'r+');
  let doneBytes = fromBytes;
  let checkedBytes = fromBytes;
  try {
    const body = response.body?.getReader();
    for (;;) {
      const { done, value } = (await body?.read().catch((error: unknown) => Promise.reject(failed(file, reasonOf(error), {}, true)))) ?? {
        done: true,
        value: undefined,
      };
      if (done) return doneBytes;
      if (totalBytes !== null && doneBytes + value.byteLength > totalBytes) throw failed(file, 'more came than was announced', {}, false);
      touch();
      if (doneBytes >= checkedBytes + SPACE_EVERY_BYTES) {
        checkedBytes = doneBytes;
        await requireSpace(file.path, (totalBytes ?? doneBytes) - doneBytes);
      }
      try {
        await writeAll(handle, value, doneBytes);
      } catch (error) {
        throw await writeFault(error, file.path, (totalBytes ?? doneBytes) - doneBytes);
      }
      doneBytes += value.byteLength;
      onProgress(doneBytes, totalBytes);
    }
  } finally {
    await handle.close();
  }
}

/** A nearly full disk takes a part of it first. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) at += (await handle.write(bytes, at, bytes.byteLength - at, position + at)).bytesWritten;
}

/** Follows redirects itself: none may leave https, and their addresses (signed ones) go into no error. */
async function request(address: string, from: { doneBytes: number; origin: PartOrigin } | null, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = {};
  // With a range, fetch says this itself, and both would be said.
  if (from === null) headers['accept-encoding'] = 'identity';
  else {
    headers.range = `bytes=${from.doneBytes}-`;
    const validator = strong(from.origin.etag) ?? from.origin.lastModified;
    if (validator !== null) headers['if-range'] = validator;
  }
  let url = new URL(address);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await fetch(url, { headers, signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, url);
    if (next.protocol !== 'https:' && (next.protocol !== 'http:' || url.protocol === 'https:'))
      throw new Error('it was redirected to an unsafe address');
    url = next;
  }
  throw new Error('it was redirected too often');
}

/** Without a sign of the file's identity only its hash can show, in the end, that both halves were of the same one. */
function canBeContinued({ etag, lastModified }: PartOrigin, sha256: string): boolean {
  return strong(etag) !== null || lastModified !== null || sha256 !== '';
}

function strong(etag: string | null): string | null {
  return etag === null || etag.startsWith('W/') ? null : etag;
}

function isOther(before: PartOrigin, now: PartOrigin): boolean {
  const differs = (a: string | number | null, b: string | number | null) => a !== null && b !== null && a !== b;
  return (
    differs(strong(before.etag), strong(now.etag)) ||
    differs(before.lastModified, now.lastModified) ||
    differs(before.totalBytes, now.totalBytes)
  );
}

function originOf(url: string, headers: Headers, range: { totalBytes: number | null } | null): PartOrigin {
  const length = headers.get('content-length');
  // Packed on the way, against our asking: its length and identity are those of something else.
  if (headers.has('content-encoding')) return { url, etag: null, lastModified: null, totalBytes: null };
  return {
    url,
    etag: headers.get('etag'),
    lastModified: headers.get('last-modified'),
    totalBytes: range === null ? (length === null ? null : Number(length)) : range.totalBytes,
  };
}

function rangeOf(header: string | null): { fromBytes: number; totalBytes: number | null } | null {
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/u.exec(header ?? '') ?? [];
  if (from === undefined) return null;
  return { fromBytes: Number(from), totalBytes: total === '*' ? null : Number(total) };
}

function patienceOf(clock: Clock, onIdle: () => void): { touch: () => void; end: () => void } {
  const start = () => clock.at((clock.nowUs() + IDLE_MS * 1000) as MonoUs, onIdle);
  let cancel = start();
  return {
    touch() {
      cancel();
      cancel = start();
    },
    end: () => cancel(),
  };
}

function failed(file: FileToFetch, reason: string, facts: Record<string, unknown>, retryable: boolean): TalkError {
  return new TalkError('model/download-failed', { url: file.url, reason, ...facts }, { retryable });
}

/** The deepest cause says more than "fetch failed". */
function reasonOf(error: unknown): string {
  let deepest = error;
  while (deepest instanceof Error && deepest.cause !== undefined) deepest = deepest.cause;
  if (!(deepest instanceof Error)) return String(deepest);
  return 'code' in deepest && typeof deepest.code === 'string' ? deepest.code : deepest.message;
}
