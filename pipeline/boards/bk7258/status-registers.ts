const READ_LOW = 0x05;
const READ_HIGH = 0x35;
const WRITE = 0x01;
/** BP0..BP4 and CMP. */
const PROTECTION = 0x407c;

/** The two status registers of a NOR flash, which keep their values without power. They leave the factory protected. */
export class StatusRegisters {
  /** Manufacturer, type and capacity, 0xCCTTMM. */
  readonly id: number;
  #value: number;

  constructor(id: number, value = 0x003c) {
    this.id = id;
    this.#value = value;
  }

  get value(): number {
    return this.#value;
  }

  get isProtected(): boolean {
    return (this.#value & PROTECTION) !== 0;
  }

  read(command: number): number {
    if (command === READ_LOW) return this.#value & 0xff;
    return command === READ_HIGH ? this.#value >> 8 : 0xff;
  }

  /** One byte clears the other register, as real ones do. */
  write(command: number, bytes: Uint8Array): void {
    if (command === WRITE) this.#value = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  }
}
