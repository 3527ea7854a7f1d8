import { type OpusPacketInfo, opusPacketInfo } from '../../../../pipeline/audio/opus-packet.ts';
import { quantile } from './decibels.ts';

/** Opus packets as their table-of-contents bytes and lengths tell them (RFC 6716 §3), nothing decoded. */
export interface OpusFacts {
  packets: number;
  /** Impossible by RFC 6716 §3.4: no decoder takes them. */
  invalid: number;
  /** Sound in a packet, ms, of most packets; and how many packets have another. */
  packetMs: number;
  otherLengths: number;
  /** Opus frames in a packet, of most packets. */
  framesInPacket: number;
  mode: OpusPacketInfo['mode'];
  bandwidth: OpusPacketInfo['bandwidth'];
  /** Packets whose mode or bandwidth is another than most packets': an encoder that adapts. */
  changed: number;
  channels: 1 | 2;
  /** Every packet has as many bytes (RFC 6716 §2.1.8). */
  isCbr: boolean;
  packetBytes: number;
  leastBytes: number;
  mostBytes: number;
  /** Packets of nothing but comfort noise or nothing at all: discontinuous transmission. */
  dtx: number;
  bitrateKbitS: number;
}

/** Null of no packet that could be read. */
export function opusFacts(packets: readonly Uint8Array[]): OpusFacts | null {
  const read = packets.flatMap((bytes) => {
    const info = readPacket(bytes);
    return info === null ? [] : [{ ...info, bytes: bytes.byteLength }];
  });
  if (read.length === 0) return null;
  const packetMs = most(read.map(({ durationMs }) => durationMs));
  const shape = most(read.map(({ mode, bandwidth }) => `${mode} ${bandwidth}`));
  const [mode, bandwidth] = shape.split(' ') as [OpusFacts['mode'], OpusFacts['bandwidth']];
  const sizes = read.filter(({ isDtx }) => !isDtx).map(({ bytes }) => bytes);
  const [leastBytes, mostBytes] = [Math.min(...spread(sizes)), Math.max(...spread(sizes))];
  const seconds = read.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  return {
    packets: packets.length,
    invalid: packets.length - read.length,
    packetMs,
    otherLengths: read.filter(({ durationMs }) => durationMs !== packetMs).length,
    framesInPacket: most(read.map(({ frameCount }) => frameCount)),
    mode,
    bandwidth,
    changed: read.filter((info) => `${info.mode} ${info.bandwidth}` !== shape).length,
    channels: read.filter(({ isStereo }) => isStereo).length * 2 > read.length ? 2 : 1,
    isCbr: leastBytes === mostBytes && sizes.length > 1 && sizes.length === read.length,
    packetBytes: sizes.length === 0 ? 0 : quantile(sizes, 0.5),
    leastBytes: sizes.length === 0 ? 0 : leastBytes,
    mostBytes: sizes.length === 0 ? 0 : mostBytes,
    dtx: read.length - sizes.length,
    bitrateKbitS: (read.reduce((sum, { bytes }) => sum + bytes, 0) * 8) / seconds / 1000,
  };
}

/** A packet's facts, or null where its frames do not fit in it (RFC 6716 §3.2, requirements R1 to R7). */
export function readPacket(packet: Uint8Array): (OpusPacketInfo & { isDtx: boolean }) | null {
  let info: OpusPacketInfo;
  try {
    info = opusPacketInfo(packet);
  } catch {
    return null;
  }
  const frames = frameBytes(packet, info.frameCount);
  return frames === null ? null : { ...info, isDtx: frames.every((bytes) => bytes <= 1) };
}

const MOST_FRAME_BYTES = 1275;

/** Bytes of each frame of a packet. */
function frameBytes(packet: Uint8Array, frameCount: number): number[] | null {
  const sizes = sizesOf(packet, frameCount);
  return sizes?.every((size) => size >= 0 && size <= MOST_FRAME_BYTES) === true ? sizes : null;
}

function sizesOf(packet: Uint8Array, frameCount: number): number[] | null {
  const body = packet.byteLength - 1;
  switch ((packet[0] ?? 0) & 3) {
    case 0:
      return [body];
    case 1:
      return body % 2 === 0 ? [body / 2, body / 2] : null;
    case 2: {
      const first = lengthAt(packet, 1);
      return first === null || body - first.read - first.bytes < 0 ? null : [first.bytes, body - first.read - first.bytes];
    }
    default:
      return arbitrarySizes(packet, frameCount);
  }
}

/** Code 3: a byte of frame count and flags, padding, lengths of all frames but the last where they differ. */
function arbitrarySizes(packet: Uint8Array, frameCount: number): number[] | null {
  const flags = packet[1];
  if (flags === undefined) return null;
  let at = 2;
  let padding = 0;
  if (flags & 0x40) {
    for (let byte = 255; byte === 255; ) {
      const next = packet[at++];
      if (next === undefined) return null;
      byte = next;
      padding += byte === 255 ? 254 : byte;
    }
  }
  const isVbr = (flags & 0x80) !== 0;
  const sizes: number[] = [];
  for (let frame = 0; isVbr && frame < frameCount - 1; frame++) {
    const length = lengthAt(packet, at);
    if (length === null) return null;
    at += length.read;
    sizes.push(length.bytes);
  }
  const rest = packet.byteLength - at - padding - sizes.reduce((sum, size) => sum + size, 0);
  if (rest < 0) return null;
  if (isVbr) return [...sizes, rest];
  return rest % frameCount === 0 ? Array.from({ length: frameCount }, () => rest / frameCount) : null;
}

/** RFC 6716 §3.2.1. */
function lengthAt(packet: Uint8Array, at: number): { bytes: number; read: number } | null {
  const [first, second] = [packet[at], packet[at + 1]];
  if (first === undefined) return null;
  if (first < 252) return { bytes: first, read: 1 };
  return second === undefined ? null : { bytes: second * 4 + first, read: 2 };
}

function most<Value>(values: readonly Value[]): Value {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** Least and most of many, without as many arguments. */
function spread(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
}
