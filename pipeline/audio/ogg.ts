/**
 * Ogg pages (RFC 3533): packets in, pages out. One logical stream; each packet ends on the page it began on, which holds for whatever is
 * shorter than 255 × 255 bytes.
 */
export interface OggStream {
  /** Adds a packet; `granule` is the stream's position when it is over. Gives the page that had to be ended for it, if one had. */
  packet(bytes: Uint8Array, granule: bigint): Uint8Array[];
  /** Ends the page under way, if it holds anything. */
  flush(): Uint8Array[];
  /** The last page, which says that it is; without packets where none is under way. */
  end(): Uint8Array[];
}

const SEGMENT_BYTES = 255;
const PAGE_SEGMENTS = 255;
export const OGG_PACKET_LIMIT_BYTES = SEGMENT_BYTES * PAGE_SEGMENTS - 1;
const HEADER_BYTES = 27;
const FIRST_PAGE = 2;
const LAST_PAGE = 4;

/** `serial`: any 32 bits that no other stream of the file has. */
export function createOggStream(serial: number): OggStream {
  let sequence = 0;
  let granule = 0n;
  let lacing: number[] = [];
  let parts: Uint8Array[] = [];

  function page(flags: number): Uint8Array {
    const bodyBytes = parts.reduce((sum, part) => sum + part.byteLength, 0);
    const bytes = new Uint8Array(HEADER_BYTES + lacing.length + bodyBytes);
    const view = new DataView(bytes.buffer);
    bytes.set([0x4f, 0x67, 0x67, 0x53, 0, flags | (sequence === 0 ? FIRST_PAGE : 0)]); // OggS, version 0
    view.setBigInt64(6, granule, true);
    view.setUint32(14, serial, true);
    view.setUint32(18, sequence, true);
    bytes[26] = lacing.length;
    bytes.set(lacing, HEADER_BYTES);
    let at = HEADER_BYTES + lacing.length;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.byteLength;
    }
    view.setUint32(22, oggChecksum(bytes), true);
    sequence++;
    lacing = [];
    parts = [];
    return bytes;
  }

  const flush = (): Uint8Array[] => (lacing.length === 0 ? [] : [page(0)]);

  return {
    packet(bytes, endGranule) {
      if (bytes.byteLength > OGG_PACKET_LIMIT_BYTES) throw new RangeError(`a packet of ${bytes.byteLength} bytes`);
      const segments = Math.floor(bytes.byteLength / SEGMENT_BYTES) + 1;
      const ended = lacing.length + segments > PAGE_SEGMENTS ? flush() : [];
      for (let i = 1; i < segments; i++) lacing.push(SEGMENT_BYTES);
      lacing.push(bytes.byteLength % SEGMENT_BYTES);
      parts.push(bytes);
      granule = endGranule;
      return ended;
    },
    flush,
    end: () => [page(LAST_PAGE)],
  };
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

/** RFC 3533 §6: the polynomial of Ethernet, but neither mirrored nor inverted. Of a page whose checksum is 0. */
export function oggChecksum(page: Uint8Array): number {
  let sum = 0;
  for (const byte of page) sum = ((sum << 8) ^ (table[(sum >>> 24) ^ byte] ?? 0)) >>> 0;
  return sum;
}
