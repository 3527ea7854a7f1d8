import type { AppDescriptor, FlashPlan, Partition, PlannedFile } from '../../../../preload/contract/flash.ts';
import type { ChipRevisions } from './esp-image.ts';

/** Erasing takes whole sectors: regions never share one. */
export const SECTOR_BYTES = 0x1000;

/** One stretch of flash to write. */
export interface Region {
  offset: number;
  name: string;
  /** Of the file as given; `data` is padded behind it. */
  sizeBytes: number;
  /** Padded to a multiple of 4 with what erased flash reads as. */
  data: Uint8Array;
  /** Of the file as given, hex. */
  sha256: string;
  kind: PlannedFile['kind'];
  /** The chip an application or bootloader was built for; null for anything else. */
  chip: string | null;
  /** Which revisions of that chip it runs on; null for all of them. */
  revisions: ChipRevisions | null;
  app: AppDescriptor | null;
  /** The partition it goes into, where a table says so. */
  partition: string | null;
  /** Given in the clear; a chip with flash encryption on has to encrypt it while writing. */
  isEncrypted: boolean;
}

/**
 * What an ESP32-family flash writes, in order of offset. The plan's files are these regions, in this order, and behind them the
 * NVS of the board's own values where there is one: its bytes are made when the board is known.
 */
export interface EspFlash {
  plan: FlashPlan;
  regions: Region[];
  /** From the partition table among the files; null without one: the board's counts. */
  table: Partition[] | null;
}
