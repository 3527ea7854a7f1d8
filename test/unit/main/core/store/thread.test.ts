import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { ReadRequests } from '../../../../../main/core/store/requests.ts';
import { StoreThread } from '../../../../../main/core/store/thread.ts';
import { sampleConversation } from '../../../../fakes/sample-conversation.ts';
import { openTestBench, silentLog } from '../../../../fakes/store.ts';

const url = new URL('../../../../../main/core/store/store.worker.ts', import.meta.url);

// Ended in the middle of Opus by force, a thread took the whole core with it: the addon threw where nobody could catch it.
test('a job that nobody waits for any more ends before the next packet is decoded', async () => {
  for (const [isEnding, outcome] of [
    [0, 320],
    [1, 'cancelled'],
  ] as const) {
    const ending = new SharedArrayBuffer(4);
    new Int32Array(ending)[0] = isEnding;
    const worker = new Worker(new URL('./decoding.child.ts', import.meta.url), { workerData: { ending } });
    expect(await new Promise((resolve) => worker.once('message', resolve))).toBe(outcome);
  }
});

test('a thread that is ended answers what it was asked before', async () => {
  const bench = await openTestBench();
  const reader = await StoreThread.start<ReadRequests>(url, { role: 'reader', path: bench.path }, silentLog);
  const asked = [1, 2, 3].map(() => reader.request('document.list', { kind: 'suite' }));
  await reader.end();
  expect(await Promise.all(asked)).toEqual([[], [], []]);
  await expect(reader.request('document.list', { kind: 'suite' })).rejects.toMatchObject({ code: 'disconnected' });
  await reader.end();
  await bench.close();
});

// One such event, and whoever looked at its session ended the thread that everybody reads by.
test('a reply that cannot be carried over fails that request alone', async () => {
  const bench = await openTestBench();
  const { id } = bench.recorder.ensureSession();
  for (const event of sampleConversation().events) bench.recorder.event(event);
  await bench.recorder.stop();
  const library = new Database(bench.path);
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  library.prepare('UPDATE event SET body = ? WHERE ordinal = 0').run(`{"kind":"conversation.changed","changes":{"a":${deep}}}`);
  library.close();
  const reader = await StoreThread.start<ReadRequests>(url, { role: 'reader', path: bench.path }, silentLog);
  const events = reader.request('session.events', { id, afterOrdinal: -1, limit: 10 });
  const asked = reader.request('document.list', { kind: 'suite' });
  await expect(events).rejects.toThrow(/RangeError/);
  expect(await asked).toEqual([]);
  expect(reader.hasEnded).toBe(false);
  await reader.end();
  await bench.close();
});
