import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { ReadRequests } from '../../../../../main/core/store/requests.ts';
import { StoreThread } from '../../../../../main/core/store/thread.ts';
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
