type Column = Float64Array | Float32Array;

const FAN = 16;

/**
 * Least and greatest of stretches of a column that grows: kept for every 16 numbers, every 256 and so on, so that a stretch of a million
 * is known from some fifty of them, and exactly.
 */
export class Extremes {
  readonly #levels: { least: number[]; greatest: number[] }[] = [];
  /** Of the stretch last asked for. */
  least = Number.NaN;
  greatest = Number.NaN;

  /** What was kept from a place on holds no longer. */
  cut(from: number): void {
    let size = FAN;
    for (const { least, greatest } of this.#levels) {
      const kept = Math.floor(from / size);
      if (kept < least.length) least.length = greatest.length = kept;
      size *= FAN;
    }
  }

  /** Of [from, to), into `least` and `greatest`; NaN where that is empty. */
  look(column: Column, length: number, from: number, to: number): void {
    this.#grow(column, length);
    let least = Number.POSITIVE_INFINITY;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; ) {
      let size = 1;
      let low = column[i] as number;
      let high = low;
      for (const level of this.#levels) {
        const next = size * FAN;
        if (i % next !== 0 || i + next > to || i / next >= level.least.length) break;
        size = next;
        low = level.least[i / next] as number;
        high = level.greatest[i / next] as number;
      }
      if (low < least) least = low;
      if (high > greatest) greatest = high;
      i += size;
    }
    this.least = to > from ? least : Number.NaN;
    this.greatest = to > from ? greatest : Number.NaN;
  }

  /** The first place in [from, to) whose number is `value` or more; `to` where none is. */
  next(column: Column, length: number, from: number, to: number, value: number): number {
    this.#grow(column, length);
    let i = from;
    while (i < to && (column[i] as number) < value) {
      let size = 1;
      for (const { greatest } of this.#levels) {
        const next = size * FAN;
        if (i % next !== 0 || i / next >= greatest.length || (greatest[i / next] as number) >= value) break;
        size = next;
      }
      i += size;
    }
    return Math.min(i, to);
  }

  #grow(column: Column, length: number): void {
    let [low, high, count]: [ArrayLike<number>, ArrayLike<number>, number] = [column, column, length];
    for (let depth = 0; count >= FAN; depth++) {
      const level = this.#levels[depth] ?? { least: [], greatest: [] };
      this.#levels[depth] = level;
      count = Math.floor(count / FAN);
      for (let block = level.least.length; block < count; block++) {
        let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
        for (let i = block * FAN; i < (block + 1) * FAN; i++) {
          least = Math.min(least, low[i] as number);
          greatest = Math.max(greatest, high[i] as number);
        }
        level.least.push(least);
        level.greatest.push(greatest);
      }
      [low, high] = [level.least, level.greatest];
    }
  }
}
