import type { WireVersion } from './attributes.ts';
import { malformed } from './malformed.ts';
import { packetTypes, type StreamFlag } from './numbers.ts';

/** One piece of a stream on a data channel: what a video, audio, image, file or text packet carries. */
export interface Chunk {
  readonly dataId: number;
  readonly flag: StreamFlag;
  /** Of media: sender's clock, ms. V2 keeps 42 bits, until 2109. */
  readonly timestampMs: number;
  /** Of text and files in V2: from 1. 0 where the wire has none. */
  readonly sequence: number;
  readonly data: Uint8Array;
}

const TIMESTAMP_BITS = 42n;
const TIMESTAMP_MASK = (1n << TIMESTAMP_BITS) - 1n;

/** reference/tuya.md §3.4. Which head a packet has is told by its type. */
export function encodeChunk(version: WireVersion, type: number, chunk: Chunk): Uint8Array {
  return Buffer.concat([version === 1 ? headV1(type, chunk) : headV2(type, chunk), chunk.data]);
}

function headV1(type: number, { dataId, flag, timestampMs, data }: Chunk): Uint8Array {
  const hasTime = type === packetTypes.video || type === packetTypes.audio || type === packetTypes.image;
  const hasPts = type === packetTypes.video || type === packetTypes.audio;
  const head = Buffer.alloc(7 + (hasTime ? 8 : 0) + (hasPts ? 8 : 0));
  head.writeUInt16BE(dataId, 0);
  head[2] = flag << 6;
  if (hasTime) head.writeBigUInt64BE(BigInt(timestampMs), 3);
  if (hasPts) head.writeBigUInt64BE(BigInt(timestampMs) * 1000n, 11);
  head.writeUInt32BE(data.length, head.length - 4);
  return head;
}

function headV2(type: number, { dataId, flag, timestampMs, sequence }: Chunk): Uint8Array {
  if (type === packetTypes.text || type === packetTypes.file) {
    const head = Buffer.from([0, 0, flag << 6]);
    head.writeUInt16BE(dataId, 0);
    return Buffer.concat([head, encodeVarint(sequence)]);
  }
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE((BigInt(dataId) << 48n) | (BigInt(flag) << 46n) | (BigInt(timestampMs) & TIMESTAMP_MASK));
  return head;
}

/** Throws TalkError 'gateway/malformed'. */
export function decodeChunk(version: WireVersion, type: number, payload: Uint8Array): Chunk {
  return version === 1 ? decodeV1(type, payload) : decodeV2(type, payload);
}

function decodeV1(type: number, payload: Uint8Array): Chunk {
  const headBytes = type === packetTypes.video || type === packetTypes.audio ? 23 : type === packetTypes.image ? 15 : 7;
  if (payload.length < headBytes) throw malformed('stream head', `${payload.length} of ${headBytes} bytes`);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const length = view.getUint32(headBytes - 4);
  if (length > payload.length - headBytes) throw malformed('stream head', 'data longer than the packet');
  return {
    dataId: view.getUint16(0),
    flag: (view.getUint8(2) >> 6) as StreamFlag,
    timestampMs: headBytes > 7 ? Number(view.getBigUint64(3)) : 0,
    sequence: 0,
    data: payload.subarray(headBytes, headBytes + length),
  };
}

function decodeV2(type: number, payload: Uint8Array): Chunk {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (type === packetTypes.text || type === packetTypes.file) {
    if (payload.length < 4) throw malformed('stream head', `${payload.length} of 4 bytes`);
    const flag = (view.getUint8(2) >> 6) as StreamFlag;
    const { value, bytes } = decodeVarint(payload, 3);
    return { dataId: view.getUint16(0), flag, timestampMs: 0, sequence: value, data: payload.subarray(3 + bytes) };
  }
  if (payload.length < 8) throw malformed('stream head', `${payload.length} of 8 bytes`);
  const head = view.getBigUint64(0);
  return {
    dataId: Number(head >> 48n),
    flag: Number((head >> 46n) & 3n) as StreamFlag,
    timestampMs: Number(head & TIMESTAMP_MASK),
    sequence: 0,
    data: payload.subarray(8),
  };
}

function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value >>> 0;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Uint8Array.from([...bytes, rest]);
}

/** 32 bits at most, low seven first. */
function decodeVarint(bytes: Uint8Array, from: number): { value: number; bytes: number } {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    const byte = bytes[from + index];
    if (byte === undefined) throw malformed('stream head', 'cut sequence number');
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value: value >>> 0, bytes: index + 1 };
  }
  throw malformed('stream head', 'endless sequence number');
}

/** Event heads: 2 bytes (agentic-kit), or 4 with a length (V1; TuyaOpen's V2 too). */
export type EventHead = 2 | 4;

export interface EventBody {
  readonly type: number;
  readonly data: Uint8Array;
  /** As it came, to be answered alike. */
  readonly head: EventHead;
}

export function encodeEvent(head: EventHead, type: number, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = Buffer.alloc(head);
  bytes.writeUInt16BE(type, 0);
  if (head === 4) bytes.writeUInt16BE(data.length & 0xffff, 2);
  return Buffer.concat([bytes, data]);
}

/**
 * With a second number that is the length of the rest it is a head of 4 bytes, else of 2. In V1 the head has 4, and a length of 0 is a
 * device's truncated byte swap: the data are what remains. Throws TalkError 'gateway/malformed'.
 */
export function decodeEvent(version: WireVersion, payload: Uint8Array): EventBody {
  if (payload.length < 2) throw malformed('event', 'cut head');
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const type = view.getUint16(0);
  const length = payload.length >= 4 ? view.getUint16(2) : undefined;
  const isLong =
    length !== undefined && (length === payload.length - 4 || (version === 1 && (length === 0 || length > payload.length - 4)));
  if (isLong) return { type, data: payload.subarray(4), head: 4 };
  if (version === 1 && length !== undefined) return { type, data: payload.subarray(4, 4 + length), head: 4 };
  return { type, data: payload.subarray(2), head: 2 };
}
