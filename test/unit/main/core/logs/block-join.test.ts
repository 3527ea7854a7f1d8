import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBlock, factsOf } from '../../../../../main/core/logs/block.ts';
import { joinBlocks } from '../../../../../main/core/logs/block-join.ts';
import type { BookRow } from '../../../../../main/core/logs/row.ts';
import { anyRow } from '../../../../fakes/log-rows.ts';
import { logRow } from '../../../../fakes/store.ts';

test('blocks put together are the block of all their rows', () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyRow, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }), (parts) => {
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
