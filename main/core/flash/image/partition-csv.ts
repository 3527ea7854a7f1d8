import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Partition } from '../../../../preload/contract/flash.ts';
import { PARTITION_TABLE_BYTES, PARTITION_TABLE_OFFSET } from './partition-table.ts';
import { subtypeName, subtypeNumber, typeName, typeNumber } from './partition-types.ts';
import { SECTOR_BYTES } from './sector.ts';

const APP_ALIGNMENT = 0x10000;
const NAME_BYTES = 16;
const MOST_PARTITIONS = PARTITION_TABLE_BYTES / 32 - 2;
const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 * 1024 };

/**
 * ESP-IDF's partitions.csv (name, type, subtype, offset, size, flags): an empty offset is the next one that fits, a size may be
 * 64K or 1M, a negative size ends at that address. `tableOffset`: partitions begin a sector behind it. Fails with
 * `flash/bad-file` {path: `name`, reason} and the line, for all that ESP-IDF's generator refuses.
 */
export function parsePartitionCsv(text: string, name: string, tableOffset = PARTITION_TABLE_OFFSET): Partition[] {
  const partitions: Partition[] = [];
  let end = tableOffset + SECTOR_BYTES;
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const content = line.trim();
    if (content === '' || content.startsWith('#')) continue;
    const fail = (reason: string) => new TalkError('flash/bad-file', { path: name, reason: `line ${index + 1}: ${reason}` });
    const partition = parseLine(content, end, tableOffset, fail);
    const isBefore = isPrimary(partition);
    if (partition.offset < end && !isBefore) throw fail(`begins at ${hex(partition.offset)}, the one before ends at ${hex(end)}`);
    if (partitions.some((other) => other.name === partition.name)) throw fail(`a second ${partition.name}`);
    if (partitions.length === MOST_PARTITIONS) throw fail('too many partitions');
    if (!isBefore) end = partition.offset + partition.sizeBytes;
    if (end > 2 ** 32) throw fail('ends beyond 4 GiB');
    partitions.push(partition);
  }
  if (partitions.length === 0) throw new TalkError('flash/bad-file', { path: name, reason: 'no partition in it' });
  return partitions;
}

function parseLine(line: string, end: number, tableOffset: number, fail: (reason: string) => TalkError): Partition {
  const [name = '', typeText = '', subtypeText = '', offsetText = '', sizeText = '', flags = '', ...rest] = line
    .split(',')
    .map((field) => field.trim());
  if (rest.some((field) => field !== '')) throw fail('more than six fields');
  if (name === '') throw fail('no name');
  if (Buffer.byteLength(name) > NAME_BYTES) throw fail(`${name}: a name has at most ${NAME_BYTES} bytes`);
  const typeCode = typeNumber(typeText.toLowerCase());
  if (typeCode === undefined) throw fail(`no partition type ${typeText}`);
  const type = typeName(typeCode);
  const subtype = parseSubtype(type, subtypeText.toLowerCase());
  if (subtype === undefined) throw fail(`no ${type} subtype ${subtypeText === '' ? '(empty)' : subtypeText}`);

  const kind = { type, subtype: subtypeName(type, subtype) };
  const alignment = type === 'app' ? APP_ALIGNMENT : SECTOR_BYTES;
  const next = isPrimary(kind) ? tableOffset : Math.ceil(end / alignment) * alignment;
  if (offsetText === '' && isPrimary(kind) && type === 'bootloader') throw fail('no offset: it is another one on each chip');
  const offset = offsetText === '' ? next : parseNumber(offsetText);
  if (offset === undefined || offset < 0) throw fail(`no offset: ${offsetText}`);
  if (offset % alignment !== 0) throw fail(`${hex(offset)} is no multiple of ${hex(alignment)}`);
  const size = sizeText === '' && isPrimary(kind) ? primaryBytes(type, offset, tableOffset) : parseNumber(sizeText);
  if (size === undefined || size === 0) throw fail(sizeText === '' ? 'no size' : `no size: ${sizeText}`);
  const sizeBytes = size < 0 ? -size - offset : size;
  if (sizeBytes <= 0) throw fail('ends before it begins');
  if (type === 'data' && kind.subtype === 'ota' && sizeBytes !== 2 * SECTOR_BYTES) throw fail('OTA data take exactly 0x2000');
  return { name, ...kind, offset, sizeBytes, ...parseFlags(flags, fail) };
}

/** The bootloader and the table themselves: before all partitions, where the chip and the table's own offset put them. */
function isPrimary({ type, subtype }: Pick<Partition, 'type' | 'subtype'>): boolean {
  return (type === 'bootloader' || type === 'partition_table') && subtype === 'primary';
}

function primaryBytes(type: string, offset: number, tableOffset: number): number {
  return type === 'bootloader' ? tableOffset - offset : SECTOR_BYTES;
}

/** Without one, data are 'undefined'; an application must say which it is. */
function parseSubtype(type: string, text: string): number | undefined {
  if (text !== '') return subtypeNumber(type, text);
  return type === 'app' ? undefined : subtypeNumber('data', 'undefined');
}

function parseFlags(text: string, fail: (reason: string) => TalkError): Pick<Partition, 'isEncrypted' | 'isReadOnly'> {
  const flags = text
    .toLowerCase()
    .split(':')
    .map((flag) => flag.trim())
    .filter((flag) => flag !== '');
  const unknown = flags.find((flag) => flag !== 'encrypted' && flag !== 'readonly');
  if (unknown !== undefined) throw fail(`no flag ${unknown}`);
  return { isEncrypted: flags.includes('encrypted'), isReadOnly: flags.includes('readonly') };
}

/** '0x10000', '65536', '64K', '1M', '-0x400000'. */
function parseNumber(text: string): number | undefined {
  const found = /^(-?)(0x[0-9a-f]+|\d+)([km]?)$/i.exec(text);
  if (found === null) return undefined;
  const [, sign, digits, unit = ''] = found;
  const value = Number(digits) * (units[unit.toLowerCase()] ?? 1);
  return value > 2 ** 32 ? undefined : sign === '-' ? -value : value;
}

/** The same as text, every offset written out. */
export function formatPartitionCsv(partitions: readonly Partition[]): string {
  const lines = partitions.map(({ name, type, subtype, offset, sizeBytes, isEncrypted, isReadOnly }) => {
    const flags = [...(isEncrypted ? ['encrypted'] : []), ...(isReadOnly ? ['readonly'] : [])].join(':');
    return [name, type, subtype, hex(offset), sizeText(sizeBytes), flags].join(',');
  });
  return ['# Name,Type,SubType,Offset,Size,Flags', ...lines, ''].join('\n');
}

function sizeText(sizeBytes: number): string {
  if (sizeBytes % (1024 * 1024) === 0) return `${sizeBytes / (1024 * 1024)}M`;
  return sizeBytes % 1024 === 0 ? `${sizeBytes / 1024}K` : hex(sizeBytes);
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
