import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBlock, factsOf } from '../../../../../main/core/logs/block.ts';
import { joinBlocks } from '../../../../../main/core/logs/block-join.ts';
import type { BookRow } from '../../../../../main/core/logs/row.ts';
import { logRow } from '../../../../fakes/store.ts';

const word = fc.constantFrom('wifi', 'mqtt', 'main.c', 'panic');
const row = fc.record(
  {
    port: fc.constantFrom('COM7', 'COM8'),
    text: fc.constantFrom('', 'up', '唤醒 😀'),
    level: fc.constantFrom('error' as const, 'warn' as const, 'info' as const),
    tag: word,
    file: word,
    function: word,
    event: word,
    atUs: fc.nat(),
    deviceMs: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    deviceTime: fc.string(),
    continues: fc.constant(0),
    payload: fc.jsonValue(),
    colours: fc.constantFrom([[0, 1, 32]], [[0, 2, 31]]),
    offset: fc.nat(),
    isRepeat: fc.boolean(),
  },
  { requiredKeys: ['port', 'text'], noNullPrototype: true },
);

test('blocks put together are the block of all their rows', () => {
  fc.assert(
    fc.property(fc.array(fc.array(row, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }), (parts) => {
      let seq = 7;
      const rows = parts.map((part) =>
        part.map(({ port, text, ...more }) => logRow(port, seq++, text, more as unknown as Partial<BookRow>)),
      );
      const joined = joinBlocks(rows.map(encodeBlock));
      const whole = encodeBlock(rows.flat());
      expect({ ...joined, facts: factsOf(joined) }).toEqual({ ...whole, facts: factsOf(whole) });
    }),
  );
});
