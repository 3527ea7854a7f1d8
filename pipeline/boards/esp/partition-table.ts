import { createHash } from 'node:crypto';

export const PARTITION_TABLE_OFFSET = 0x8000;
export const PARTITION_TABLE_BYTES = 0xc00;
const ENTRY_BYTES = 32;
const ENTRY_MAGIC = 0x50aa;

export interface Partition {
  type: number;
  subtype: number;
  offset: number;
  sizeBytes: number;
  label: string;
}

/** The entries up to the first that is none; null when not even the first is one. (reference/esp.md §3, "Partition table") */
export function readPartitionTable(data: Uint8Array): Partition[] | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const partitions: Partition[] = [];
  for (let at = 0; at + ENTRY_BYTES <= data.length && view.getUint16(at, true) === ENTRY_MAGIC; at += ENTRY_BYTES) {
    partitions.push({
      type: view.getUint8(at + 2),
      subtype: view.getUint8(at + 3),
      offset: view.getUint32(at + 4, true),
      sizeBytes: view.getUint32(at + 8, true),
      label: Buffer.from(data.subarray(at + 12, at + 28))
        .toString('latin1')
        .replace(/\0.*$/s, ''),
    });
  }
  return partitions.length === 0 ? null : partitions;
}

/** With the MD5 entry the bootloader checks. */
export function buildPartitionTable(partitions: readonly Partition[]): Uint8Array {
  const data = new Uint8Array(PARTITION_TABLE_BYTES).fill(0xff);
  const view = new DataView(data.buffer);
  partitions.forEach((partition, index) => {
    const at = index * ENTRY_BYTES;
    data.fill(0, at, at + ENTRY_BYTES);
    view.setUint16(at, ENTRY_MAGIC, true);
    data[at + 2] = partition.type;
    data[at + 3] = partition.subtype;
    view.setUint32(at + 4, partition.offset, true);
    view.setUint32(at + 8, partition.sizeBytes, true);
    data.set(Buffer.from(partition.label, 'latin1').subarray(0, 16), at + 12);
  });
  const end = partitions.length * ENTRY_BYTES;
  data.set([0xeb, 0xeb], end);
  data.set(createHash('md5').update(data.subarray(0, end)).digest(), end + 16);
  return data;
}
