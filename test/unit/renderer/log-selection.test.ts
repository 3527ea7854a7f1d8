import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  extendTo,
  isSelected,
  move,
  nothingSelected,
  selectAll,
  selectedSeqs,
  selectOne,
  toggle,
} from '../../../renderer/lib/log-selection.ts';
import { filteredView, wholeView } from '../../../renderer/lib/log-view.ts';

describe('log selection', () => {
  test('select all means every row of the log, not the visible ones', () => {
    const view = wholeView(100_000);
    const seqs = selectedSeqs(selectAll(view), view);
    expect([seqs.length, seqs[0], seqs.at(-1)]).toEqual([100_000, 0, 99_999]);
  });

  test('rows that arrive after select all are not selected', () => {
    const selection = selectAll(wholeView(10));
    expect(selectedSeqs(selection, wholeView(12))).toHaveLength(10);
  });

  test('a range over a filtered view copies only what the filter shows', () => {
    const view = filteredView([3, 8, 21, 40]);
    expect(selectedSeqs(extendTo(selectOne(8), 40), view)).toEqual([8, 21, 40]);
  });

  test('shift extends from the anchor in both directions', () => {
    const view = wholeView(20);
    expect(selectedSeqs(extendTo(extendTo(selectOne(10), 14), 8), view)).toEqual([8, 9, 10]);
  });

  test('the keyboard moves over rows the filter leaves out', () => {
    const view = filteredView([3, 8, 21]);
    expect(move(selectOne(8), view, 1, false).focus).toBe(21);
    expect(move(selectOne(21), view, 5, false).focus).toBe(21);
    expect(move(nothingSelected, view, 1, false).focus).toBe(3);
    expect(selectedSeqs(move(selectOne(3), view, 2, true), view)).toEqual([3, 8, 21]);
  });

  test('toggling behaves like a set', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 60 }), (seqs) => {
        const model = new Set<number>();
        let selection = nothingSelected;
        for (const seq of seqs) {
          selection = toggle(selection, seq);
          if (!model.delete(seq)) model.add(seq);
        }
        expect(selectedSeqs(selection, wholeView(31))).toEqual([...model].sort((a, b) => a - b));
        for (let seq = 0; seq <= 30; seq++) expect(isSelected(selection, seq)).toBe(model.has(seq));
      }),
    );
  });
});
