import { TalkError } from '../../../../preload/contract/talk-error.ts';
import { isOgg, oggPackets } from './ogg-packets.ts';
import { readPacket } from './opus-facts.ts';

/** A recording of Opus packets, in whatever shape a board's firmware wrote it. */
export interface OpusFile {
  container: 'ogg' | 'fixed' | 'length-prefixed';
  /** How: '180 bytes', 'u16 little-endian'; empty for Ogg. */
  shape: string;
  packets: Uint8Array[];
  /** Bytes that belong to no packet: headers, a last one that is cut short. */
  leftBytes: number;
  /** There was more than is measured: `MOST_PACKETS`. */
  isCut: boolean;
}

const MOST_BYTES = 32 * 1024 * 1024;
/** Ten minutes of 60 ms. */
const MOST_PACKETS = 10_000;
/** Packets that must agree before a shape is believed. */
const LEAST_PACKETS = 5;
/** Fewest bytes that code speech for 2.5 ms and more; and the longest packet boards make (64 kbit/s of 120 ms). */
const [LEAST_BYTES, MOST_PACKET_BYTES] = [8, 1000];
const AGREE = 0.98;

/**
 * Reads Ogg Opus (RFC 7845), packets of one size one after the other (what the vendor's recv.opus is and boards write who save what they send),
 * and packets with their length before them (one byte, or two or four in either order). Throws TalkError 'check/bad-opus' {reason}.
 */
export function readOpusFile(data: Uint8Array): OpusFile {
  if (data.length === 0) throw bad('empty');
  if (data.length > MOST_BYTES) throw bad('too-large', { limitBytes: MOST_BYTES });
  if (isOgg(data)) return readOgg(data);
  if (startsWith(data, 'RIFF')) throw bad('wav');
  if (data.every((byte) => byte === data[0])) throw bad('nothing-recorded');
  const prefixed = prefixes.flatMap((prefix) => readPrefixed(data, prefix) ?? []).toSorted((a, b) => a.leftBytes - b.leftBytes)[0];
  const found = prefixed ?? readFixed(data);
  if (found === undefined) throw bad('unknown-shape');
  return found;
}

function bad(reason: string, data: Record<string, unknown> = {}): TalkError {
  return new TalkError('check/bad-opus', { reason, ...data });
}

function startsWith(data: Uint8Array, text: string): boolean {
  return Array.from(text).every((character, index) => data[index] === character.charCodeAt(0));
}

function readOgg(data: Uint8Array): OpusFile {
  const { packets, badPages } = oggPackets(data, MOST_PACKETS + 2);
  const [head, , ...sound] = packets;
  if (head === undefined) throw bad('damaged');
  if (!startsWith(head, 'OpusHead')) throw bad('not-opus');
  if ((head[9] ?? 0) > 2) throw bad('channels', { channels: head[9] });
  if (sound.length === 0) throw bad(badPages > 0 ? 'damaged' : 'nothing-recorded');
  return { container: 'ogg', shape: '', packets: sound.slice(0, MOST_PACKETS), leftBytes: 0, isCut: sound.length >= MOST_PACKETS };
}

interface Prefix {
  name: string;
  bytes: 1 | 2 | 4;
  isLittle: boolean;
}

const prefixes: readonly Prefix[] = [
  { name: 'u16 little-endian', bytes: 2, isLittle: true },
  { name: 'u16 big-endian', bytes: 2, isLittle: false },
  { name: 'u32 little-endian', bytes: 4, isLittle: true },
  { name: 'u32 big-endian', bytes: 4, isLittle: false },
  { name: 'u8', bytes: 1, isLittle: true },
];

/** Undefined where lengths and packets do not fit one another to the file's end. */
function readPrefixed(data: Uint8Array, prefix: Prefix): OpusFile | undefined {
  const packets: Uint8Array[] = [];
  let at = 0;
  let isCut = false;
  while (at + prefix.bytes < data.length) {
    if (packets.length === MOST_PACKETS) {
      isCut = true;
      break;
    }
    const length = lengthAt(data, at, prefix);
    // Less is what encoders make of silence (RFC 6716 §2.1.9): it has to be possible, but says nothing for the shape.
    if (length < 1 || length > MOST_PACKET_BYTES) return undefined;
    if (at + prefix.bytes + length > data.length) break;
    packets.push(data.subarray(at + prefix.bytes, at + prefix.bytes + length));
    at += prefix.bytes + length;
  }
  if (!isBelievable(packets)) return undefined;
  return { container: 'length-prefixed', shape: prefix.name, packets, leftBytes: isCut ? 0 : data.length - at, isCut };
}

function lengthAt(data: Uint8Array, at: number, { bytes, isLittle }: Prefix): number {
  let length = 0;
  for (let i = 0; i < bytes; i++) length = length * 256 + (data[at + (isLittle ? bytes - 1 - i : i)] ?? 0);
  return length;
}

/** The smallest size at which packets agree: its multiples do too. Behind a header of a few bytes as well. */
function readFixed(data: Uint8Array): OpusFile | undefined {
  for (const header of [0, 4, 8, 16, 44]) {
    for (let size = LEAST_BYTES; size <= MOST_PACKET_BYTES; size++) {
      const count = Math.floor((data.length - header) / size);
      if (count < LEAST_PACKETS) break;
      if (!agreesEarly(data, header, size, count)) continue;
      const kept = Math.min(count, MOST_PACKETS);
      const packets = Array.from({ length: kept }, (_, i) => data.subarray(header + i * size, header + (i + 1) * size));
      if (!isBelievable(packets)) continue;
      return { container: 'fixed', shape: `${size} bytes`, packets, leftBytes: data.length - count * size, isCut: count > kept };
    }
  }
  return undefined;
}

/** Most sizes are out after a few packets. */
function agreesEarly(data: Uint8Array, header: number, size: number, count: number): boolean {
  const first = (data[header] ?? 0) >> 2;
  let others = 0;
  for (let i = 1; i < Math.min(count, 12); i++) if ((data[header + i * size] ?? 0) >> 2 !== first) others++;
  return others <= 1;
}

/**
 * Whether these are Opus packets as a board's encoder makes them: possible ones, nearly all of one mode and length, and not
 * all the same, as the lines of a text may be. Another stride through the same bytes meets tables of contents at random.
 */
function isBelievable(packets: readonly Uint8Array[]): boolean {
  if (packets.length < LEAST_PACKETS || packets.every((packet) => Buffer.compare(packet, packets[0] ?? packet) === 0)) return false;
  const shapes = new Map<string, number>();
  for (const packet of packets) {
    const info = readPacket(packet);
    const shape = info === null ? '' : `${info.mode} ${info.isStereo} ${info.durationMs}`;
    shapes.set(shape, (shapes.get(shape) ?? 0) + 1);
  }
  const impossible = shapes.get('') ?? 0;
  const most = Math.max(0, ...[...shapes].flatMap(([shape, count]) => (shape === '' ? [] : [count])));
  return most >= packets.length * AGREE || (packets.length < 50 && most >= packets.length - 1 && impossible <= 1 && packets.length > 10);
}
