import { oggChecksum } from '../../../../../../pipeline/audio/ogg.ts';

export interface OggPage {
  flags: number;
  granule: bigint;
  serial: number;
  sequence: number;
  packets: Uint8Array[];
}

/** A reader of Ogg Opus that forgives nothing: RFC 3533 §6 and RFC 7845 §3–5, for one stream whose packets end on their page. */
export function parseOggOpus(file: Uint8Array) {
  const pages: OggPage[] = [];
  for (let at = 0; at < file.length; ) {
    const view = new DataView(file.buffer, file.byteOffset + at);
    if (Buffer.from(file.subarray(at, at + 4)).toString() !== 'OggS') throw new Error(`no page at ${at}`);
    if (file[at + 4] !== 0) throw new Error('version');
    const segments = file[at + 26] ?? 0;
    const lacing = file.subarray(at + 27, at + 27 + segments);
    const size = 27 + segments + lacing.reduce((sum, value) => sum + value, 0);
    // A copy: of a Buffer, slice() is a view.
    const page = new Uint8Array(file.subarray(at, at + size));
    if (page.length !== size) throw new Error('cut page');
    page.fill(0, 22, 26);
    if (oggChecksum(page) !== view.getUint32(22, true)) throw new Error(`checksum of page ${pages.length}`);
    const packets: Uint8Array[] = [];
    let from = 27 + segments;
    let length = 0;
    for (const value of lacing) {
      length += value;
      if (value === 255) continue;
      packets.push(page.slice(from, from + length));
      from += length;
      length = 0;
    }
    if (lacing.at(-1) === 255) throw new Error('a packet goes on');
    pages.push({
      flags: file[at + 5] ?? 0,
      granule: view.getBigInt64(6, true),
      serial: view.getUint32(14, true),
      sequence: view.getUint32(18, true),
      packets,
    });
    at += size;
  }
  for (const [i, page] of pages.entries()) {
    if (page.sequence !== i || page.serial !== pages[0]?.serial) throw new Error(`page ${i} out of order`);
    if (((page.flags & 2) !== 0) !== (i === 0)) throw new Error('first page');
    if (((page.flags & 4) !== 0) !== (i === pages.length - 1)) throw new Error('last page');
    if ((page.flags & 1) !== 0) throw new Error('continued');
  }
  const [head, tags, ...rest] = pages;
  const [opusHead] = head?.packets ?? [];
  const [opusTags] = tags?.packets ?? [];
  if (head?.packets.length !== 1 || tags?.packets.length !== 1 || opusHead === undefined || opusTags === undefined)
    throw new Error('headers');
  if (head.granule !== 0n || tags.granule !== 0n) throw new Error('granule of a header');
  if (Buffer.from(opusHead.subarray(0, 8)).toString() !== 'OpusHead' || opusHead.length !== 19 || opusHead[8] !== 1)
    throw new Error('OpusHead');
  if (opusHead[18] !== 0 || (opusHead[9] !== 1 && opusHead[9] !== 2)) throw new Error('channels');
  let granule = 0n;
  const packets: { bytes: Uint8Array; startUs: number; durationUs: number }[] = [];
  for (const page of rest) {
    for (const bytes of page.packets) {
      const samples = samplesOf(bytes);
      packets.push({ bytes, startUs: (Number(granule) * 1000) / 48, durationUs: (samples * 1000) / 48 });
      granule += BigInt(samples);
    }
    // RFC 7845 §4.1: a position moves by what the packets hold, never more.
    if (page.granule !== granule) throw new Error(`granule ${page.granule}, the packets say ${granule}`);
  }
  return {
    pages,
    packets,
    channels: opusHead[9],
    preSkip: new DataView(opusHead.buffer).getUint16(10, true),
    comments: commentsOf(opusTags),
  };
}

/** By RFC 6716 §3.1 and §3.2.5, from the standard's own table rather than from the writer's code. */
function samplesOf(packet: Uint8Array): number {
  const [toc, second = 0] = packet;
  if (toc === undefined) throw new Error('empty packet');
  const configuration = toc >> 3;
  const frame =
    configuration < 12
      ? [480, 960, 1920, 2880][configuration & 3]
      : configuration < 16
        ? [480, 960][configuration & 1]
        : [120, 240, 480, 960][configuration & 3];
  const count = (toc & 3) === 0 ? 1 : (toc & 3) === 3 ? second & 63 : 2;
  const samples = (frame ?? 0) * count;
  if (samples === 0 || samples > 5760) throw new Error(`packet of ${samples} samples`);
  return samples;
}

function commentsOf(tags: Uint8Array): string[] {
  const view = new DataView(tags.buffer, tags.byteOffset, tags.byteLength);
  if (Buffer.from(tags.subarray(0, 8)).toString() !== 'OpusTags') throw new Error('OpusTags');
  let at = 8;
  const text = (): string => {
    const length = view.getUint32(at, true);
    const bytes = tags.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  };
  text();
  const count = view.getUint32(at, true);
  at += 4;
  const comments = Array.from({ length: count }, text);
  if (at !== tags.length) throw new Error('tags end early');
  return comments;
}
