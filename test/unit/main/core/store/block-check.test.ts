import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBlock, encodeBlock } from '../../../../../main/core/logs/block.ts';
import { joinBlocks } from '../../../../../main/core/logs/block-join.ts';
import { checkedBlock } from '../../../../../main/core/store/block-check.ts';
import { createBlockFilter } from '../../../../../main/core/store/block-filter.ts';
import { type BlockRow, toBlockRow } from '../../../../../main/core/store/block-row.ts';
import { logRow as logRowSchema } from '../../../../../preload/contract/logs.ts';
import { logRow } from '../../../../fakes/store.ts';

const rows = Array.from({ length: 20 }, (_, index) =>
  logRow(index % 3 === 0 ? 'COM7' : 'COM8', 50 + index, `I (${index}) wifi: up ${index}`, {
    ...(index % 2 === 0 ? { level: 'warn' as const, tag: 'wifi', deviceMs: index * 700 } : { file: 'main.c', line: index }),
    ...(index % 5 === 0 ? { payload: { index }, deviceTime: '12:00', event: 'boot.rom', continues: 50 } : {}),
    message: 'up',
    colours: index === 7 ? [[0, 3, 31]] : [[0, `I (${index}) wifi: up ${index}`.length, 32]],
  }),
).map((row) => (row.continues === row.seq ? logRow(row.port, row.seq, row.text) : row));
const good = toBlockRow(encodeBlock(rows));

/** Everything that is ever done with a stored block, and what comes out is what the contract says rows are. */
function use(block: ReturnType<typeof checkedBlock>): void {
  const decoded = decodeBlock(block);
  expect(decoded).toHaveLength(block.rowCount);
  for (const row of decoded) expect(logRowSchema.safeParse(row).error).toBeUndefined();
  expect(decodeBlock(joinBlocks([block]))).toEqual(decoded);
  const stored = toBlockRow(block);
  createBlockFilter({ tags: ['wifi'], minimumLevel: 'info', events: [], ports: ['COM7'] }).judge(stored, stored, 0, block.rowCount);
}

describe('a block from elsewhere', () => {
  test('that is one of ours is as it was', () => {
    expect(toBlockRow(checkedBlock(good))).toEqual(good);
    use(checkedBlock(good));
  });

  test('has its counts counted again', () => {
    const boasting = { ...good, error_count: 7, first_us: -5, names: good.names.replace(/"portRows":\[[^\]]*\]/, '"portRows":[1e9]') };
    expect(toBlockRow(checkedBlock(boasting))).toEqual(good);
  });

  test('is refused, or harmless, whatever bytes are in its columns', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.columns.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
        const columns = new Uint8Array(good.columns);
        for (const [at, byte] of changes) columns[at] = byte;
        let block: ReturnType<typeof checkedBlock>;
        try {
          block = checkedBlock({ ...good, columns });
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          refused++;
          return;
        }
        use(block);
      }),
      { numRuns: 2000 },
    );
    expect(refused).toBeGreaterThan(200);
  });

  test('may have a fact as long as any', () => {
    const message = `"${'\\'.repeat(6e6)}`;
    const long = toBlockRow(encodeBlock([logRow('COM7', 0, 'long', { message })]));
    expect(decodeBlock(checkedBlock(long))[0]?.message).toBe(message);
  });

  test.each<[string, Partial<BlockRow>]>([
    // Passed by being refused at all: looking for the string's end again and again would take days.
    ['a string without an end', { facts: `"${'\\"'.repeat(4e6)}` }],
    // Columns of equal numbers are as long in a file as one of them.
    ['more rows than memory has room for', { ...toBlockRow(encodeBlock([logRow('COM7', 0, '')])), row_count: 1e5, text: '\n'.repeat(1e5) }],
    ['a colour before the text', { facts: '{"colours":{"rows":[1],"values":[[[-1,3,31]]]}}' }],
    ['a word that is none', { names: good.names.replace('"wifi"', '7') }],
    ['facts of rows that are not there', { facts: '{"payload":{"rows":[20],"values":[1]}}' }],
    ['facts of a fraction of a row', { facts: '{"payload":{"rows":[0.5],"values":[1]}}' }],
    ['fewer values than rows', { facts: '{"payload":{"rows":[1,2],"values":[1]}}' }],
    ['facts that are none of ours', { facts: '{"text":{"rows":[1],"values":["x"]}}' }],
    ['a value that nests without end', { facts: `{"payload":{"rows":[1],"values":[${'[['.repeat(100)}${']]'.repeat(100)}]}}` }],
    ['a line too many', { text: `${good.text}\n` }],
    ['a line too few', { text: good.text.replace('\n', '') }],
    ['seqs beyond what can be counted', { first_seq: 2 ** 32 }],
  ])('with %s is refused', (_name, change) => {
    expect(() => checkedBlock({ ...good, ...change })).toThrow();
  });
});
