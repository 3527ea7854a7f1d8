import type { ChipFacts } from './chips.ts';
import type { FlashSupply } from './flash-supply.ts';

const MAGIC_WORD = 0x40001000;
const SPI_COMMAND_USER = 1 << 18;
const READ_JEDEC_ID = 0x9f;
const READ_STATUS = 0x05;

/** GigaDevice GD25Q: what Espressif's modules carry. */
const JEDEC_MANUFACTURER = 0xc8;
const JEDEC_TYPE = 0x40;

/** How a chip is locked. */
export interface Security {
  secureBoot: boolean;
  flashEncryption: boolean;
  /** The ROM takes only the commands that write flash. */
  secureDownload: boolean;
}

/** What the chip's loader speaks on. */
export type LoaderPort = 'uart' | 'usb-serial-jtag' | 'usb-otg';

export interface RegisterOptions {
  chip: ChipFacts;
  /** Six bytes. */
  mac: Uint8Array;
  flashBytes: number;
  /** False: its identification has no capacity that anybody knows. */
  flashTellsSize: boolean;
  port: LoaderPort;
  security: Security;
  supply: FlashSupply;
  /** An unattached flash answers nothing. */
  isFlashAttached: () => boolean;
}

/** What READ_REG and WRITE_REG reach. Anything not modelled is plain memory that reads zero until written. */
export class Registers {
  readonly #values = new Map<number, number>();
  readonly #options: RegisterOptions;

  constructor(options: RegisterOptions) {
    this.#options = options;
    const { chip, mac, security, supply } = options;
    for (const [address, value] of [...chip.registers, ...supply.registers]) this.#set(address, value);
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mac;
    this.#set(chip.macRegister, (c << 24) | (d << 16) | (e << 8) | f);
    this.#set(chip.macRegister + 4, (a << 8) | b);
    this.#set(MAGIC_WORD, chip.magicWord);
    if (security.secureBoot) this.#set(...chip.locks.secureBoot);
    if (security.flashEncryption) this.#set(...chip.locks.flashEncryption);
    const { portInUse } = chip;
    if (portInUse !== null) this.#values.set(portInUse.address, portNumber(portInUse, options.port));
  }

  read(address: number): number {
    return this.#values.get(address) ?? 0;
  }

  write(address: number, value: number, mask = 0xffffffff): void {
    const before = this.read(address);
    const after = ((before & ~mask) | (value & mask)) >>> 0;
    this.#values.set(address, after);
    this.#options.supply.wrote(address, before, after);
    if (address === this.#options.chip.spi.base && (value & SPI_COMMAND_USER) !== 0) this.#runSpiCommand();
  }

  /** Adds bits to what is there. */
  #set(address: number, bits: number): void {
    this.#values.set(address, (this.read(address) | bits) >>> 0);
  }

  #runSpiCommand(): void {
    const { base, user2, misoBits, word0 } = this.#options.chip.spi;
    const opcode = this.read(base + user2) & 0xff;
    const bits = this.read(base + misoBits) + 1;
    const { supply, isFlashAttached } = this.#options;
    const unattached = supply.isOn ? 0 : 0xffffffff;
    const reply = isFlashAttached() ? this.#flashReply(opcode) : unattached;
    this.#values.set(base + word0, bits >= 32 ? reply >>> 0 : (reply & (2 ** bits - 1)) >>> 0);
    this.#values.set(base, 0); // clears itself when done
  }

  #flashReply(opcode: number): number {
    const { flashTellsSize, flashBytes } = this.#options;
    if (opcode === READ_JEDEC_ID) return JEDEC_MANUFACTURER | (JEDEC_TYPE << 8) | ((flashTellsSize ? Math.log2(flashBytes) : 0) << 16);
    if (opcode === READ_STATUS) return 0;
    return 0xffffffff; // MISO idles high: a command this flash does not know
  }
}

function portNumber(numbers: NonNullable<ChipFacts['portInUse']>, port: LoaderPort): number {
  if (port === 'usb-serial-jtag') return numbers.usbSerialJtag ?? 0;
  return port === 'usb-otg' ? (numbers.usbOtg ?? 0) : 0;
}
