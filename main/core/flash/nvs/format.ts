import { crc32 } from 'node:zlib';

/**
 * ESP-IDF's non-volatile storage, versions 1 and 2 (ESP-IDF Programming Guide, "NVS internals"): pages of a flash sector, each a header, a
 * bitmap with two bits an entry, and 126 entries of 32 bytes. All numbers little-endian.
 */
export const PAGE_BYTES = 4096;
export const ENTRY_BYTES = 32;
export const BITMAP_OFFSET = 32;
export const FIRST_ENTRY_OFFSET = 64;
export const ENTRIES_PER_PAGE = 126;

/** Two pages to write in turn, and one that stays free for moving what is still needed out of a full one. */
export const MINIMUM_BYTES = 3 * PAGE_BYTES;

/** The largest flash there is. */
export const LARGEST_BYTES = 128 * 1024 * 1024;

/** Written over one another: each state only clears bits of the one before. */
export const pageStates = {
  empty: 0xffffffff,
  active: 0xfffffffe,
  full: 0xfffffffc,
  freeing: 0xfffffff8,
  corrupt: 0xfffffff0,
} as const;

export const VERSION_2 = 0xfe;

export const entryStates = { empty: 0b11, written: 0b10, erased: 0b00 } as const;

export const typeCodes = {
  u8: 0x01,
  i8: 0x11,
  u16: 0x02,
  i16: 0x12,
  u32: 0x04,
  i32: 0x14,
  u64: 0x08,
  i64: 0x18,
  string: 0x21,
  /** Version 1: all of a blob, in one page. */
  blob: 0x41,
  /** Version 2: a piece of a blob, and what says which pieces there are. */
  blobData: 0x42,
  blobIndex: 0x48,
} as const;

export type NumberType = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64';

/** A number's type tells its width and sign. */
export function isNumberType(type: string): type is NumberType {
  return /^[ui](8|16|32|64)$/.test(type);
}

/** The chunk field of what is no piece of a blob. */
export const NO_CHUNK = 0xff;

/** Namespaces are entries of this namespace: their name as the key, their index as a u8. */
export const NAMESPACE_OF_NAMESPACES = 0;
export const LAST_NAMESPACE = 254;

/** Of keys and namespaces, in UTF-8; the 16th byte ends them. */
export const NAME_BYTES = 15;
/** With the NUL that ends them. */
export const STRING_BYTES = 4000;
/** Pieces are numbered 0…127 or 128…255, by turns as a blob is replaced. */
export const BLOB_CHUNKS = 127;

/** CRC-32 as the chip's ROM starts it. */
export function checksum(data: Uint8Array): number {
  return crc32(data, 0xffffffff);
}

/** An entry's checksum is over all of it but the checksum itself. */
export function entryChecksum(entry: Uint8Array): number {
  return crc32(entry.subarray(8, ENTRY_BYTES), checksum(entry.subarray(0, 4)));
}

/** A page header's checksum is over its sequence number, version and spare bytes; the state is written later. */
export function headerChecksum(page: Uint8Array): number {
  return checksum(page.subarray(4, 28));
}
