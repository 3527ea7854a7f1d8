import { createHash } from 'node:crypto';

export interface Partition {
  label: string;
  type: number;
  subtype: number;
  offset: number;
  length: number;
}

export const PARTITION_TABLE_OFFSET = 0x8000;
export const PARTITION_TABLE_BYTES = 0xc00;
const ENTRY_BYTES = 32;
const ENTRY_MAGIC = 0x50aa;
const DIGEST_MAGIC = 0xebeb;

/** Type 0 is an application; its subtype 0 is the factory one. */
export const APPLICATION = 0;

/** The table's entries; null when there is no valid table. */
export function readPartitions(table: Uint8Array): Partition[] | null {
  const bytes = Buffer.from(table);
  const partitions: Partition[] = [];
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const magic = bytes.readUInt16LE(at);
    if (magic === DIGEST_MAGIC) {
      const isRight = createHash('md5')
        .update(bytes.subarray(0, at))
        .digest()
        .equals(bytes.subarray(at + 16, at + 32));
      return isRight ? partitions : null;
    }
    if (magic !== ENTRY_MAGIC) break;
    partitions.push({
      type: bytes.readUInt8(at + 2),
      subtype: bytes.readUInt8(at + 3),
      offset: bytes.readUInt32LE(at + 4),
      length: bytes.readUInt32LE(at + 8),
      label: bytes.toString('latin1', at + 12, at + 28).split('\0')[0] ?? '',
    });
  }
  return partitions.length > 0 ? partitions : null;
}

/** A table with its MD5 entry, padded to its full size. */
export function makePartitions(partitions: readonly Partition[]): Uint8Array {
  const table = Buffer.alloc(PARTITION_TABLE_BYTES, 0xff);
  let at = 0;
  for (const { label, type, subtype, offset, length } of partitions) {
    table.fill(0, at, at + ENTRY_BYTES);
    table.writeUInt16LE(ENTRY_MAGIC, at);
    table.writeUInt8(type, at + 2);
    table.writeUInt8(subtype, at + 3);
    table.writeUInt32LE(offset, at + 4);
    table.writeUInt32LE(length, at + 8);
    table.write(label.slice(0, 16), at + 12, 'latin1');
    at += ENTRY_BYTES;
  }
  table.writeUInt16LE(DIGEST_MAGIC, at);
  createHash('md5')
    .update(table.subarray(0, at))
    .digest()
    .copy(table, at + 16);
  return table;
}
