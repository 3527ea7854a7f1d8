import { BroadcastChannel } from 'node:worker_threads';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { encodeBlock } from '../../../../../main/core/logs/block.ts';
import { type AppendRecord, joinChunks, type RawRecord } from '../../../../../main/core/store/append.ts';
import { AppendQueue } from '../../../../../main/core/store/append-queue.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import { logRow, openTestBench, recordRows, silentLog, storedRows, type TestBench } from '../../../../fakes/store.ts';

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

describe('chunks on their way to the store', () => {
  const chunk = (name: string, direction: 'received' | 'sent', atUs: number, offset: number, text: string): RawRecord => {
    return { kind: 'raw', sessionId: 's', port: name, direction, atUs, offset, bytes: new Uint8Array(Buffer.from(text)) };
  };

  test('become one where they follow closely, never across a turn of direction, a gap or a pause', () => {
    const records: AppendRecord[] = [
      chunk('a', 'received', 0, 0, 'on'),
      chunk('b', 'received', 1000, 0, 'other '),
      chunk('a', 'received', 9000, 2, 'e'),
      dropped(1),
      chunk('b', 'received', 9500, 6, 'port'),
      chunk('a', 'sent', 10_000, 0, 'AT'),
      chunk('a', 'received', 11_000, 3, 'two'),
      chunk('a', 'received', 12_000, 9, 'after a gap'),
      chunk('a', 'received', 40_000, 20, 'after a pause'),
    ];
    const joined = joinChunks(records).map((record) =>
      record.kind === 'raw'
        ? [record.port, record.direction, record.atUs, record.offset, Buffer.from(record.bytes).toString()]
        : record.kind,
    );
    expect(joined).toEqual([
      ['a', 'received', 0, 0, 'one'],
      ['b', 'received', 1000, 0, 'other port'],
      'dropped',
      ['a', 'sent', 10_000, 0, 'AT'],
      ['a', 'received', 11_000, 3, 'two'],
      ['a', 'received', 12_000, 9, 'after a gap'],
      ['a', 'received', 40_000, 20, 'after a pause'],
    ]);
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
    recordRows(bench.recorder, [logRow(port, 0, 'before')]);
    const bad = { ...encodeBlock([logRow(port, 1, 'bad'), logRow(port, 2, 'bad')]), words: [() => {}] as unknown as string[] };
    bench.recorder.rows(bad);
    recordRows(bench.recorder, [logRow(port, 3, 'after')]);
    await expect(bench.store.flush()).rejects.toThrow();
    await bench.store.flush();
    expect((await storedRows(bench.store, id)).map((row) => [row.seq, row.text])).toEqual([
      [0, 'before'],
      [3, 'after'],
    ]);
    // Its rows, not the one record they were in.
    expect(bench.store.status.droppedCount).toBe(2);
  });

  test('goes on, whole and under way, when the threads of the store have died', async () => {
    bench = await openTestBench({ workerUrl: new URL('../../../../fakes/mortal-store.worker.ts', import.meta.url) });
    const { id } = bench.recorder.ensureSession();
    recordRows(bench.recorder, [logRow(port, 0, 'before')]);
    await bench.store.flush();
    const died = new Promise<void>((resolve) => bench.store.onStatus(({ problem }) => problem !== null && resolve()));
    channel.postMessage('writer');
    channel.postMessage('reader');
    recordRows(bench.recorder, [logRow(port, 1, 'while it died')]);
    for (let seq = 2; bench.store.status.problem === null; seq++) {
      recordRows(bench.recorder, [logRow(port, seq, 'after')]);
      await bench.store.flush().catch(() => {});
      if (seq > 5000) throw new Error('the writer does not die');
    }
    await died;
    await bench.store.flush();
    const read = () => storedRows(bench.store, id);
    const rows = await read().catch(read);
    expect(rows.slice(0, 2).map((row) => row.text)).toEqual(['before', 'while it died']);
    // What the dead thread had stored without saying so is not stored again.
    expect(rows.map((row) => row.seq)).toEqual(rows.map((_row, index) => index));
    expect((await bench.store.read('session.detail', { id }))?.ports).toEqual([
      { address: port, rowCount: rows.length, rawBytes: rows.reduce((sum, row) => sum + row.raw.length, 0) },
    ]);
    expect((await bench.store.read('session.summary', { id }))?.state).toBe('recording');
    expect(bench.store.status).toEqual({ droppedCount: 0, problem: null });
  });
});
