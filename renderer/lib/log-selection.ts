import type { IndexRange, LogView } from './log-view.ts';

/**
 * Which rows are selected, by their index in the view: never by what is on the screen. Ranges are inclusive, ascending and apart.
 * Copying what is visible instead is the best known bug of serial monitors.
 */
export interface LogSelection {
  readonly ranges: readonly IndexRange[];
  /** Where a range begins that Shift extends, and the row the keyboard is on. */
  readonly anchor: number | null;
  readonly focus: number | null;
}

/** What of a view selecting needs: the rows shown are [start, length). */
export type Extent = Pick<LogView, 'start' | 'length'>;

export const nothingSelected: LogSelection = { ranges: [], anchor: null, focus: null };

function normalised(ranges: readonly IndexRange[]): IndexRange[] {
  const merged: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

export function isSelected(selection: LogSelection, index: number): boolean {
  return selection.ranges.some(([from, to]) => index >= from && index <= to);
}

export function selectedCount(selection: LogSelection): number {
  return selection.ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
}

export function selectOne(index: number): LogSelection {
  return { ranges: [[index, index]], anchor: index, focus: index };
}

/** From the anchor to `index`, both included; what else was selected is not. */
export function extendTo(selection: LogSelection, index: number): LogSelection {
  const anchor = selection.anchor ?? index;
  return { ranges: [[Math.min(anchor, index), Math.max(anchor, index)]], anchor, focus: index };
}

export function toggle(selection: LogSelection, index: number): LogSelection {
  const without = ([from, to]: IndexRange): IndexRange[] =>
    index < from || index > to
      ? [[from, to]]
      : (
          [
            [from, index - 1],
            [index + 1, to],
          ] satisfies IndexRange[]
        ).filter(([first, last]) => first <= last);
  const ranges = isSelected(selection, index) ? selection.ranges.flatMap(without) : normalised([...selection.ranges, [index, index]]);
  return { ranges, anchor: index, focus: index };
}

/** Every row of the view as it is now; rows that come later are not in it. The keyboard stays where it was. */
export function selectAll({ start, length }: Extent, { focus }: LogSelection = nothingSelected): LogSelection {
  return length <= start ? nothingSelected : { ranges: [[start, length - 1]], anchor: start, focus: focus ?? length - 1 };
}

/** Moves the focus by `rows` within the view. */
export function move(selection: LogSelection, { start, length }: Extent, rows: number, isExtending: boolean): LogSelection {
  if (length <= start) return selection;
  const from = selection.focus ?? (rows > 0 ? start - 1 : length);
  const index = Math.min(Math.max(start, from + rows), length - 1);
  return isExtending ? extendTo(selection, index) : selectOne(index);
}

/** Beyond so many ranges a selection does not follow into another view; nobody clicks that often. */
const followedRanges = 50;

/** The seqs of a selection's ends, as far as the view has those rows: what it can be found by in another view. */
export function endsOf({ ranges, anchor, focus }: LogSelection, view: Pick<LogView, 'row'>): ReadonlyMap<number, number> {
  const ends = [...ranges.slice(0, followedRanges).flat(), anchor, focus].filter((index) => index !== null);
  return new Map(
    ends.flatMap((index): [number, number][] => {
      const seq = view.row(index)?.seq;
      return seq === undefined ? [] : [[index, seq]];
    }),
  );
}

/**
 * The same rows in another view of the same log, those it shows of them. `ends` are of `endsOf`; a range whose ends are not known is
 * no longer selected. The ends that come back are still those of before: a filter taken off again gives back what it hid. Rejects
 * with a TalkError.
 */
export async function rebased(
  selection: LogSelection,
  ends: ReadonlyMap<number, number>,
  view: Pick<LogView, 'locate'>,
): Promise<{ selection: LogSelection; ends: ReadonlyMap<number, number> }> {
  const places = new Map(
    await Promise.all(
      [...ends].map(async ([index, seq]) => {
        const place = await view.locate({ seq });
        return [index, { index: place.index, isExact: place.seq === seq, seq }] as const;
      }),
    ),
  );
  const moved = new Map<number, number>();
  const exact = (index: number | null): number | null => {
    const place = index === null ? undefined : places.get(index);
    if (place?.isExact !== true) return null;
    moved.set(place.index, place.seq);
    return place.index;
  };
  const ranges = selection.ranges.flatMap(([from, to]): IndexRange[] => {
    const [first, last] = [places.get(from), places.get(to)];
    if (first === undefined || last === undefined) return [];
    const lastIndex = last.isExact ? last.index : last.index - 1;
    if (first.index > lastIndex) return [];
    moved.set(first.index, first.seq).set(lastIndex, last.seq);
    return [[first.index, lastIndex]];
  });
  return { selection: { ranges: normalised(ranges), anchor: exact(selection.anchor), focus: exact(selection.focus) }, ends: moved };
}
