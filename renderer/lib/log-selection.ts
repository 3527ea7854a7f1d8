import type { LogView } from './log-view.ts';

/**
 * Which rows are selected, by their numbers: never by what is on the screen. Ranges are inclusive, ascending and apart.
 * Copying what is visible instead is the best known bug of serial monitors.
 */
export interface LogSelection {
  readonly ranges: readonly (readonly [number, number])[];
  /** Where a range begins that Shift extends, and the row the keyboard is on. */
  readonly anchor: number | null;
  readonly focus: number | null;
}

export const nothingSelected: LogSelection = { ranges: [], anchor: null, focus: null };

function normalised(ranges: readonly (readonly [number, number])[]): [number, number][] {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

export function isSelected(selection: LogSelection, seq: number): boolean {
  return selection.ranges.some(([from, to]) => seq >= from && seq <= to);
}

export function selectOne(seq: number): LogSelection {
  return { ranges: [[seq, seq]], anchor: seq, focus: seq };
}

/** From the anchor to `seq`, both included; what else was selected is not. */
export function extendTo(selection: LogSelection, seq: number): LogSelection {
  const anchor = selection.anchor ?? seq;
  return { ranges: [[Math.min(anchor, seq), Math.max(anchor, seq)]], anchor, focus: seq };
}

export function toggle(selection: LogSelection, seq: number): LogSelection {
  const ranges = isSelected(selection, seq)
    ? selection.ranges.flatMap(([from, to]): [number, number][] =>
        seq < from || seq > to
          ? [[from, to]]
          : (
              [
                [from, seq - 1],
                [seq + 1, to],
              ] as [number, number][]
            ).filter(([a, b]) => a <= b),
      )
    : normalised([...selection.ranges, [seq, seq]]);
  return { ranges, anchor: seq, focus: seq };
}

/** Every row of the view as it is now; rows that come later are not in it. */
export function selectAll(view: LogView): LogSelection {
  if (view.length === 0) return nothingSelected;
  const [first, last] = [view.seqAt(0), view.seqAt(view.length - 1)];
  return { ranges: [[first, last]], anchor: first, focus: last };
}

/** The selected rows that the view shows, in order. */
export function selectedSeqs(selection: LogSelection, view: LogView): number[] {
  const seqs: number[] = [];
  for (const [from, to] of selection.ranges)
    for (let index = view.indexOf(from); index < view.length; index++) {
      const seq = view.seqAt(index);
      if (seq > to) break;
      seqs.push(seq);
    }
  return seqs;
}

/** Moves the focus by `rows` within the view. */
export function move(selection: LogSelection, view: LogView, rows: number, isExtending: boolean): LogSelection {
  if (view.length === 0) return selection;
  const index = selection.focus === null ? (rows > 0 ? -1 : view.length) : view.indexOf(selection.focus);
  const seq = view.seqAt(Math.min(Math.max(0, index + rows), view.length - 1));
  return isExtending ? extendTo(selection, seq) : selectOne(seq);
}
