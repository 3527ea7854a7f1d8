import { posix } from 'node:path';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Partition } from '../../../../preload/contract/flash.ts';
import type { Reason } from '../../../../preload/contract/reasons.ts';
import { chipByImageId } from '../esp/chips.ts';
import type { Content } from './content.ts';
import { firstApp } from './merged.ts';
import { PARTITION_TABLE_OFFSET } from './partition-table.ts';

/** Where ESP-IDF, PlatformIO and Arduino put the first application unless told otherwise. */
export const USUAL_APP_OFFSET = 0x10000;

export interface Place {
  offset: number;
  /** Not said by anything: the board's own table has to agree. */
  isGuessed: boolean;
}

/**
 * Where a file without an offset belongs, by what it is. `table`: of the partition table among the files. Fails with
 * `flash/no-offset` {name, reason}.
 */
export function placeOf(name: string, content: Content, table: readonly Partition[] | null): Place {
  if (content.kind === 'merged') return known(content.merged.offset);
  if (content.kind === 'partition-table') return known(PARTITION_TABLE_OFFSET);
  if (content.kind === 'bootloader') {
    const chip = chipByImageId(content.image.chipId);
    if (chip === undefined) throw nowhere(name, 'unknown-bootloader', { chipId: content.image.chipId });
    return known(chip.bootloaderOffset);
  }
  if (content.kind === 'app') return placeOfApp(name, table);
  if (table === null) throw nowhere(name, 'no-table');
  return placeOfData(name, content.kind, table);
}

function placeOfApp(name: string, table: readonly Partition[] | null): Place {
  if (table === null) return { offset: USUAL_APP_OFFSET, isGuessed: true };
  const apps = table.filter(({ type }) => type === 'app');
  const partition = named(name, apps) ?? firstApp(table);
  if (partition === undefined) throw nowhere(name, 'no-application-partition');
  return known(partition.offset);
}

function placeOfData(name: string, kind: Content['kind'], table: readonly Partition[]): Place {
  const data = table.filter(({ type }) => type !== 'app');
  const partition = named(name, data);
  if (partition !== undefined) return known(partition.offset);
  const subtypes = kind === 'data' ? subtypesByName(name) : (subtypesByContent[kind] ?? []);
  const ofSubtype = (wanted: string) => data.filter(({ type, subtype }) => type === 'data' && subtype === wanted);
  const candidates = subtypes.map(ofSubtype).find((found) => found.length > 0) ?? [];
  const [only, second] = candidates;
  if (only === undefined)
    throw subtypes.length === 0
      ? nowhere(name, 'no-partition-of-name')
      : nowhere(name, 'no-partition-of-kind', { kinds: subtypes.join(', ') });
  // Values of the application are in the one that ESP-IDF opens unless told otherwise.
  const usual = candidates.find((one) => one.name === 'nvs');
  if (second !== undefined && usual === undefined)
    throw nowhere(name, 'several-partitions', { partitions: candidates.map((one) => one.name).join(', ') });
  return known((usual ?? only).offset);
}

/** The first that the table has. Arduino keeps LittleFS in a partition that says 'spiffs'. */
const subtypesByContent: Readonly<Record<string, readonly string[]>> = {
  nvs: ['nvs'],
  'ota-data': ['ota'],
  littlefs: ['littlefs', 'spiffs'],
  fat: ['fat'],
};

/** What builds call the files of these kinds, whose bytes do not tell. */
function subtypesByName(name: string): readonly string[] {
  const stem = stemOf(name);
  if (stem === 'boot_app0' || stem.startsWith('ota_data')) return ['ota'];
  if (stem === 'fatfs') return ['fat'];
  return ['spiffs', 'littlefs', 'fat', 'nvs', 'nvs_keys', 'coredump'].filter((subtype) => subtype === stem);
}

/** Speech models (esp-sr) and assets (xiaozhi) are built under other names than their partitions'. */
const otherNames = new Map([
  ['srmodels', 'model'],
  ['generated_assets', 'assets'],
]);

function named(name: string, partitions: readonly Partition[]): Partition | undefined {
  const stem = stemOf(name);
  const same = (wanted: string) => partitions.find((partition) => plain(partition.name) === wanted);
  return same(stem) ?? same(otherNames.get(stem) ?? stem);
}

function stemOf(name: string): string {
  const file = posix.basename(name.replaceAll('\\', '/'));
  return plain(file.replace(/\.[a-z0-9]+$/i, ''));
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll('-', '_');
}

function known(offset: number): Place {
  return { offset, isGuessed: false };
}

function nowhere(name: string, reason: Reason<'flash/no-offset'>, facts: Record<string, string | number> = {}): TalkError {
  return new TalkError('flash/no-offset', { name, reason, ...facts });
}
