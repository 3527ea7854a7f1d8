import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeBlock, encodeBlock } from '../../../../../main/core/logs/block.ts';
import type { BookRow } from '../../../../../main/core/logs/row.ts';
import { rowText } from '../../../../../main/core/logs/text.ts';
import { blockText } from '../../../../../main/core/store/block-text.ts';
import type { LogTextStyle } from '../../../../../preload/contract/logs.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';
import { logRow, openTestBench, recordRows, type TestBench } from '../../../../fakes/store.ts';

const style: fc.Arbitrary<LogTextStyle> = fc.record({
  hostTime: fc.constantFrom('none' as const, 'wall' as const, 'elapsed' as const),
  deviceTime: fc.boolean(),
  port: fc.boolean(),
  messageOnly: fc.boolean(),
});
const row = fc.record(
  {
    text: fc.constantFrom('', 'I (12) wifi: up', '唤醒 ok', 'a\rb'),
    message: fc.constantFrom('', 'up', 'ok', 'not in the text'),
    port: fc.constantFrom('COM7', 'COM8'),
    direction: fc.constantFrom('received' as const, 'sent' as const, 'notice' as const),
    atUs: fc.nat(90_000_000_000).map((us) => us as MonoUs),
    deviceMs: fc.nat(),
    deviceTime: fc.constant('12:30:01.5'),
  },
  { requiredKeys: ['text', 'message', 'port', 'direction', 'atUs'], noNullPrototype: true },
);
const rows = fc
  .array(row, { minLength: 1, maxLength: 20 })
  .map((list) => list.map(({ text, port, ...more }, index): BookRow => logRow(port, index, text, more)));

describe('the text of rows', () => {
  test('made from a block is that of the rows one by one, whichever of them are wanted', () => {
    const wallMs = Date.UTC(2026, 9, 25, 0, 30, 0, 250);
    fc.assert(
      fc.property(rows, style, fc.infiniteStream(fc.boolean()), (list, form, isWanted) => {
        const block = encodeBlock(list);
        const wanted = list.flatMap((_, index) => (isWanted.next().value === true ? [index] : []));
        const decoded = decodeBlock(block);
        const expected = wanted.map((index) => `${rowText(decoded[index] as BookRow, form, wallMs)}\n`).join('');
        expect(blockText({ ...block, utf8: Buffer.from(block.text) }, wanted, form, wallMs)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('rows of a stored log as text', () => {
  const plain = { hostTime: 'none', deviceTime: false, port: false, messageOnly: false } as const;
  const request = { style: plain, startedWallMs: 0, limitCharacters: 1000 };
  let bench: TestBench;
  let sessionId: string;

  beforeAll(async () => {
    bench = await openTestBench();
    sessionId = bench.recorder.ensureSession().id;
    for (const from of [0, 10, 30]) {
      recordRows(
        bench.recorder,
        Array.from({ length: 10 }, (_, index) => logRow('COM7', from + index, `row ${from + index}`)),
      );
      await bench.store.flush();
    }
    await bench.recorder.stop();
  });
  afterAll(() => bench.close());

  test('are read over the borders of blocks, up to one that could not be kept', async () => {
    const read = (seqs: number[]) => bench.store.read('log.lines', { ...request, sessionId, seqs });
    expect(await read([1, 9, 10, 39])).toEqual({ text: 'row 1\nrow 9\nrow 10\nrow 39\n', rows: 4 });
    expect(await read([19, 20, 30])).toEqual({ text: 'row 19\n', rows: 1 });
    expect(await read([25])).toEqual({ text: '', rows: 0 });
    expect(await read([40])).toEqual({ text: '', rows: 0 });
  });

  test('are not read on beyond what a text may hold', async () => {
    const limited = bench.store.read('log.lines', { ...request, sessionId, seqs: [0, 30, 31], limitCharacters: 5 });
    expect(await limited).toEqual({ text: 'row 0\n', rows: 1 });
  });

  test('of no session are an error', async () => {
    const unknown = bench.store.read('log.lines', { ...request, sessionId: 'nope', seqs: [0] });
    await expect(unknown).rejects.toMatchObject({ value: { code: 'session/not-found' } });
  });
});
