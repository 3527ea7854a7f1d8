import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  endsOf,
  extendTo,
  isSelected,
  type LogSelection,
  move,
  nothingSelected,
  rebased,
  selectAll,
  selectedCount,
  selectOne,
  toggle,
} from '../../../../renderer/lib/log-selection.ts';

function indices(selection: LogSelection): number[] {
  return selection.ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index));
}

/** A view of these rows, as far as a selection asks. */
function viewOf(seqs: readonly number[]) {
  return {
    start: 0,
    length: seqs.length,
    row: (index: number) => (seqs[index] === undefined ? undefined : ({ seq: seqs[index] } as never)),
    locate: async (what: { seq: number } | { atUs: number }) => {
      const found = seqs.findIndex((seq) => 'seq' in what && seq >= what.seq);
      return { index: found < 0 ? seqs.length : found, seq: seqs[found] ?? null, atUs: null };
    },
  };
}

describe('log selection', () => {
  test('select all means every row of the log, not the visible ones', () => {
    expect(selectedCount(selectAll({ start: 0, length: 10_000_000 }))).toBe(10_000_000);
  });

  test('select all takes what was cleared away for gone', () => {
    expect(selectAll({ start: 90, length: 100 }).ranges).toEqual([[90, 99]]);
    expect(selectAll({ start: 100, length: 100 })).toBe(nothingSelected);
  });

  test('shift extends from the anchor in both directions', () => {
    expect(indices(extendTo(extendTo(selectOne(10), 14), 8))).toEqual([8, 9, 10]);
  });

  test('the keyboard stays within the rows that are shown', () => {
    const extent = { start: 5, length: 8 };
    expect(move(selectOne(7), extent, 5, false).focus).toBe(7);
    expect(move(selectOne(6), extent, -5, false).focus).toBe(5);
    expect(move(nothingSelected, extent, 1, false).focus).toBe(5);
    expect(move(nothingSelected, extent, -1, false).focus).toBe(7);
    expect(indices(move(selectOne(5), extent, 2, true))).toEqual([5, 6, 7]);
  });

  test('toggling behaves like a set', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 60 }), (rows) => {
        const model = new Set<number>();
        let selection = nothingSelected;
        for (const index of rows) {
          selection = toggle(selection, index);
          if (!model.delete(index)) model.add(index);
        }
        expect(indices(selection)).toEqual([...model].sort((a, b) => a - b));
        for (let index = 0; index <= 30; index++) expect(isSelected(selection, index)).toBe(model.has(index));
      }),
    );
  });
});

describe('a selection in another view', () => {
  const whole = viewOf(Array.from({ length: 100 }, (_, seq) => seq));
  const even = viewOf(Array.from({ length: 50 }, (_, index) => index * 2));

  test('is of the same rows, those that are shown', async () => {
    const selection = extendTo(selectOne(11), 21);
    const { selection: moved } = await rebased(selection, endsOf(selection, whole), even);
    expect(moved.ranges).toEqual([[6, 10]]); // 12 … 20
    expect(moved.focus).toBeNull();
  });

  test('comes back whole when the filter is taken off again', async () => {
    const selection = extendTo(selectOne(11), 21);
    const filtered = await rebased(selection, endsOf(selection, whole), even);
    const back = await rebased(filtered.selection, filtered.ends, whole);
    expect(back.selection.ranges).toEqual([[11, 21]]);
  });

  test('keeps the row the keyboard is on', async () => {
    const selection = selectOne(40);
    const { selection: moved } = await rebased(selection, endsOf(selection, whole), even);
    expect(moved).toEqual(selectOne(20));
  });

  test('is empty where none of its rows is shown', async () => {
    const selection = selectOne(41);
    const { selection: moved } = await rebased(selection, endsOf(selection, whole), even);
    expect(moved).toEqual(nothingSelected);
  });

  test('any range keeps exactly the rows both views show', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 30 }), fc.nat(59), fc.nat(59), async (shown, a, b) => {
        const seqs = shown.toSorted((x, y) => x - y);
        const selection = extendTo(selectOne(a), b);
        const { selection: moved } = await rebased(selection, endsOf(selection, whole), viewOf(seqs));
        const wanted = seqs.filter((seq) => seq >= Math.min(a, b) && seq <= Math.max(a, b));
        expect(indices(moved).map((index) => seqs[index])).toEqual(wanted);
      }),
    );
  });
});
