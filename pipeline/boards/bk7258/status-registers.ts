const READ_LOW = 0x05;
const READ_HIGH = 0x35;
const WRITE = 0x01;
const WRITE_HIGH = 0x31;
/** BP0..BP4 and CMP. */
const PROTECTION = 0x407c;
/** It is writing them; somebody has allowed it. */
const BUSY = 0x03;
/** Three of the protection bits, and quad enable, without which a chip may not start. */
const AS_MADE = 0x021c;
/** GD25WQ64E, of a BK7258 with 8 MB. */
const WRITTEN_APART = 0x1765c8;

/**
 * together: both in one request, which with one byte clears the other register · apart: each in its own, and one with two bytes is not
 * carried out.
 */
export type StatusWrites = 'together' | 'apart';

/** The two status registers of a NOR flash, which keep their values without power. They leave the factory protected. */
export class StatusRegisters {
  /** Manufacturer, type and capacity, 0xCCTTMM. */
  readonly id: number;
  readonly #writes: StatusWrites;
  #value = AS_MADE;
  /** Looks at the low one while it is written. */
  #busyReads = 0;

  constructor(id: number, writes: StatusWrites = id === WRITTEN_APART ? 'apart' : 'together') {
    this.id = id;
    this.#writes = writes;
  }

  get value(): number {
    return this.#value;
  }

  get isProtected(): boolean {
    return (this.#value & PROTECTION) !== 0;
  }

  read(command: number): number {
    if (command === READ_LOW) return (this.#value & 0xff) | (this.#busyReads-- > 0 ? BUSY : 0);
    return command === READ_HIGH ? this.#value >> 8 : 0xff;
  }

  write(command: number, [first = 0, second]: Uint8Array): void {
    const isApart = this.#writes === 'apart';
    if (command === WRITE_HIGH && isApart) this.#value = (this.#value & 0xff) | (first << 8);
    else if (command === WRITE && isApart && second === undefined) this.#value = (this.#value & 0xff00) | first;
    else if (command === WRITE && !isApart) this.#value = first | ((second ?? 0) << 8);
    else return;
    this.#busyReads = 1;
  }
}
