import { oggChecksum } from '../../../../pipeline/audio/ogg.ts';

export interface OggPackets {
  packets: Uint8Array[];
  /** Pages whose checksum is wrong, or that are cut short: what they held is not used. */
  badPages: number;
}

const CAPTURE = [0x4f, 0x67, 0x67, 0x53] as const;
const HEADER_BYTES = 27;
const CONTINUED = 1;
/** Of a file that is nothing but beginnings of pages each would be looked through. */
const MOST_BAD_PAGES = 1000;

export function isOgg(data: Uint8Array): boolean {
  return CAPTURE.every((byte, index) => data[index] === byte);
}

/**
 * Packets of a file's first logical stream (RFC 3533), at most so many. Whatever the file holds: bad pages are passed over, what they broke off
 * is left out.
 */
export function oggPackets(data: Uint8Array, limit: number): OggPackets {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const packets: Uint8Array[] = [];
  let badPages = 0;
  let serial: number | undefined;
  let open: Uint8Array[] | null = [];
  for (let at = 0; at + HEADER_BYTES <= data.length && packets.length < limit && badPages < MOST_BAD_PAGES; ) {
    if (!CAPTURE.every((byte, index) => data[at + index] === byte)) {
      at++;
      continue;
    }
    const bodyAt = at + HEADER_BYTES + (data[at + 26] ?? 0);
    const lacing = data.subarray(at + HEADER_BYTES, bodyAt);
    const end = bodyAt + lacing.reduce((sum, segment) => sum + segment, 0);
    if (end > data.length || !isWhole(data.subarray(at, end))) {
      badPages++;
      open = null;
      at += CAPTURE.length;
      continue;
    }
    serial ??= view.getUint32(at + 14, true);
    if (view.getUint32(at + 14, true) === serial) {
      const isContinued = ((data[at + 5] ?? 0) & CONTINUED) !== 0;
      if (!isContinued) open = [];
      let from = bodyAt;
      for (const segment of lacing) {
        open?.push(data.subarray(from, from + segment));
        from += segment;
        if (segment === 255) continue;
        if (open !== null && packets.length < limit) packets.push(joinedBytes(open));
        open = [];
      }
    }
    at = end;
  }
  return { packets, badPages };
}

function isWhole(page: Uint8Array): boolean {
  const wanted = new DataView(page.buffer, page.byteOffset).getUint32(22, true);
  const blank = page.slice();
  blank.fill(0, 22, 26);
  return oggChecksum(blank) === wanted;
}

function joinedBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : new Uint8Array(Buffer.concat(parts));
}
