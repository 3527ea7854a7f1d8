/**
 * Puts the values at these ranks (from 0, ascending) where sorting would put them, smaller ones before and larger ones after; ranks
 * beyond the end are left out. Hoare's selection, each rank in what the rank before left over.
 */
export function placeRanks(values: Float64Array, ranks: readonly number[]): void {
  let from = 0;
  for (const rank of ranks) {
    if (rank < from || rank >= values.length) continue;
    placeRank(values, rank, from);
    from = rank + 1;
  }
}

function placeRank(values: Float64Array, rank: number, from: number): void {
  let low = from;
  let high = values.length - 1;
  while (low < high) {
    const pivot = middleOf(values[low] ?? 0, values[(low + high) >> 1] ?? 0, values[high] ?? 0);
    let left = low;
    let right = high;
    while (left <= right) {
      while ((values[left] ?? 0) < pivot) left++;
      while ((values[right] ?? 0) > pivot) right--;
      if (left > right) break;
      const moved = values[left] ?? 0;
      values[left++] = values[right] ?? 0;
      values[right--] = moved;
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else return;
  }
}

/** A recording's values often come in order already, where the first is the worst pivot. */
function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
