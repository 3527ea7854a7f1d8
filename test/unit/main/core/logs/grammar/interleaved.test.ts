import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseFile } from '../../../../../../main/core/logs/parser.ts';

const folder = join(import.meta.dirname, '../../../../../fixtures/logs');
const lines = [...new Set(readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split(/\r?\n/)))];
const alone = (line: string) => [...parseFile(Buffer.from(line))][0];

/** Lines that say by themselves whose they are. */
const telling = lines.flatMap((line) => {
  const row = alone(line);
  return row === undefined || row.grammar === 'plain' ? [] : [{ line, row }];
});

test('there are lines of every family to mix', () => {
  expect(new Set(telling.map(({ row }) => row.grammar)).size).toBeGreaterThanOrEqual(11);
});

test('families on one port do not take each other’s lines, whatever came before', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...telling), { minLength: 2, maxLength: 40 }), (mixed) => {
      const rows = [...parseFile(Buffer.from(mixed.map(({ line }) => line).join('\n')))];
      rows.forEach((row, index) => {
        const expected = mixed[index]?.row;
        expect([row.text, row.grammar, row.level, row.tag, row.deviceMs]).toEqual([
          expected?.text,
          expected?.grammar,
          expected?.level,
          expected?.tag,
          expected?.deviceMs,
        ]);
      });
    }),
    { numRuns: 500 },
  );
});
