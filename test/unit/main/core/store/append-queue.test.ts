import { BroadcastChannel } from 'node:worker_threads';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { AppendRecord } from '../../../../../main/core/store/append.ts';
import { AppendQueue } from '../../../../../main/core/store/append-queue.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import { logRow, openTestBench, silentLog, type TestBench } from '../../../../fakes/store.ts';

const port = '/dev/ttyUSB0';
const dropped = (count: number): AppendRecord => ({ kind: 'dropped', sessionId: 's', count });

function queueOn(post: (records: readonly AppendRecord[]) => Promise<void>): AppendQueue {
  return new AppendQueue({
    post: (records) => post(records).then(() => ({ rejectedCount: 0, firstRejection: null })),
    limitBytes: 1 << 20,
    log: silentLog,
    onStatus: () => {},
  });
}

describe('the append queue', () => {
  test('a flush ends although more is appended during every commit', async () => {
    const committed: AppendRecord[] = [];
    const queue = queueOn(async (records) => {
      if (committed.length < 1000) queue.add(dropped(committed.length + 2));
      committed.push(...records);
    });
    queue.add(dropped(1));
    await queue.flush();
    expect(committed).toEqual([dropped(1)]);
    committed.length = 1000;
    await queue.close();
  });

  test('gives up, alone, the record at which the writer dies again and again', async () => {
    const stored: AppendRecord[] = [];
    const queue = queueOn(async (records) => {
      if (records.some((record) => record.kind === 'dropped' && record.count === 2))
        throw new TalkError('disconnected', { what: 'store writer' }, { retryable: true });
      stored.push(...records);
    });
    for (const count of [1, 2, 3]) queue.add(dropped(count));
    for (let attempt = 0; attempt < 3; attempt++) await expect(queue.flush()).rejects.toMatchObject({ code: 'disconnected' });
    await queue.flush();
    expect(stored).toEqual([dropped(1), dropped(3)]);
    expect(queue.droppedCount).toBe(2);
    await queue.close();
  });
});

describe('a recording', () => {
  let bench: TestBench;
  const channel = new BroadcastChannel('mortal-store');
  afterEach(() => bench.close());
  afterAll(() => channel.close());

  test('loses one record that cannot be sent to the writer, not the batch with the start of the session in it', async () => {
    bench = await openTestBench();
    const { id } = bench.recorder.ensureSession();
    bench.recorder.rows([logRow(port, 0, 'before')]);
    bench.recorder.rows([logRow(port, 1, 'bad', { payload: { callback: () => {} } })]);
    bench.recorder.rows([logRow(port, 2, 'after')]);
    await expect(bench.store.flush()).rejects.toThrow();
    await bench.store.flush();
    const { rows } = await bench.store.read('log.page', { sessionId: id, port, fromSeq: 0, limit: 10 });
    expect(rows.map((row) => row.text)).toEqual(['before', 'after']);
    expect(bench.store.status.droppedCount).toBe(1);
  });

  test('goes on, whole and under way, when the threads of the store have died', async () => {
    bench = await openTestBench({ workerUrl: new URL('../../../../fakes/mortal-store.worker.ts', import.meta.url) });
    const { id } = bench.recorder.ensureSession();
    bench.recorder.rows([logRow(port, 0, 'before')]);
    await bench.store.flush();
    const died = new Promise<void>((resolve) => bench.store.onStatus(({ problem }) => problem !== null && resolve()));
    channel.postMessage('writer');
    channel.postMessage('reader');
    bench.recorder.rows([logRow(port, 1, 'while it died')]);
    for (let seq = 2; bench.store.status.problem === null; seq++) {
      bench.recorder.rows([logRow(port, seq, 'after')]);
      await bench.store.flush().catch(() => {});
      if (seq > 5000) throw new Error('the writer does not die');
    }
    await died;
    await bench.store.flush();
    const read = () => bench.store.read('log.page', { sessionId: id, port, fromSeq: 0, limit: 5000 });
    const { rows } = await read().catch(read);
    expect(rows.slice(0, 2).map((row) => row.text)).toEqual(['before', 'while it died']);
    expect(rows.map((row) => row.seq)).toEqual(rows.map((_row, index) => index));
    expect((await bench.store.read('session.summary', { id }))?.state).toBe('recording');
    expect(bench.store.status).toEqual({ droppedCount: 0, problem: null });
  });
});
