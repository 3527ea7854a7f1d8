/** One step of an alignment: what stands for what; null on the side where nothing does. */
export interface Step {
  a: number | null;
  b: number | null;
}

/** Beyond so many pairs both sides are cut in proportion and the pieces aligned by themselves: near the best, no longer it. */
const MOST_PAIRS = 16_000_000;

/**
 * The cheapest alignment in order of n things with m others (Needleman and Wunsch): `pairCost` to let two stand for each other,
 * infinite where they must not, `gapCost` for each that stands alone. Of equal ones that which pairs first.
 */
export function align(n: number, m: number, pairCost: (a: number, b: number) => number, gapCost: number): Step[] {
  return alignPiece({ fromA: 0, toA: n, fromB: 0, toB: m }, pairCost, gapCost);
}

interface Piece {
  fromA: number;
  toA: number;
  fromB: number;
  toB: number;
}

function alignPiece({ fromA, toA, fromB, toB }: Piece, pairCost: (a: number, b: number) => number, gapCost: number): Step[] {
  const [n, m] = [toA - fromA, toB - fromB];
  if (n > 1 && m > 1 && n * m > MOST_PAIRS) {
    const [middleA, middleB] = [fromA + (n >> 1), fromB + (m >> 1)];
    const first = alignPiece({ fromA, toA: middleA, fromB, toB: middleB }, pairCost, gapCost);
    return first.concat(alignPiece({ fromA: middleA, toA, fromB: middleB, toB }, pairCost, gapCost));
  }
  const width = m + 1;
  const PAIR = 1;
  const ONLY_A = 2;
  const ONLY_B = 3;
  const came = new Uint8Array((n + 1) * width);
  let above = Float64Array.from({ length: width }, (_, j) => j * gapCost);
  came.fill(ONLY_B, 1, width);
  for (let i = 1; i <= n; i++) {
    const row = new Float64Array(width);
    row[0] = i * gapCost;
    came[i * width] = ONLY_A;
    for (let j = 1; j <= m; j++) {
      const paired = (above[j - 1] ?? 0) + pairCost(fromA + i - 1, fromB + j - 1);
      const onlyA = (above[j] ?? 0) + gapCost;
      const onlyB = (row[j - 1] ?? 0) + gapCost;
      const best = Math.min(paired, onlyA, onlyB);
      row[j] = best;
      came[i * width + j] = best === paired ? PAIR : best === onlyA ? ONLY_A : ONLY_B;
    }
    above = row;
  }
  const steps: Step[] = [];
  for (let i = n, j = m; i > 0 || j > 0; ) {
    const from = came[i * width + j];
    const isA = from !== ONLY_B;
    const isB = from !== ONLY_A;
    steps.push({ a: isA ? fromA + --i : null, b: isB ? fromB + --j : null });
  }
  return steps.reverse();
}
