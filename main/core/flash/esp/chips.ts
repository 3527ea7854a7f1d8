import { type FlashPower, flashPowerOfP4 } from './flash-power.ts';

/** What differs between chips, as data: registers of Espressif's technical reference manuals, checked against what esptool asks for. */
export type ReadRegister = (address: number) => Promise<number>;

export interface SpiRegisters {
  base: number;
  user: number;
  user2: number;
  misoBits: number;
  word0: number;
}

/** A field of an eFuse block-1 word; several make one number, lowest first. */
export type Field = readonly [word: number, shift: number, bits: number];

export interface Watchdogs {
  protect: number;
  config: number;
  superProtect: number;
  superKey: number;
  superConfig: number;
  superAutoFeed: number;
  /** esptool resets such a chip by it. (Others it does not: it would have a reason.) */
  resets: boolean;
}

export interface Chip {
  /** As ESP-IDF writes it: 'esp32s3'. */
  name: string;
  label: string;
  imageChipId: number;
  /** Found by the word at `MAGIC_ADDRESS`; chips without one are told by their security info. */
  magic?: number;
  bootloaderOffset: number;
  macAddress: number;
  spi: SpiRegisters;
  /** Where the revision's fields are counted from: eFuse block 1, block 2 on the ESP32-C2. */
  revisionBlock: number;
  major: readonly Field[];
  minor: readonly Field[];
  /** Low nibble of the header's size/frequency byte. */
  frequencies: Readonly<Record<string, number>>;
  /** The ROM's FLASH_BEGIN takes a fifth word: encrypt. */
  hasEncryptWord: boolean;
  /**
   * Its ROM changes its rate as it is told, whatever the crystal, and its stub leaves the UART as the ROM had it: the stub itself can be
   * sent at the high rate. (Others' stubs set the UART up anew.)
   */
  stubKeepsRate?: true;
  /** Holds `value` when the loader speaks over USB-OTG; where none is known the USB ids have to say it. */
  usbOtg?: { address: number; value: number };
  /** They run on under USB Serial/JTAG resets and would bite in mid-write. */
  watchdogs?: Watchdogs;
  /** Of revisions that leave it off. */
  flashPower?: FlashPower;
  /** Where its eFuses say what GET_SECURITY_INFO says of other chips. */
  securityFuses?: SecurityFuses;
}

/** [register, shift, bits]; a count is on when an odd number of its bits is set. */
export type Fuse = readonly [address: number, shift: number, bits: number];

export interface SecurityFuses {
  secureBoot: readonly Fuse[];
  cryptCount: Fuse;
  secureDownload?: Fuse;
  jtagDisabled: readonly Fuse[];
}

export const MAGIC_ADDRESS = 0x40001000;

export const flashSizeCodes: Readonly<Record<string, number>> = {
  '1MB': 0,
  '2MB': 1,
  '4MB': 2,
  '8MB': 3,
  '16MB': 4,
  '32MB': 5,
  '64MB': 6,
  '128MB': 7,
};

const spiAt = (base: number): SpiRegisters => ({ base, user: 0x18, user2: 0x20, misoBits: 0x28, word0: 0x58 });
const common = { '80m': 0xf, '40m': 0x0, '26m': 0x1, '20m': 0x2 };
const withoutThird = { '80m': 0xf, '40m': 0x0, '20m': 0x2 };
/** Unlocks the watchdogs' write protection. */
export const WATCHDOG_KEY = 0x50d83aa1;

/** The ESP32-C3's place for its revision: a high bit of the minor part came later. */
const revisionOfC3 = {
  major: [[5, 24, 2]],
  minor: [
    [3, 18, 3],
    [5, 23, 1],
  ],
} as const;
const revisionOfC5 = { major: [[2, 4, 2]], minor: [[2, 0, 4]] } as const;

export const chips: readonly Chip[] = [
  {
    name: 'esp32',
    label: 'ESP32',
    imageChipId: 0,
    magic: 0x00f01d83,
    bootloaderOffset: 0x1000,
    macAddress: 0x3ff5a004,
    spi: { base: 0x3ff42000, user: 0x1c, user2: 0x24, misoBits: 0x2c, word0: 0x80 },
    revisionBlock: 0x3ff5a000,
    major: [
      [3, 15, 1],
      [5, 20, 1],
    ],
    minor: [[5, 24, 2]],
    frequencies: common,
    hasEncryptWord: false,
    // BLOCK0: FLASH_CRYPT_CNT; ABS_DONE_0 and _1 (secure boot 1 and 2); JTAG_DISABLE.
    securityFuses: {
      secureBoot: [
        [0x3ff5a018, 4, 1],
        [0x3ff5a018, 5, 1],
      ],
      cryptCount: [0x3ff5a000, 20, 7],
      jtagDisabled: [[0x3ff5a018, 6, 1]],
    },
  },
  {
    name: 'esp32s2',
    label: 'ESP32-S2',
    imageChipId: 2,
    magic: 0x000007c6,
    bootloaderOffset: 0x1000,
    macAddress: 0x3f41a044,
    spi: spiAt(0x3f402000),
    revisionBlock: 0x3f41a044,
    major: [[3, 18, 2]],
    minor: [
      [4, 4, 3],
      [3, 20, 1],
    ],
    frequencies: common,
    hasEncryptWord: true,
    usbOtg: { address: 0x3ffffd14, value: 2 },
    // REPEAT_DATA1: SPI_BOOT_CRYPT_CNT; 2: SECURE_BOOT_EN; 3: ENABLE_SECURITY_DOWNLOAD.
    securityFuses: {
      secureBoot: [[0x3f41a038, 20, 1]],
      cryptCount: [0x3f41a034, 18, 3],
      secureDownload: [0x3f41a03c, 5, 1],
      jtagDisabled: [],
    },
  },
  {
    name: 'esp32s3',
    label: 'ESP32-S3',
    imageChipId: 9,
    bootloaderOffset: 0x0,
    macAddress: 0x60007044,
    spi: spiAt(0x60002000),
    revisionBlock: 0x60007044,
    ...revisionOfC3,
    frequencies: common,
    hasEncryptWord: true,
    stubKeepsRate: true,
    usbOtg: { address: 0x3fcef14c, value: 3 },
    watchdogs: watchdogsAt(0x60008000, { protect: 0xb0, config: 0x98, superProtect: 0xb8, superConfig: 0xb4 }, 0x8f1d312a, 31, {
      resets: true,
    }),
  },
  {
    name: 'esp32c2',
    label: 'ESP32-C2',
    imageChipId: 12,
    bootloaderOffset: 0x0,
    macAddress: 0x60008840,
    spi: spiAt(0x60002000),
    revisionBlock: 0x60008840,
    major: [[1, 20, 2]],
    minor: [[1, 16, 4]],
    frequencies: { '60m': 0xf, '30m': 0x0, '20m': 0x1, '15m': 0x2 },
    hasEncryptWord: true,
  },
  {
    name: 'esp32c3',
    label: 'ESP32-C3',
    imageChipId: 5,
    bootloaderOffset: 0x0,
    macAddress: 0x60008844,
    spi: spiAt(0x60002000),
    revisionBlock: 0x60008844,
    ...revisionOfC3,
    frequencies: common,
    hasEncryptWord: true,
    stubKeepsRate: true,
    watchdogs: watchdogsAt(0x60008000, { protect: 0xa8, config: 0x90, superProtect: 0xb0, superConfig: 0xac }, 0x8f1d312a, 31, {
      resets: true,
    }),
  },
  {
    name: 'esp32c5',
    label: 'ESP32-C5',
    imageChipId: 23,
    bootloaderOffset: 0x2000,
    macAddress: 0x600b4844,
    spi: spiAt(0x60003000),
    revisionBlock: 0x600b4844,
    ...revisionOfC5,
    frequencies: withoutThird,
    hasEncryptWord: true,
    watchdogs: watchdogsAt(0x600b1c00, { protect: 0x18, config: 0x0, superProtect: 0x20, superConfig: 0x1c }, WATCHDOG_KEY, 18, {
      resets: true,
    }),
  },
  {
    name: 'esp32c6',
    label: 'ESP32-C6',
    imageChipId: 13,
    bootloaderOffset: 0x0,
    macAddress: 0x600b0844,
    spi: spiAt(0x60003000),
    revisionBlock: 0x600b0844,
    major: [[3, 22, 2]],
    minor: [[3, 18, 4]],
    // Its ROM gets the divider for 80 MHz wrong, so 80 is written as 40 and the bootloader sets the real one.
    frequencies: { '80m': 0x0, '40m': 0x0, '20m': 0x2 },
    hasEncryptWord: true,
    stubKeepsRate: true,
    watchdogs: watchdogsAt(0x600b1c00, { protect: 0x18, config: 0x0, superProtect: 0x20, superConfig: 0x1c }, WATCHDOG_KEY, 18, {
      resets: false,
    }),
  },
  {
    name: 'esp32c61',
    label: 'ESP32-C61',
    imageChipId: 20,
    bootloaderOffset: 0x0,
    macAddress: 0x600b4844,
    spi: spiAt(0x60003000),
    revisionBlock: 0x600b4844,
    ...revisionOfC5,
    frequencies: withoutThird,
    hasEncryptWord: true,
    watchdogs: watchdogsAt(0x600b1c00, { protect: 0x18, config: 0x0, superProtect: 0x20, superConfig: 0x1c }, WATCHDOG_KEY, 18, {
      resets: true,
    }),
  },
  {
    name: 'esp32h2',
    label: 'ESP32-H2',
    imageChipId: 16,
    bootloaderOffset: 0x0,
    macAddress: 0x600b0844,
    spi: spiAt(0x60003000),
    revisionBlock: 0x600b0844,
    major: [[3, 21, 2]],
    minor: [[3, 18, 3]],
    frequencies: { '48m': 0xf, '24m': 0x0, '16m': 0x1, '12m': 0x2 },
    hasEncryptWord: true,
    stubKeepsRate: true,
    watchdogs: watchdogsAt(0x600b1c00, { protect: 0x1c, config: 0x0, superProtect: 0x24, superConfig: 0x20 }, WATCHDOG_KEY, 18, {
      resets: false,
    }),
  },
  {
    name: 'esp32p4',
    label: 'ESP32-P4',
    imageChipId: 18,
    bootloaderOffset: 0x2000,
    macAddress: 0x5012d044,
    spi: spiAt(0x5008d000),
    revisionBlock: 0x5012d044,
    major: [
      [2, 4, 2],
      [2, 23, 1],
    ],
    minor: [[2, 0, 4]],
    frequencies: common,
    hasEncryptWord: true,
    watchdogs: watchdogsAt(0x50116000, { protect: 0x18, config: 0x0, superProtect: 0x20, superConfig: 0x1c }, WATCHDOG_KEY, 18, {
      resets: true,
    }),
    flashPower: flashPowerOfP4,
  },
];

/** By the flash's JEDEC id: its third byte is the capacity's power of two, which 64 MB and more, and octal flash, write otherwise. */
export function flashBytesOf(jedecId: number): number | null {
  const capacity = (jedecId >>> 16) & 0xff;
  if (capacity >= 0x12 && capacity <= 0x1c) return 2 ** capacity;
  if (capacity >= 0x20 && capacity <= 0x22) return 2 ** (capacity - 6);
  if (capacity >= 0x32 && capacity <= 0x3a) return 2 ** (capacity - 0x20);
  return null;
}

export function chipByImageId(imageChipId: number): Chip | undefined {
  return chips.find((chip) => chip.imageChipId === imageChipId);
}

/** 'ESP32-S3', 'esp32-s3' and 'esp32s3' are one name. */
export function normaliseChipName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

export async function readRevision(chip: Chip, read: ReadRegister): Promise<{ major: number; minor: number }> {
  const major = await readFields(chip, chip.major, read);
  const minor = await readFields(chip, chip.minor, read);
  if (chip.name !== 'esp32') return { major, minor };
  // Bits set one after another as revisions came, the newest of them in a bus register: 0, 1, 3, 7.
  const newest = ((await read(0x3ff6607c)) >>> 31) & 1;
  return { major: [0, 1, 0, 2, 0, 0, 0, 3][(newest << 2) | major] ?? 0, minor };
}

async function readFields(chip: Chip, fields: readonly Field[], read: ReadRegister): Promise<number> {
  let value = 0;
  let at = 0;
  for (const [word, shift, bits] of fields) {
    value |= (((await read(chip.revisionBlock + 4 * word)) >>> shift) & (2 ** bits - 1)) << at;
    at += bits;
  }
  return value;
}

/** 'aa:bb:cc:dd:ee:ff'. Two eFuse words: four bytes in the first and two in the second, big-endian. */
export async function readMac(chip: Chip, read: ReadRegister): Promise<string> {
  const low = await read(chip.macAddress);
  const high = await read(chip.macAddress + 4);
  const bytes = [high >>> 8, high, low >>> 24, low >>> 16, low >>> 8, low];
  return bytes.map((byte) => (byte & 0xff).toString(16).padStart(2, '0')).join(':');
}

function watchdogsAt(
  base: number,
  offsets: { protect: number; config: number; superProtect: number; superConfig: number },
  superKey: number,
  autoFeedBit: number,
  { resets }: { resets: boolean },
): Watchdogs {
  return {
    protect: base + offsets.protect,
    config: base + offsets.config,
    superProtect: base + offsets.superProtect,
    superConfig: base + offsets.superConfig,
    superKey,
    superAutoFeed: 2 ** autoFeedBit,
    resets,
  };
}
