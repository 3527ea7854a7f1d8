import { createHash } from 'node:crypto';
import { type ChipFacts, chipFacts, type EspKind } from './chips.ts';
import { type AppDescriptor, buildAppDescriptor, buildImage } from './firmware-image.ts';
import { buildPartitionTable, PARTITION_TABLE_OFFSET, type Partition } from './partition-table.ts';

export const DEMO_PROJECT = 'talkbench-demo';
const APP_OFFSET = 0x10000;
const IDF_VERSION = 'v5.3.1';

const partitions: readonly Partition[] = [
  { type: 1, subtype: 2, offset: 0x9000, sizeBytes: 0x6000, label: 'nvs' },
  { type: 1, subtype: 1, offset: 0xf000, sizeBytes: 0x1000, label: 'phy_init' },
  { type: 0, subtype: 0, offset: APP_OFFSET, sizeBytes: 0x300000, label: 'factory' },
  { type: 1, subtype: 3, offset: 0x310000, sizeBytes: 0x10000, label: 'coredump' },
];

export interface DemoImages {
  files: { offset: number; name: string; data: Uint8Array }[];
  /** What an ESP-IDF build leaves beside them as `flasher_args.json`. */
  flasherArgs: Record<string, unknown>;
}

/**
 * Bootloader, partition table and application for a virtual board: every header, checksum and digest is right, and the code
 * segments are filler, because the chip's `onBoot` runs in their place. The same input always gives the same bytes.
 */
export function buildDemoImages(options: { kind?: EspKind; version?: string } = {}): DemoImages {
  const { kind = 'esp32s3', version = '1.0.0' } = options;
  const chip = chipFacts[kind];
  const files = [
    { offset: chip.bootloaderOffset, name: 'bootloader/bootloader.bin', data: buildBootloader(chip) },
    { offset: PARTITION_TABLE_OFFSET, name: 'partition_table/partition-table.bin', data: buildPartitionTable(partitions) },
    { offset: APP_OFFSET, name: `${DEMO_PROJECT}.bin`, data: buildApp(chip, version) },
  ];
  const settings = {
    flash_mode: 'dio',
    flash_size: `${megabytesOf(chip)}MB`,
    flash_freq: chip.flashFrequency.text.replace('MHz', 'm').replace('64m', '48m'),
  };
  return {
    files,
    flasherArgs: {
      write_flash_args: ['--flash_mode', 'dio', '--flash_size', settings.flash_size, '--flash_freq', settings.flash_freq],
      flash_settings: settings,
      flash_files: Object.fromEntries(files.map(({ offset, name }) => [`0x${offset.toString(16)}`, name])),
      extra_esptool_args: { after: 'hard_reset', before: 'default_reset', stub: true, chip: kind },
    },
  };
}

function megabytesOf(chip: ChipFacts): number {
  return chip.flashBytes / 1024 / 1024;
}

function headerOf(chip: ChipFacts) {
  const major = Number(/\d+/.exec(chip.revision)?.[0] ?? 0);
  return {
    chipId: chip.chipId,
    flashMegabytes: megabytesOf(chip),
    frequencyCode: chip.flashFrequency.code,
    maxRevision: major * 100 + 99,
  };
}

function buildBootloader(chip: ChipFacts): Uint8Array {
  const [data, code, loader] = chip.memory.bootloader;
  return buildImage({
    ...headerOf(chip),
    entry: code + 0x224,
    segments: [
      { address: data, data: filler('bootloader data', 0x15b0) },
      { address: code, data: filler('bootloader code', 0xd9c) },
      { address: loader, data: filler('bootloader loader', 0x3008) },
    ],
  });
}

function buildApp(chip: ChipFacts, version: string): Uint8Array {
  const descriptor: AppDescriptor = {
    version,
    projectName: DEMO_PROJECT,
    time: '09:00:00',
    date: 'Jan  5 2026',
    idfVersion: IDF_VERSION,
    elfSha256: createHash('sha256').update(`${DEMO_PROJECT} ${version}`).digest('hex'),
  };
  const { memory } = chip;
  const constants = Buffer.concat([buildAppDescriptor(descriptor), filler('constants', 0x8000)]);
  const data = filler('data', 0x3400);
  // A mapped segment's flash offset and address agree in their low 16 bits: the cache maps 64 KiB pages.
  const codeOffset = APP_OFFSET + 24 + 8 + constants.length + 8 + data.length + 8;
  return buildImage({
    ...headerOf(chip),
    entry: memory.fastCode + 0x1a10,
    segments: [
      { address: memory.constants, data: constants },
      { address: memory.data, data },
      { address: memory.code + (codeOffset & 0xffff), data: filler('code', 0x2a000) },
      { address: memory.fastCode, data: filler('fast code', 0xc000) },
    ],
  });
}

/** About as compressible as machine code: half of it repeats. */
function filler(seed: string, lengthBytes: number): Uint8Array {
  const out = new Uint8Array(lengthBytes);
  for (let at = 0, index = 0; at < lengthBytes; at += 64, index++) {
    const block = createHash('sha256').update(`${seed} ${index}`).digest();
    out.set(block.subarray(0, Math.min(32, lengthBytes - at)), at);
  }
  return out;
}
