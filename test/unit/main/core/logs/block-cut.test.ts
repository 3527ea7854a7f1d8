import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBlock, encodeBlock, type LogBlock } from '../../../../../main/core/logs/block.ts';
import { cutBlock } from '../../../../../main/core/logs/block-cut.ts';
import type { BookRow } from '../../../../../main/core/logs/row.ts';
import { anyRow } from '../../../../fakes/log-rows.ts';
import { logRow } from '../../../../fakes/store.ts';

const countsOf = ({ firstSeq, rowCount, firstUs, lastUs, errorCount, warnCount, infoCount, ...names }: LogBlock) => ({
  ...{ firstSeq, rowCount, firstUs, lastUs, errorCount, warnCount, infoCount },
  ports: Object.fromEntries(names.ports.map((port, at) => [port, names.portRows[at]])),
  words: Object.fromEntries(names.words.map((each, at) => [each, names.labelRows[at]])),
});

test('the parts of a block are blocks of its rows, each as if it had been stored alone', () => {
  fc.assert(
    fc.property(fc.array(anyRow, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 9 }), fc.nat(60), (ideas, most, bytes) => {
      const rows = ideas.map(({ port, text, ...more }, at) => logRow(port, 7 + at, text, more as unknown as Partial<BookRow>));
      const block = encodeBlock(rows);
      const parts = [...cutBlock(block, { rows: most, bytes })];
      expect(parts.flatMap((part) => decodeBlock(part))).toEqual(decodeBlock(block));
      for (const part of parts) {
        const own = encodeBlock(rows.filter(({ seq }) => seq >= part.firstSeq && seq < part.firstSeq + part.rowCount));
        expect(countsOf(part)).toEqual(countsOf(own));
        expect(part.rowCount).toBeLessThanOrEqual(most);
        expect(part.rowCount === 1 || Buffer.byteLength(part.text) <= bytes).toBe(true);
      }
    }),
  );
});
