import { createHash } from 'node:crypto';
import { TalkError } from '../../../../preload/contract/errors.ts';
import type { Partition } from '../../../../preload/contract/flash.ts';
import { subtypeName, subtypeNumber, typeName, typeNumber } from './partition-types.ts';

/** Where ESP-IDF puts it unless told otherwise; its sector is one, its table a little less. */
export const PARTITION_TABLE_OFFSET = 0x8000;
export const PARTITION_TABLE_BYTES = 0xc00;
const ENTRY_BYTES = 32;
const NAME_BYTES = 16;
const FLAG_ENCRYPTED = 1;
const FLAG_READ_ONLY = 2;

export function isPartitionTable(data: Uint8Array): boolean {
  return data.length >= ENTRY_BYTES && data[0] === 0xaa && data[1] === 0x50;
}

/**
 * ESP-IDF's binary table: entries of 32 bytes beginning AA 50, then perhaps EB EB and the MD5 of those before, then erased
 * flash. What follows the first 0xC00 bytes is none of it. Fails with `flash/bad-file` {path: `name`, reason}.
 */
export function readPartitionTable(bytes: Uint8Array, name = 'partition table'): Partition[] {
  const fail = (reason: string) => new TalkError('flash/bad-file', { path: name, reason });
  if (!isPartitionTable(bytes)) throw fail('no partition table');
  const data = bytes.subarray(0, PARTITION_TABLE_BYTES);
  const partitions: Partition[] = [];
  for (let at = 0; at + ENTRY_BYTES <= data.length; at += ENTRY_BYTES) {
    const entry = data.subarray(at, at + ENTRY_BYTES);
    if (entry.every((byte) => byte === 0xff)) return partitions;
    if (entry[0] === 0xaa && entry[1] === 0x50) partitions.push(readEntry(entry));
    else if (entry[0] === 0xeb && entry[1] === 0xeb) {
      const md5 = createHash('md5').update(data.subarray(0, at)).digest();
      if (!md5.equals(entry.subarray(16))) throw fail('partition table: MD5 does not match');
      return partitions;
    } else throw fail(`partition table: damaged at 0x${at.toString(16)}`);
  }
  // A table without end is one that was cut, unless it fills its place.
  if (data.length < PARTITION_TABLE_BYTES) throw fail('partition table: truncated');
  return partitions;
}

function readEntry(entry: Uint8Array): Partition {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
  const type = typeName(view.getUint8(2));
  const label = Buffer.from(entry.subarray(12, 12 + NAME_BYTES));
  const end = label.indexOf(0);
  const flags = view.getUint32(28, true);
  return {
    name: label.toString('utf8', 0, end < 0 ? NAME_BYTES : end).replaceAll(/\p{Cc}/gu, '�'),
    type,
    subtype: subtypeName(type, view.getUint8(3)),
    offset: view.getUint32(4, true),
    sizeBytes: view.getUint32(8, true),
    isEncrypted: (flags & FLAG_ENCRYPTED) !== 0,
    isReadOnly: (flags & FLAG_READ_ONLY) !== 0,
  };
}

/** The same as bytes, with its MD5, as ESP-IDF's generator makes it. Fails with `bad-request` for what it cannot hold. */
export function writePartitionTable(partitions: readonly Partition[]): Uint8Array {
  const data = Buffer.alloc(PARTITION_TABLE_BYTES, 0xff);
  if ((partitions.length + 1) * ENTRY_BYTES >= PARTITION_TABLE_BYTES) throw invalid('too many partitions');
  for (const [index, partition] of partitions.entries()) {
    const type = typeNumber(partition.type);
    const subtype = subtypeNumber(partition.type, partition.subtype);
    if (type === undefined || subtype === undefined) throw invalid(`no type ${partition.type}, ${partition.subtype}`);
    const label = Buffer.from(partition.name);
    if (label.length > NAME_BYTES) throw invalid(`${partition.name}: a name has at most ${NAME_BYTES} bytes`);
    const entry = data.subarray(index * ENTRY_BYTES, (index + 1) * ENTRY_BYTES).fill(0);
    entry.set([0xaa, 0x50, type, subtype]);
    entry.writeUInt32LE(partition.offset, 4);
    entry.writeUInt32LE(partition.sizeBytes, 8);
    entry.set(label, 12);
    entry.writeUInt32LE((partition.isEncrypted ? FLAG_ENCRYPTED : 0) | (partition.isReadOnly ? FLAG_READ_ONLY : 0), 28);
  }
  const end = partitions.length * ENTRY_BYTES;
  data.set([0xeb, 0xeb], end);
  data.set(createHash('md5').update(data.subarray(0, end)).digest(), end + 16);
  return data;
}

function invalid(message: string): TalkError {
  return new TalkError('bad-request', { issues: [{ path: ['partitions'], message }] });
}

export function partitionAt(table: readonly Partition[], offset: number): Partition | undefined {
  return table.find((partition) => offset >= partition.offset && offset < partition.offset + partition.sizeBytes);
}

/** Of the partition that ends last. */
export function endOf(table: readonly Partition[]): number {
  return Math.max(0, ...table.map(({ offset, sizeBytes }) => offset + sizeBytes));
}
