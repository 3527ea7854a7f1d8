import type { TimelineSeries } from '../../../preload/contract/timeline.ts';

const FIRST_CAPACITY = 64;

/** A series of a timeline as it is put together, in columns that double when they are full. */
export class GrowingSeries {
  readonly #what: Pick<TimelineSeries, 'lane' | 'tone' | 'form' | 'port'>;
  #length = 0;
  #from = new Float64Array(FIRST_CAPACITY);
  /** Where spans end, how high levels are. */
  #to: Float64Array<ArrayBuffer>;
  #ids = new Uint32Array(FIRST_CAPACITY);
  #isInOrder = true;

  constructor(what: Pick<TimelineSeries, 'lane' | 'tone' | 'form' | 'port'>) {
    this.#what = what;
    this.#to = new Float64Array(what.form === 'marks' ? 0 : FIRST_CAPACITY);
  }

  push(from: number, to: number, id: number): void {
    const at = this.#length++;
    if (at === this.#from.length) this.#grow();
    if (at > 0 && from < (this.#from[at - 1] as number)) this.#isInOrder = false;
    this.#from[at] = from;
    if (this.#what.form !== 'marks') this.#to[at] = to;
    this.#ids[at] = id;
  }

  /** In order of time. */
  told(): TimelineSeries {
    const { form } = this.#what;
    let from = this.#from.subarray(0, this.#length);
    let to = this.#to.subarray(0, this.#length);
    let ids = this.#ids.subarray(0, this.#length);
    if (!this.#isInOrder) {
      // Speech is known of after it has begun, and a span when it ends.
      const times = from;
      const order = Uint32Array.from(from.keys()).sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
      from = picked(from, order, new Float64Array(order.length));
      if (form !== 'marks') to = picked(to, order, new Float64Array(order.length));
      ids = picked(ids, order, new Uint32Array(order.length));
    }
    return {
      ...this.#what,
      fromUs: bytesOf(from),
      ...(form === 'spans' ? { toUs: bytesOf(to) } : {}),
      ...(form === 'levels' ? { values: bytesOf(Float32Array.from(to)) } : {}),
      ids: bytesOf(ids),
    };
  }

  #grow(): void {
    const capacity = this.#from.length * 2;
    this.#from = into(new Float64Array(capacity), this.#from);
    if (this.#what.form !== 'marks') this.#to = into(new Float64Array(capacity), this.#to);
    this.#ids = into(new Uint32Array(capacity), this.#ids);
  }
}

type Numbers = Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

function into<Column extends Numbers>(larger: Column, column: Column): Column {
  larger.set(column);
  return larger;
}

function picked<Column extends Numbers>(column: Column, order: Uint32Array, result: Column): Column {
  for (let i = 0; i < order.length; i++) result[i] = column[order[i] as number] as number;
  return result;
}

/** A copy as bytes. Every machine this runs on is little-endian, as the contract's columns are. */
export function bytesOf(numbers: Float64Array | Float32Array | Uint32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(numbers.slice().buffer);
}
