import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fetchFile } from '../../../../../../main/core/engines/models/fetch-file.ts';
import type { Clock, MonoUs } from '../../../../../../preload/contract/time.ts';
import { FileServer } from '../../../../../fakes/services/file-server.ts';

/** Large enough to come in several pieces. */
const content = randomBytes(300_000);
const other = randomBytes(300_000);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Pauses before another attempt are over at once; "nothing came for 30 s" when a test says so. */
class HastyClock implements Clock {
  readonly patience = new Set<() => void>();
  nowUs = () => 0 as MonoUs;
  wallMs = () => 0;
  at(atUs: MonoUs, callback: () => void): () => void {
    if (atUs >= 25_000_000) {
      this.patience.add(callback);
      return () => this.patience.delete(callback);
    }
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  }
}

let server: FileServer;
let folder: string;
let clock: HastyClock;
let progress: [number, number | null][];

beforeEach(async () => {
  server = new FileServer();
  await server.listen();
  server.files.set('/model', { content, etag: '"one"' });
  folder = mkdtempSync(join(tmpdir(), 'talkbench-model-'));
  clock = new HastyClock();
  progress = [];
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const path = () => join(folder, 'deep', 'model.onnx');
const part = () => `${path()}.part`;

function download(options: { sha256?: string; url?: string; signal?: AbortSignal } = {}) {
  return fetchFile(
    { url: options.url ?? `${server.origin}/model`, path: path(), name: 'model.onnx', sha256: options.sha256 ?? '' },
    {
      clock,
      signal: options.signal ?? new AbortController().signal,
      onProgress(done, total) {
        progress.push([done, total]);
        server.arrived(done);
      },
      onVerifying: () => {},
    },
  );
}

function expectWhole(bytes = content): void {
  expect(readFileSync(path()).equals(bytes)).toBe(true);
  expect(readdirSync(join(folder, 'deep'))).toEqual(['model.onnx']);
}

describe('fetching a model’s file', () => {
  test('it comes whole, with its own hash', async () => {
    expect(await download()).toEqual({ sizeBytes: content.length, sha256: sha256(content) });
    expectWhole();
    expect(progress.at(-1)).toEqual([content.length, content.length]);
  });

  test('after a cut it goes on where it was, and only if it is still the same file', async () => {
    server.faults.push({ kind: 'cut', afterBytes: 100_000 });
    await download({ sha256: sha256(content) });
    expectWhole();
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]).toEqual({ path: '/model', range: 'bytes=100000-', ifRange: '"one"' });
  });

  test('many cuts are no failure as long as each attempt brings something', async () => {
    for (let cut = 0; cut < 9; cut++) server.faults.push({ kind: 'cut', afterBytes: 30_000 });
    await download();
    expectWhole();
  });

  test('a server that ignores Range sends the whole file again', async () => {
    server.faults.push({ kind: 'cut', afterBytes: 100_000 }, { kind: 'no-range' });
    await download();
    expectWhole();
  });

  test('a file that changed in the middle is begun anew', async () => {
    server.faults.push({ kind: 'cut', afterBytes: 100_000 });
    const downloading = download();
    await new Promise<void>((done) => {
      const watch = () => (server.requests.length > 0 ? done() : setImmediate(watch));
      watch();
    });
    server.files.set('/model', { content: other, etag: '"two"' });
    await downloading;
    expectWhole(other);
  });

  test('a server that answers with a range of another file, If-Range or not, is not believed', async () => {
    await stopped(100_000);
    server.files.set('/model', { content: other, etag: '"two"' });
    server.faults.push({ kind: 'range-of-other' });
    await download();
    expectWhole(other);
    expect(server.requests.map(({ range }) => range === undefined)).toEqual([true, false, true]);
  });

  test('a file that got shorter than what is here is begun anew', async () => {
    await stopped(100_000);
    server.files.set('/model', { content: other.subarray(0, 500), etag: '"one"' });
    await download();
    expectWhole(other.subarray(0, 500));
  });

  test('nothing says that it is the same file, and its hash is not known: it is begun anew', async () => {
    server.files.set('/model', { content, etag: null });
    server.faults.push({ kind: 'cut', afterBytes: 100_000 });
    await download();
    expect(server.requests[1]?.range).toBeUndefined();
    expectWhole();
  });

  test('wrong bytes are thrown away, and said with both hashes', async () => {
    server.files.set('/model', { content: other, etag: '"one"' });
    await expect(download({ sha256: sha256(content) })).rejects.toMatchObject({
      value: { code: 'model/mismatch', data: { path: 'model.onnx', expected: sha256(content), actual: sha256(other) } },
    });
    expect(readdirSync(join(folder, 'deep'))).toEqual([]);
  });

  test('what is not there is not asked for again', async () => {
    await expect(download({ url: `${server.origin}/nothing` })).rejects.toMatchObject({
      value: { code: 'model/download-failed', data: { url: `${server.origin}/nothing`, status: 404 }, retryable: false },
    });
    expect(server.requests).toHaveLength(1);
  });

  test('a server in trouble is asked some times, then it is said', async () => {
    server.faults.push(...Array.from({ length: 3 }, () => ({ kind: 'status', status: 503 }) as const));
    await download();
    expectWhole();
    server.faults.push(...Array.from({ length: 9 }, () => ({ kind: 'status', status: 503 }) as const));
    rmSync(path());
    await expect(download()).rejects.toMatchObject({ value: { code: 'model/download-failed', data: { status: 503 }, retryable: true } });
  });

  test('a server that falls silent is given up and asked anew', async () => {
    server.faults.push({ kind: 'stall', afterBytes: 50_000 });
    const stalled = server.stalled();
    const downloading = download();
    await stalled;
    await new Promise<void>((done) => {
      const watch = () => (progress.some(([bytes]) => bytes === 50_000) ? done() : setImmediate(watch));
      watch();
    });
    for (const giveUp of clock.patience) giveUp();
    await downloading;
    expectWhole();
    expect(server.requests[1]?.range).toBe('bytes=50000-');
  });

  test('redirects are followed, and the range goes along; their addresses are in no error', async () => {
    server.faults.push({ kind: 'redirect', to: '/model' });
    await download({ url: `${server.origin}/publisher` });
    expectWhole();
    server.faults.push(...Array.from({ length: 99 }, () => ({ kind: 'redirect', to: '/model?signature=very-secret' }) as const));
    rmSync(path());
    const error = await download().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ value: { code: 'model/download-failed', data: { reason: 'it was redirected too often' } } });
    expect(JSON.stringify(error)).not.toContain('very-secret');
  });

  test('a length that nobody tells is no hindrance, if the end is told', async () => {
    server.faults.push({ kind: 'no-length' });
    await download();
    expectWhole();
    expect(progress.every(([, total]) => total === null)).toBe(true);
  });

  test('stopped, it keeps what it has, and goes on from there', async () => {
    await stopped(50_000);
    expect(readFileSync(part()).equals(content.subarray(0, 50_000))).toBe(true);
    expect(existsSync(path())).toBe(false);
    await download();
    expectWhole();
    expect(server.requests[1]).toMatchObject({ range: 'bytes=50000-' });
  });

  test('a beginning of which nobody knows what it is the beginning of is not gone on with', async () => {
    await stopped(50_000);
    writeFileSync(`${part()}.json`, '{"url":"htt'); // killed while it wrote
    await download();
    expect(server.requests[1]?.range).toBeUndefined();
    expectWhole();
  });

  test('the same goes for a beginning from another address', async () => {
    await stopped(50_000);
    server.files.set('/mirror', { content: other, etag: '"one"' });
    await download({ url: `${server.origin}/mirror` });
    expectWhole(other);
  });

  test('a process killed in the middle leaves a beginning that the next one goes on with', async () => {
    server.faults.push({ kind: 'stall', afterBytes: 120_000 });
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../../../../../fakes/download.child.ts'), `${server.origin}/model`, path()],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const ended = new Promise((done) => child.once('exit', done));
    for await (const line of createInterface({ input: child.stdout })) if (line === '120000') child.kill('SIGKILL');
    await ended;
    expect(existsSync(path())).toBe(false);
    await download({ sha256: sha256(content) });
    expectWhole();
    expect(server.requests[1]).toMatchObject({ range: 'bytes=120000-', ifRange: '"one"' });
  });
});

/** A download that was paused after so many bytes. */
async function stopped(afterBytes: number): Promise<void> {
  server.faults.push({ kind: 'stall', afterBytes });
  const abort = new AbortController();
  const reason = new Error('paused');
  const downloading = download({ signal: abort.signal });
  downloading.catch(() => {});
  await new Promise<void>((done) => {
    const watch = () => (progress.some(([bytes]) => bytes === afterBytes) ? done() : setImmediate(watch));
    watch();
  });
  abort.abort(reason);
  await expect(downloading).rejects.toBe(reason);
}
