import { expect, test } from 'vitest';
import { csvCell } from '../../../../../../main/core/sessions/export/tables.ts';

// Where a list separator is a semicolon, a spreadsheet parts a cell there as well, and took the rest for a formula.
test.each([
  ['plain', '"plain"'],
  ['say "no"', '"say ""no"""'],
  ['=1+1', `"'=1+1"`],
  ['＝1+1', `"'＝1+1"`],
  ['\tx', `"'\tx"`],
  ['hi;=1+1', `"hi;'=1+1"`],
  ['x\t=1+1;+2', `"x\t'=1+1;'+2"`],
  ['a=1; b-2', '"a=1; b-2"'],
  ['', ''],
  [-5, '-5'],
  [null, ''],
])('the cell %j is written as %s', (cell, written) => {
  expect(csvCell(cell)).toBe(written);
});
