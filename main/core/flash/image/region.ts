import { TalkError } from '../../../../preload/contract/errors.ts';
import type { AppDescriptor, FlashPlan, Partition, PlannedFile } from '../../../../preload/contract/flash.ts';
import { chipByImageId } from '../esp/chips.ts';
import type { Content } from './content.ts';
import type { ChipRevisions, ImageInfo } from './esp-image.ts';
import { partitionAt } from './partition-table.ts';
import { placeOf } from './placing.ts';
import type { Recognised } from './recognise.ts';
import { SECTOR_BYTES } from './sector.ts';

export { SECTOR_BYTES };

/** One stretch of flash to write. */
export interface Region {
  offset: number;
  name: string;
  /** `data` is padded behind it. */
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
  /** Nothing said where an application goes: the board's table has to have one there. */
  isGuessed: boolean;
  /** With a signature for secure boot behind it. */
  isSigned: boolean;
  /** The file on the core's host; null for what was uploaded. */
  path: string | null;
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

/** Fails with `flash/no-offset` where it has none and `flash/bad-offset` where it shares a sector with what is before it. */
export function regionOf({ file, content }: Recognised, table: readonly Partition[] | null): Region {
  const place = file.offset === undefined ? placeOf(file.name, content, table) : { offset: file.offset, isGuessed: false };
  const { offset, isGuessed } = place;
  // Erasing takes whole sectors: a region that began inside one would take its neighbour's bytes with it.
  if (offset % SECTOR_BYTES !== 0) throw new TalkError('flash/bad-offset', { offset, reason: 'off-sector', name: file.name });
  const image = imageOf(content);
  const chip = image === null ? null : chipByImageId(image.chipId);
  const partition = content.kind === 'merged' || table === null ? undefined : partitionAt(table, offset);
  return {
    offset,
    name: file.name,
    sizeBytes: file.data.length,
    data: padded(file.data),
    sha256: file.sha256,
    kind: kindOf(content, offset),
    chip: image === null ? file.chip : (chip?.name ?? `chip id ${image.chipId}`),
    revisions: image?.revisions ?? null,
    app: image?.app ?? null,
    partition: partition?.name ?? null,
    isGuessed,
    isSigned: image?.isSigned ?? false,
    path: file.path,
    isEncrypted: file.isEncrypted,
  };
}

/** Of a merged one its application, which says more than its bootloader. */
function imageOf(content: Content): ImageInfo | null {
  if (content.kind === 'merged') return content.merged.app ?? content.merged.bootloader;
  return content.kind === 'bootloader' || content.kind === 'app' ? content.image : null;
}

function kindOf(content: Content, offset: number): Region['kind'] {
  switch (content.kind) {
    case 'bootloader':
      // What runs from RAM alone looks the same; a chip tells them by where they are.
      return offset === (chipByImageId(content.image.chipId)?.bootloaderOffset ?? offset) ? 'bootloader' : 'app';
    case 'ota-data':
    case 'littlefs':
    case 'fat':
      return 'data';
    default:
      return content.kind;
  }
}

function padded(data: Uint8Array): Uint8Array {
  if (data.length % 4 === 0) return data;
  const out = new Uint8Array(Math.ceil(data.length / 4) * 4).fill(0xff);
  out.set(data);
  return out;
}
