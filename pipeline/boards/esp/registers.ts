/** eFuse block 1 (MAC, version) and the flash's SPI controller, of the ESP32-S3's register map. */
const EFUSE_BLOCK1 = 0x60007044;
const SPI1 = 0x60002000;
const SPI = { command: SPI1, user: SPI1 + 0x18, user2: SPI1 + 0x20, misoBits: SPI1 + 0x28, word0: SPI1 + 0x58 } as const;
const SPI_COMMAND_USER = 1 << 18;
const READ_JEDEC_ID = 0x9f;
const READ_STATUS = 0x05;
/** ROM variable: which port the loader speaks on. 0 is UART0. */
const UART_IN_USE = 0x3fcef14c;
/** A ROM word by which older loaders tell chips apart. */
const CHIP_MAGIC = { address: 0x40001000, value: 0x9 } as const;
const UART_CLOCK_DIVIDER = 0x60000014;

/** GigaDevice GD25Q64: what an ESP32-S3-WROOM-1-N8 carries. */
const JEDEC_MANUFACTURER = 0xc8;
const JEDEC_TYPE = 0x40;

export interface RegisterOptions {
  /** Six bytes. */
  mac: Uint8Array;
  flashBytes: number;
  /** An unattached flash answers nothing. */
  isFlashAttached: () => boolean;
}

/** What READ_REG and WRITE_REG reach. Anything not modelled is plain memory that reads zero until written. */
export class Registers {
  readonly #values = new Map<number, number>();
  readonly #options: RegisterOptions;

  constructor(options: RegisterOptions) {
    this.#options = options;
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = options.mac;
    this.#values.set(EFUSE_BLOCK1, ((c << 24) | (d << 16) | (e << 8) | f) >>> 0);
    this.#values.set(EFUSE_BLOCK1 + 4, (a << 8) | b);
    // Silicon v0.2, package QFN56, as esptool names "ESP32-S3 (QFN56) (revision v0.2)": minor version in bits 18..20.
    this.#values.set(EFUSE_BLOCK1 + 12, 2 << 18);
    this.#values.set(UART_IN_USE, 0);
    this.#values.set(CHIP_MAGIC.address, CHIP_MAGIC.value);
    // 40 MHz crystal at 115200 baud.
    this.#values.set(UART_CLOCK_DIVIDER, Math.round(40_000_000 / 115200));
  }

  read(address: number): number {
    return this.#values.get(address) ?? 0;
  }

  write(address: number, value: number, mask = 0xffffffff): void {
    const kept = this.read(address) & ~mask;
    this.#values.set(address, (kept | (value & mask)) >>> 0);
    if (address === SPI.command && (value & SPI_COMMAND_USER) !== 0) this.#runSpiCommand();
  }

  #runSpiCommand(): void {
    const opcode = this.read(SPI.user2) & 0xff;
    const bits = this.read(SPI.misoBits) + 1;
    const reply = this.#options.isFlashAttached() ? this.#flashReply(opcode) : 0;
    this.#values.set(SPI.word0, bits >= 32 ? reply >>> 0 : reply & (2 ** bits - 1));
    this.#values.set(SPI.command, 0); // clears itself when done
  }

  #flashReply(opcode: number): number {
    if (opcode === READ_JEDEC_ID) return JEDEC_MANUFACTURER | (JEDEC_TYPE << 8) | (Math.log2(this.#options.flashBytes) << 16);
    if (opcode === READ_STATUS) return 0;
    return 0xffffffff; // MISO idles high: a command this flash does not know
  }
}
