import { type BootWords, bootWords } from './boot-words.ts';
import type { SupplyKind } from './flash-supply.ts';

/**
 * What differs between the chips of the family, from the board's side: registers, the ROM's ways, its words at boot, and
 * where a program lies in memory. From Espressif's boot logs and wire traces (reference/esp.md §3), and from what esptool asks
 * the boards for. The bench's flasher has a table of its own, on purpose: two that are one would share their mistakes.
 */
export const espKinds = [
  'esp32',
  'esp32s2',
  'esp32s3',
  'esp32c2',
  'esp32c3',
  'esp32c5',
  'esp32c6',
  'esp32c61',
  'esp32h2',
  'esp32p4',
] as const;
export type EspKind = (typeof espKinds)[number];

export interface ChipFacts {
  /** 'ESP32-S3' */
  name: string;
  /** In images, and in the security info of chips that tell it. */
  chipId: number;
  /** The ROM's word at 0x40001000, by which loaders tell the older chips apart. */
  magicWord: number;
  bootloaderOffset: number;
  /** Of the ROM's answer to GET_SECURITY_INFO; 0: it knows no such command. */
  securityInfoBytes: 0 | 12 | 20;
  /** Words of the ROM's FLASH_BEGIN and DEFL_BEGIN: the fifth says "encrypt". */
  beginWords: 4 | 5;
  /** Where the MAC's low four bytes stand; its high two are in the word after. */
  macRegister: number;
  /** Registers as they are out of reset, what is not there reads 0: eFuses of the revision below, the clock divider of UART0. */
  registers: readonly (readonly [register: number, value: number])[];
  /** Of the eFuses, those that say how the chip is locked: [register, bits to set]. */
  locks: { secureBoot: readonly [number, number]; flashEncryption: readonly [number, number] };
  /** The ROM's variable that holds the port its loader speaks on: 0 UART0, else these. Null: it has only UARTs. */
  portInUse: { address: number; usbSerialJtag: number | null; usbOtg: number | null } | null;
  spi: { base: number; user: number; user2: number; misoBits: number; word0: number };
  /** 'v0.2' */
  revision: string;
  cores: 1 | 2;
  cpuHz: number;
  flashBytes: number;
  /** Of the flash in download mode; always there unless it is said. */
  flashSupply?: SupplyKind;
  /** Where the entry of Espressif's stub lies that its memory is laid out for; any program starts unless it is said. */
  stubEntry?: readonly [from: number, to: number];
  /** Low nibble of an image's size/frequency byte, and the bootloader's words for it. */
  flashFrequency: { code: number; text: string };
  boot: BootWords;
  /** Where the demo image's segments go: the bootloader's three, and an application's constants and code (mapped), data and fast code. */
  memory: { bootloader: readonly [number, number, number]; constants: number; data: number; code: number; fastCode: number };
}

const at80MHz = { code: 0xf, text: '80MHz' };
const spiOf = (base: number) => ({ base, user: 0x18, user2: 0x20, misoBits: 0x28, word0: 0x58 });
const MEGABYTE = 1024 * 1024;
/** The middle of an 802.15.4 address, FF:FE, beside the high two bytes of the MAC. */
const LONG_MAC = 0xfffe0000;
/** UART0's divider for 115200 baud, by which loaders reckon the crystal. */
const divider = (crystalHz: number) => Math.round(crystalHz / 115200);

/** eFuse words of a chip whose controller is at `base`, as [secure boot enabled, SPI_BOOT_CRYPT_CNT = 1]. */
function locksOf(base: number, words: { secureBoot: number; encryption: number }) {
  return { secureBoot: [base + words.secureBoot, 1 << 20], flashEncryption: [base + words.encryption, 1 << 18] } as const;
}

export const chipFacts: Readonly<Record<EspKind, ChipFacts>> = {
  esp32: {
    name: 'ESP32',
    chipId: 0,
    magicWord: 0x00f01d83,
    bootloaderOffset: 0x1000,
    securityInfoBytes: 0,
    beginWords: 4,
    macRegister: 0x3ff5a004,
    // A revision is three bits: one in each of two eFuse words, the newest in the bus's date register.
    registers: [
      [0x3ff5a00c, 0x8000],
      [0x3ff5a014, 0x100000],
      [0x3ff6607c, 0x96042000],
      [0x3ff40014, divider(40e6)],
    ],
    locks: { secureBoot: [0x3ff5a018, 1 << 5], flashEncryption: [0x3ff5a000, 1 << 20] },
    portInUse: null,
    spi: { base: 0x3ff42000, user: 0x1c, user2: 0x24, misoBits: 0x2c, word0: 0x80 },
    revision: 'v3.0',
    cores: 2,
    cpuHz: 160e6,
    flashBytes: 4 * MEGABYTE,
    flashFrequency: { code: 0x0, text: '40MHz' },
    boot: bootWords.esp32,
    memory: {
      bootloader: [0x3fff0030, 0x40078000, 0x40080400],
      constants: 0x3f400020,
      data: 0x3ffb0000,
      code: 0x400d0000,
      fastCode: 0x40080000,
    },
  },
  esp32s2: {
    name: 'ESP32-S2',
    chipId: 2,
    magicWord: 0x000007c6,
    bootloaderOffset: 0x1000,
    securityInfoBytes: 12,
    beginWords: 5,
    macRegister: 0x3f41a044,
    registers: [
      [0x3f41a050, 1 << 18],
      [0x3f400014, divider(40e6)],
    ],
    locks: locksOf(0x3f41a000, { secureBoot: 0x38, encryption: 0x34 }),
    portInUse: { address: 0x3ffffd14, usbSerialJtag: null, usbOtg: 2 },
    spi: spiOf(0x3f402000),
    revision: 'v1.0',
    cores: 1,
    cpuHz: 160e6,
    flashBytes: 4 * MEGABYTE,
    flashFrequency: at80MHz,
    boot: bootWords.esp32s2,
    memory: {
      bootloader: [0x3ffe6260, 0x4004c000, 0x40050000],
      constants: 0x3f000020,
      data: 0x3ffbcae0,
      code: 0x40080000,
      fastCode: 0x40022000,
    },
  },
  esp32s3: {
    name: 'ESP32-S3',
    chipId: 9,
    magicWord: 0x9,
    bootloaderOffset: 0x0,
    securityInfoBytes: 20,
    beginWords: 5,
    macRegister: 0x60007044,
    // Package QFN56, as esptool names "ESP32-S3 (QFN56) (revision v0.2)": the minor revision is in bits 18..20.
    registers: [
      [0x60007050, 2 << 18],
      [0x60000014, divider(40e6)],
    ],
    locks: locksOf(0x60007000, { secureBoot: 0x38, encryption: 0x34 }),
    portInUse: { address: 0x3fcef14c, usbSerialJtag: 4, usbOtg: 3 },
    spi: spiOf(0x60002000),
    revision: 'v0.2',
    cores: 2,
    cpuHz: 240e6,
    flashBytes: 8 * MEGABYTE,
    flashFrequency: at80MHz,
    boot: bootWords.esp32s3,
    memory: {
      bootloader: [0x3fce2820, 0x403c8700, 0x403cb700],
      constants: 0x3c020020,
      data: 0x3fc95000,
      code: 0x42000000,
      fastCode: 0x40374000,
    },
  },
  esp32c2: {
    name: 'ESP32-C2',
    chipId: 12,
    magicWord: 0x7c41a06f,
    bootloaderOffset: 0x0,
    securityInfoBytes: 20,
    beginWords: 5,
    macRegister: 0x60008840,
    // This chip's revision stands in the block of its MAC: major in bits 20..21 of its second word.
    registers: [
      [0x60008844, 1 << 20],
      [0x60000014, divider(40e6)],
    ],
    locks: { secureBoot: [0x60008830, 1 << 21], flashEncryption: [0x60008830, 1 << 7] },
    portInUse: null,
    spi: spiOf(0x60002000),
    revision: 'v1.0',
    cores: 1,
    cpuHz: 120e6,
    flashBytes: 4 * MEGABYTE,
    flashFrequency: { code: 0xf, text: '60MHz' },
    boot: bootWords.esp32c2,
    memory: {
      bootloader: [0x3fcd6190, 0x403ae000, 0x403b0000],
      constants: 0x3c010020,
      data: 0x3fca9a60,
      code: 0x42000000,
      fastCode: 0x40380000,
    },
  },
  esp32c3: {
    name: 'ESP32-C3',
    chipId: 5,
    magicWord: 0x1b31506f,
    bootloaderOffset: 0x0,
    securityInfoBytes: 20,
    beginWords: 5,
    macRegister: 0x60008844,
    registers: [
      [0x60008850, 3 << 18],
      [0x60000014, divider(40e6)],
    ],
    locks: locksOf(0x60008800, { secureBoot: 0x38, encryption: 0x34 }),
    portInUse: { address: 0x3fcdf07c, usbSerialJtag: 3, usbOtg: null },
    spi: spiOf(0x60002000),
    revision: 'v0.3',
    cores: 1,
    cpuHz: 160e6,
    flashBytes: 4 * MEGABYTE,
    flashFrequency: at80MHz,
    boot: bootWords.esp32c3,
    memory: {
      bootloader: [0x3fcd6260, 0x403ce000, 0x403d0000],
      constants: 0x3c020020,
      data: 0x3fc88780,
      code: 0x42000000,
      fastCode: 0x40380000,
    },
  },
  esp32c5: {
    name: 'ESP32-C5',
    chipId: 23,
    magicWord: 0x5fd1406f,
    bootloaderOffset: 0x2000,
    securityInfoBytes: 20,
    beginWords: 5,
    macRegister: 0x600b4844,
    registers: [
      [0x600b484c, 1 << 4],
      [0x600b4848, LONG_MAC],
      [0x60000014, divider(48e6)],
    ],
    locks: { secureBoot: [0x600b4838, 1 << 25], flashEncryption: [0x600b4834, 1 << 16] },
    portInUse: { address: 0x4085f514, usbSerialJtag: 3, usbOtg: null },
    spi: spiOf(0x60003000),
    revision: 'v1.0',
    cores: 1,
    cpuHz: 240e6,
    flashBytes: 8 * MEGABYTE,
    flashFrequency: at80MHz,
    boot: bootWords.esp32c5,
    memory: {
      bootloader: [0x40855820, 0x4084bba0, 0x4084e5a0],
      constants: 0x42070020,
      data: 0x4080a300,
      code: 0x42000000,
      fastCode: 0x40800000,
    },
  },
  esp32c6: {
    name: 'ESP32-C6',
    chipId: 13,
    magicWord: 0x2ce0806f,
    bootloaderOffset: 0x0,
    securityInfoBytes: 20,
    beginWords: 5,
    macRegister: 0x600b0844,
    registers: [
      [0x600b0850, 1 << 18],
      [0x600b0848, LONG_MAC],
    ],
    locks: locksOf(0x600b0800, { secureBoot: 0x38, encryption: 0x34 }),
    portInUse: { address: 0x4087f580, usbSerialJtag: 3, usbOtg: null },
    spi: spiOf(0x60003000),
    revision: 'v0.1',
    cores: 1,
    cpuHz: 160e6,
    flashBytes: 8 * MEGABYTE,
    flashFrequency: { code: 0x0, text: '80MHz' },
    boot: bootWords.esp32c6,
    memory: {
      bootloader: [0x4086c410, 0x4086e610, 0x40875888],
      constants: 0x42018020,
      data: 0x40806f08,
      code: 0x42000000,
      fastCode: 0x40800000,
    },
  },
  esp32c61: {
    name: 'ESP32-C61',
    chipId: 20,
    magicWord: 0x2421606f,
    bootloaderOffset: 0x0,
    securityInfoBytes: 20,
    beginWords: 5,
    macRegister: 0x600b4844,
    registers: [[0x600b484c, 1 << 4]],
    locks: { secureBoot: [0x600b4834, 1 << 26], flashEncryption: [0x600b4830, 1 << 23] },
    portInUse: { address: 0x4084f5cc, usbSerialJtag: 3, usbOtg: null },
    spi: spiOf(0x60003000),
    revision: 'v1.0',
    cores: 1,
    cpuHz: 160e6,
    flashBytes: 8 * MEGABYTE,
    flashFrequency: at80MHz,
    boot: bootWords.esp32c61,
    memory: {
      bootloader: [0x40845c00, 0x4083bd70, 0x4083ea70],
      constants: 0x42018020,
      data: 0x40805c54,
      code: 0x42000000,
      fastCode: 0x40800000,
    },
  },
  esp32h2: {
    name: 'ESP32-H2',
    chipId: 16,
    magicWord: 0xd7b73e80,
    bootloaderOffset: 0x0,
    securityInfoBytes: 20,
    beginWords: 5,
    macRegister: 0x600b0844,
    registers: [
      [0x600b0850, 2 << 18],
      [0x600b0848, LONG_MAC],
    ],
    locks: locksOf(0x600b0800, { secureBoot: 0x38, encryption: 0x34 }),
    portInUse: { address: 0x4084fefc, usbSerialJtag: 3, usbOtg: null },
    spi: spiOf(0x60003000),
    revision: 'v0.2',
    cores: 1,
    cpuHz: 96e6,
    flashBytes: 4 * MEGABYTE,
    flashFrequency: { code: 0xf, text: '64MHz' },
    boot: bootWords.esp32h2,
    memory: {
      bootloader: [0x4083cfd0, 0x4083efd0, 0x40846248],
      constants: 0x42020020,
      data: 0x40806910,
      code: 0x42000000,
      fastCode: 0x40800000,
    },
  },
  esp32p4: {
    name: 'ESP32-P4',
    chipId: 18,
    magicWord: 0x0addbad0,
    bootloaderOffset: 0x2000,
    securityInfoBytes: 20,
    beginWords: 5,
    macRegister: 0x5012d044,
    // The major revision is three bits, the newest of them apart from the others: bits 4, 5 and 23.
    registers: [[0x5012d04c, 3 << 4]],
    locks: locksOf(0x5012d000, { secureBoot: 0x38, encryption: 0x34 }),
    portInUse: { address: 0x4ffbfec8, usbSerialJtag: 6, usbOtg: 5 },
    spi: spiOf(0x5008d000),
    revision: 'v3.0',
    cores: 2,
    cpuHz: 360e6,
    flashBytes: 16 * MEGABYTE,
    flashFrequency: at80MHz,
    boot: bootWords.esp32p4,
    memory: {
      bootloader: [0x4ffb6240, 0x4ffac2c0, 0x4ffaefc0],
      constants: 0x40030020,
      data: 0x4ff20000,
      code: 0x40000000,
      fastCode: 0x4ff22dbc,
    },
  },
};

/** The word of BLOCK1 that holds its revision, and the one with DOWNLOAD_MODE_XPD_ON. */
const P4_REVISION = 0x5012d04c;
const P4_POWER_FUSE: readonly [number, number] = [0x5012d034, 1 << 16];

/** 100 × major + minor. `powersFlash`: with the eFuse that has the ROM of v3.2 power the flash. */
export function p4OfRevision(revision: number, powersFlash = false): ChipFacts {
  const major = Math.floor(revision / 100);
  const word = ((major >> 2) << 23) | ((major & 3) << 4) | (revision % 100);
  const isSwitched = revision === 301 || revision === 302;
  return {
    ...chipFacts.esp32p4,
    revision: `v${major}.${revision % 100}`,
    registers: [[P4_REVISION, word], ...(powersFlash ? [P4_POWER_FUSE] : [])],
    flashSupply: !isSwitched ? 'always' : powersFlash && revision === 302 ? 'by-rom' : 'switched',
    // Their RAM is laid out differently: each has a stub of its own.
    stubEntry: revision < 300 ? [0x4ff10000, 0x4ff50000] : [0x4ff50000, 0x4ff90000],
  };
}
