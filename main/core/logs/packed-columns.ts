/**
 * Columns of numbers, each in as few bytes as its numbers need. Layout, little-endian: the columns' bases (float64 each); one byte a
 * column, its width (0, 1, 2, 4, 8) and whether it may be absent (16), padded to a multiple of 8; then each column, at a multiple of
 * its width. A number is the base plus what is stored; where absence is possible, stored 0 is absent and 1 is the base. Width 8 is
 * the number itself, absence NaN. Width 0 is a column of equal numbers.
 */
export type PackedColumns = Uint8Array<ArrayBuffer>;

const OPTIONAL = 16;
const WIDTH = 15;
const LARGEST = { 0: 0, 1: 0xff, 2: 0xffff, 4: 0xffff_ffff } as const;

/** Packs columns of the same length; NaN is absent. */
export function packColumns(columns: readonly Float64Array[]): PackedColumns {
  const plans = columns.map(planOf);
  const rowCount = columns[0]?.length ?? 0;
  const packed = new Uint8Array(sizeOf(plans, rowCount));
  const header = new DataView(packed.buffer);
  let at = headerBytes(columns.length);
  for (const [index, column] of columns.entries()) {
    const { base, width, isOptional } = plans[index] ?? planOf(column);
    header.setFloat64(index * 8, base, true);
    header.setUint8(columns.length * 8 + index, width | (isOptional ? OPTIONAL : 0));
    at = aligned(at, width);
    fill(column, viewOf(packed.buffer, at, width, rowCount), width === 8 ? 0 : base - Number(isOptional));
    at += width * rowCount;
  }
  return packed;
}

/** Columns that can be read. Throws RangeError when `packed` is not `count` columns of `rowCount` numbers. */
export class ColumnReader {
  readonly #packed: Uint8Array<ArrayBuffer>;
  readonly #rowCount: number;
  readonly #plans: (Plan & { at: number })[];

  constructor(packed: Uint8Array, count: number, rowCount: number) {
    // Views of 2, 4 and 8 bytes must begin at such a place of their buffer.
    const isAligned = packed.buffer instanceof ArrayBuffer && packed.byteOffset % 8 === 0;
    this.#packed = isAligned ? (packed as Uint8Array<ArrayBuffer>) : new Uint8Array(packed);
    this.#rowCount = rowCount;
    if (packed.byteLength < headerBytes(count)) throw new RangeError('packed columns cut off');
    const header = new DataView(this.#packed.buffer, this.#packed.byteOffset);
    let at = headerBytes(count);
    this.#plans = Array.from({ length: count }, (_, index) => {
      const code = header.getUint8(count * 8 + index);
      const width = code & WIDTH;
      if (width !== 0 && width !== 1 && width !== 2 && width !== 4 && width !== 8) throw new RangeError(`a column ${width} bytes wide`);
      at = aligned(at, width);
      const plan = { base: header.getFloat64(index * 8, true), width, isOptional: (code & OPTIONAL) !== 0, at } as const;
      at += width * rowCount;
      return plan;
    });
    if (packed.byteLength !== at) throw new RangeError('packed columns of another length');
  }

  /** The numbers `from` … before `to` of a column; NaN is absent. */
  read(index: number, from = 0, to = this.#rowCount): Float64Array {
    const numbers = new Float64Array(to - from);
    const plan = this.#plans[index];
    if (plan === undefined) throw new RangeError(`no column ${index}`);
    const { base, width, isOptional, at } = plan;
    if (width === 0) return numbers.fill(base);
    const stored = viewOf(this.#packed.buffer, this.#packed.byteOffset + at, width, this.#rowCount);
    if (width === 8) numbers.set((stored as Float64Array).subarray(from, to));
    else unfill(stored, from, numbers, isOptional ? base - 1 : base, isOptional);
    return numbers;
  }
}

interface Plan {
  base: number;
  width: 0 | 1 | 2 | 4 | 8;
  isOptional: boolean;
}

function planOf(column: Float64Array): Plan {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  let absent = 0;
  let areIntegers = true;
  for (let i = 0; i < column.length; i++) {
    const value = column[i] ?? 0;
    if (Number.isNaN(value)) {
      absent++;
      continue;
    }
    if (value < least) least = value;
    if (value > greatest) greatest = value;
    if (!Number.isSafeInteger(value)) areIntegers = false;
  }
  if (absent === column.length) return { base: Number.NaN, width: 0, isOptional: false };
  const isOptional = absent > 0;
  if (!isOptional && least === greatest) return { base: least, width: 0, isOptional };
  const span = greatest - least + Number(isOptional);
  if (!areIntegers || span > LARGEST[4]) return { base: 0, width: 8, isOptional };
  return { base: least, width: span <= LARGEST[1] ? 1 : span <= LARGEST[2] ? 2 : 4, isOptional };
}

/** Apart, so that each runs over one kind of array. Absent numbers become 0, as typed arrays store NaN. */
function fill(column: Float64Array, into: Stored, base: number): void {
  if (into.length === 0) return;
  if (into instanceof Float64Array) into.set(column);
  else if (into instanceof Uint8Array) for (let i = 0; i < column.length; i++) into[i] = (column[i] ?? 0) - base;
  else if (into instanceof Uint16Array) for (let i = 0; i < column.length; i++) into[i] = (column[i] ?? 0) - base;
  else for (let i = 0; i < column.length; i++) into[i] = (column[i] ?? 0) - base;
}

function unfill(stored: Stored, from: number, into: Float64Array, base: number, isOptional: boolean): void {
  if (stored instanceof Uint8Array) for (let i = 0; i < into.length; i++) into[i] = (stored[from + i] ?? 0) + base;
  else if (stored instanceof Uint16Array) for (let i = 0; i < into.length; i++) into[i] = (stored[from + i] ?? 0) + base;
  else for (let i = 0; i < into.length; i++) into[i] = (stored[from + i] ?? 0) + base;
  if (isOptional) for (let i = 0; i < into.length; i++) if (stored[from + i] === 0) into[i] = Number.NaN;
}

type Stored = Uint8Array | Uint16Array | Uint32Array | Float64Array;

function viewOf(buffer: ArrayBuffer, at: number, width: Plan['width'], length: number): Stored {
  if (width === 8) return new Float64Array(buffer, at, length);
  if (width === 4) return new Uint32Array(buffer, at, length);
  if (width === 2) return new Uint16Array(buffer, at, length);
  return new Uint8Array(buffer, at, width === 0 ? 0 : length);
}

function headerBytes(count: number): number {
  return aligned(count * 9, 8);
}

function aligned(at: number, width: number): number {
  return width < 2 ? at : Math.ceil(at / width) * width;
}

function sizeOf(plans: readonly Plan[], rowCount: number): number {
  return plans.reduce((at, { width }) => aligned(at, width) + width * rowCount, headerBytes(plans.length));
}
