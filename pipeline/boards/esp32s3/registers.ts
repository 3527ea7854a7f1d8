/**
 * The registers a loader reads and writes on an ESP32-S3 to learn what it talks to: chip magic, eFuse MAC, and the SPI
 * peripheral through which it asks the flash chip for its id. Others read as zero, which is what an unprogrammed eFuse is.
 */
const CHIP_MAGIC = 0x40001000;
const MAC_LOW = 0x60007044;
const MAC_HIGH = 0x60007048;
const SPI = 0x60002000;
const SPI_COMMAND = SPI;
const SPI_USER2 = SPI + 0x20;
const SPI_WORD0 = SPI + 0x58;
/** "User command" bit of the command register: the chip clears it when done. */
const SPI_USER_GO = 1 << 18;

const READ_FLASH_ID = 0x9f;
/** GigaDevice (C8), 64 Mbit (40 17), low byte first as the peripheral delivers it. */
const FLASH_ID = 0x1740c8;

export class Registers {
  readonly #mac: Uint8Array;
  readonly #written = new Map<number, number>();

  constructor(mac: Uint8Array) {
    this.#mac = mac;
  }

  read(address: number): number {
    const byte = (index: number) => this.#mac[index] ?? 0;
    if (address === CHIP_MAGIC) return 0x9;
    if (address === MAC_LOW) return ((byte(2) << 24) | (byte(3) << 16) | (byte(4) << 8) | byte(5)) >>> 0;
    if (address === MAC_HIGH) return ((byte(0) << 8) | byte(1)) >>> 0;
    return this.#written.get(address) ?? 0;
  }

  write(address: number, value: number, mask: number): void {
    const merged = ((this.read(address) & ~mask) | (value & mask)) >>> 0;
    this.#written.set(address, merged);
    if (address === SPI_COMMAND && (merged & SPI_USER_GO) !== 0) this.#runSpiCommand();
  }

  #runSpiCommand(): void {
    const opcode = this.read(SPI_USER2) & 0xff;
    this.#written.set(SPI_WORD0, opcode === READ_FLASH_ID ? FLASH_ID : 0);
    this.#written.set(SPI_COMMAND, (this.read(SPI_COMMAND) & ~SPI_USER_GO) >>> 0);
  }
}
