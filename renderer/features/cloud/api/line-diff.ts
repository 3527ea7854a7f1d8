/** Two texts side by side, line by line: what only one of them has stands alone, what both have in another wording stands together. */
export interface DiffRow {
  left: string | null;
  right: string | null;
  differs: boolean;
}

export function lineDiff(left: string, right: string): DiffRow[] {
  const [a, b] = [left.split('\n'), right.split('\n')];
  const rows: DiffRow[] = [];
  let gap = { left: [] as string[], right: [] as string[] };
  const closeGap = (): void => {
    for (let index = 0; index < Math.max(gap.left.length, gap.right.length); index++)
      rows.push({ left: gap.left[index] ?? null, right: gap.right[index] ?? null, differs: true });
    gap = { left: [], right: [] };
  };
  const common = commonLengths(a, b);
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const [one, other] = [a[i], b[j]];
    if (one !== undefined && one === other) {
      closeGap();
      rows.push({ left: one, right: other, differs: false });
      i++;
      j++;
    } else if (other === undefined || (one !== undefined && at(i + 1, j) >= at(i, j + 1))) {
      gap.left.push(one ?? '');
      i++;
    } else {
      gap.right.push(other);
      j++;
    }
  }
  closeGap();
  return rows;
}

/** At [i][j] how many lines the two have in common from there on, in order. */
function commonLengths(a: readonly string[], b: readonly string[]): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const [row, next] = [table[i] as number[], table[i + 1] as number[]];
      row[j] = a[i] === b[j] ? (next[j + 1] ?? 0) + 1 : Math.max(next[j] ?? 0, row[j + 1] ?? 0);
    }
  return table;
}

/** A line as its same beginning, what differs, and its same end. */
export function differingPart(line: string, other: string): [string, string, string] {
  let begin = 0;
  while (begin < line.length && begin < other.length && line[begin] === other[begin]) begin++;
  let end = 0;
  while (end < line.length - begin && end < other.length - begin && line.at(-1 - end) === other.at(-1 - end)) end++;
  return [line.slice(0, begin), line.slice(begin, line.length - end), line.slice(line.length - end)];
}
