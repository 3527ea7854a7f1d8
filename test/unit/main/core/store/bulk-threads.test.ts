import { expect, test } from 'vitest';
import { BulkThreads } from '../../../../../main/core/store/bulk-threads.ts';
import type { BulkRequests, LogScanRequest } from '../../../../../main/core/store/requests.ts';
import type { StoreThread } from '../../../../../main/core/store/thread.ts';

/** A thread whose jobs end when the test says so, or with the thread. */
class FakeThread {
  hasEnded = false;
  graceMs: number | undefined;
  jobs: { resolve: (reply: string) => void; reject: (error: Error) => void }[] = [];

  request(): Promise<string> {
    return new Promise((resolve, reject) => this.jobs.push({ resolve, reject }));
  }

  async end(graceMs?: number): Promise<void> {
    this.graceMs ??= graceMs;
    this.hasEnded = true;
    for (const job of this.jobs) job.reject(new Error('ended'));
  }
}

const scan: LogScanRequest = { sessionId: 's', filter: {}, fromSeq: 0, toSeq: 1 };

function threads() {
  const started: FakeThread[] = [];
  const bulk = new BulkThreads(async () => {
    const thread = new FakeThread();
    started.push(thread);
    return thread as unknown as StoreThread<BulkRequests>;
  });
  return { bulk, started };
}

test('a job that is cancelled rejects at once, and its thread serves on when it is soon over', async () => {
  const { bulk, started } = threads();
  const abort = new AbortController();
  const first = bulk.run('log.scan', scan, { signal: abort.signal, timeoutMs: 10_000 });
  await expect.poll(() => started[0]?.jobs.length).toBe(1);
  abort.abort();
  await expect(first).rejects.toMatchObject({ value: { code: 'cancelled' } });
  started[0]?.jobs[0]?.resolve('late');
  await new Promise((resolve) => setImmediate(resolve));
  const second = bulk.run('log.scan', scan, { timeoutMs: 10_000 });
  await expect.poll(() => started[0]?.jobs.length).toBe(2);
  started[0]?.jobs[1]?.resolve('reply');
  expect(await second).toBe('reply');
  expect(started).toHaveLength(1);
  await bulk.close();
});

test('a job that is cancelled and does not end takes its thread with it', async () => {
  const { bulk, started } = threads();
  const abort = new AbortController();
  const hostile = bulk.run('log.scan', scan, { signal: abort.signal, timeoutMs: 10_000 });
  await expect.poll(() => started[0]?.jobs.length).toBe(1);
  abort.abort();
  await expect(hostile).rejects.toMatchObject({ value: { code: 'cancelled' } });
  await expect.poll(() => started[0]?.hasEnded).toBe(true);
  const next = bulk.run('log.scan', scan, { timeoutMs: 10_000 });
  await expect.poll(() => started[1]?.jobs.length).toBe(1);
  started[1]?.jobs[0]?.resolve('reply');
  expect(await next).toBe('reply');
  await bulk.close();
});

test('a job that is overdue rejects with that, and waiting ones get its place', async () => {
  const { bulk, started } = threads();
  const overdue = [0, 1].map(() => bulk.run('log.scan', scan, { timeoutMs: 20 }));
  const waiting = bulk.run('log.scan', scan, { timeoutMs: 10_000 });
  for (const job of overdue) await expect(job).rejects.toMatchObject({ value: { code: 'timeout' } });
  await expect.poll(() => started[2]?.jobs.length).toBe(1);
  started[2]?.jobs[0]?.resolve('reply');
  expect(await waiting).toBe('reply');
  await bulk.close();
  expect(started.map(({ hasEnded }) => hasEnded)).toEqual([true, true, true]);
});

test('a thread that was prepared is the one that the next job runs on, and is ended with the store', async () => {
  const { bulk, started } = threads();
  bulk.prepare();
  bulk.prepare();
  const job = bulk.run('log.scan', scan, { timeoutMs: 10_000 });
  await expect.poll(() => started[0]?.jobs.length).toBe(1);
  started[0]?.jobs[0]?.resolve('reply');
  expect(await job).toBe('reply');
  expect(started).toHaveLength(1);
  await bulk.close();
  const late = threads();
  late.bulk.prepare();
  await late.bulk.close();
  expect(late.started.map(({ hasEnded }) => hasEnded)).toEqual([true]);
});

test('a search may be stopped anywhere, a job that is in the midst of sound is given time to come to its end', async () => {
  const graces: (number | undefined)[] = [];
  for (const name of ['log.scan', 'audio.peaks'] as const) {
    const { bulk, started } = threads();
    const abort = new AbortController();
    const body = name === 'log.scan' ? scan : { id: 's', conversationId: 'c', bucketUs: 1000 };
    const job = bulk.run(name, body, { signal: abort.signal, timeoutMs: 10_000 });
    await expect.poll(() => started[0]?.jobs.length).toBe(1);
    abort.abort();
    await expect(job).rejects.toMatchObject({ value: { code: 'cancelled' } });
    await expect.poll(() => started[0]?.hasEnded).toBe(true);
    graces.push(started[0]?.graceMs);
    await bulk.close();
  }
  expect(graces).toEqual([500, 2000]);
});
