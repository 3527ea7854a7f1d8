import { malformed } from './malformed.ts';

/** One attribute of a packet: its value as the wire has it. All integers are big-endian. */
export interface Attribute {
  readonly id: number;
  readonly value: Uint8Array;
}

/** V1 writes the kind of each value beside it; V2 leaves it out. */
export type WireVersion = 1 | 2;

const kinds = { u8: 1, u16: 2, u32: 3, u64: 4, bytes: 5, text: 6 } as const;
type Kind = keyof typeof kinds;

/** reference/tuya.md §2.2; those without a known type are bytes. */
export const attributeIds = {
  payloadLength: 9,
  securitySuit: 10,
  clientType: 11,
  clientId: 12,
  encryptRandom: 13,
  signRandom: 14,
  maxFragmentLength: 15,
  pingIntervalMs: 20,
  username: 21,
  password: 22,
  connectionId: 23,
  connectStatus: 24,
  expireTs: 25,
  closeCode: 31,
  bizCode: 41,
  bizTag: 42,
  sessionId: 43,
  sessionStatus: 44,
  agentToken: 45,
  sessionCloseCode: 51,
  sessionState: 52,
  eventId: 61,
  eventTs: 62,
  commandData: 65,
  videoParams: 70,
  audioParams: 80,
  audioCodec: 81,
  audioSampleRate: 82,
  audioChannels: 83,
  audioBitDepth: 84,
  audioFrameSize: 85,
  imageParams: 90,
  imageFormat: 91,
  imagePayloadForm: 94,
  fileParams: 100,
  fileFormat: 101,
  fileName: 102,
  dataId: 110,
  userData: 111,
  clientTs: 113,
  serverTs: 114,
  language: 1001,
  payloadsEndDataId: 1002,
  chatAttributes: 1003,
  sessionAttributes: 1004,
  errorCode: 1006,
  errorMessage: 1007,
  chatBreak: 1008,
} as const;

const kindOf = new Map<number, Kind>(
  (
    [
      ['u8', [11, 66, 91, 94, 101, 103]],
      ['u16', [24, 31, 44, 51, 52, 71, 73, 74, 75, 81, 83, 84, 85, 92, 93, 110, 1002]],
      ['u32', [9, 15, 16, 17, 20, 41, 72, 82]],
      ['u64', [25, 42, 62, 63, 113, 114]],
      ['text', [12, 13, 14, 18, 19, 21, 22, 23, 43, 45, 61, 65, 70, 80, 90, 100, 102, 112, 1001, 1003, 1004, 1005, 1007, 1008]],
    ] as const
  ).flatMap(([kind, ids]) => ids.map((id) => [id, kind] as const)),
);

const widths: Partial<Record<Kind, number>> = { u8: 1, u16: 2, u32: 4, u64: 8 };

export function attribute(id: number, value: number | bigint | string | Uint8Array): Attribute {
  if (typeof value === 'string') return { id, value: new TextEncoder().encode(value) };
  if (value instanceof Uint8Array) return { id, value };
  const width = widths[kindOf.get(id) ?? 'bytes'];
  if (width === undefined) throw new Error(`attribute ${id} is no number`);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value)));
  return { id, value: new Uint8Array(bytes.subarray(8 - width)) };
}

/** The value as a number, whatever width it was sent with; undefined when absent, empty or wider than 8 bytes. */
export function numberOf(attributes: readonly Attribute[], id: number): number | undefined {
  const value = attributes.find((one) => one.id === id)?.value;
  if (value === undefined || value.length === 0 || value.length > 8) return undefined;
  return Number(value.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n));
}

/** A trailing zero of C is no part of the text. */
export function textOf(attributes: readonly Attribute[], id: number): string | undefined {
  const value = attributes.find((one) => one.id === id)?.value;
  return value === undefined ? undefined : Buffer.from(value).toString('utf8').replace(/\0+$/u, '');
}

export function bytesOf(attributes: readonly Attribute[], id: number): Uint8Array | undefined {
  return attributes.find((one) => one.id === id)?.value;
}

/** No packet of the protocol has more than a dozen; `AI_MAX_ATTR_NUM` is 10. */
const MOST_ATTRIBUTES = 64;

/** `{id u16, kind u8, length u32, value}…` in V1, `{id u16, length u16, value}…` in V2; without the block's length. */
export function encodeAttributes(version: WireVersion, attributes: readonly Attribute[]): Uint8Array {
  const head = version === 1 ? 7 : 4;
  const block = Buffer.alloc(attributes.reduce((sum, { value }) => sum + head + value.length, 0));
  let at = 0;
  for (const { id, value } of attributes) {
    block.writeUInt16BE(id, at);
    if (version === 1) {
      block[at + 2] = kinds[kindOf.get(id) ?? 'bytes'];
      block.writeUInt32BE(value.length, at + 3);
    } else block.writeUInt16BE(value.length, at + 2);
    block.set(value, at + head);
    at += head + value.length;
  }
  return block;
}

/** Throws TalkError 'gateway/malformed'. Values are views of `block`. */
export function decodeAttributes(version: WireVersion, block: Uint8Array): Attribute[] {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const head = version === 1 ? 7 : 4;
  const attributes: Attribute[] = [];
  let at = 0;
  while (at < block.length) {
    if (attributes.length === MOST_ATTRIBUTES) throw malformed('attributes', `more than ${MOST_ATTRIBUTES}`);
    if (at + head > block.length) throw malformed('attributes', 'cut head');
    const id = view.getUint16(at);
    const length = version === 1 ? view.getUint32(at + 3) : view.getUint16(at + 2);
    at += head;
    if (length > block.length - at) throw malformed('attributes', `attribute ${id} is longer than its block`);
    attributes.push({ id, value: block.subarray(at, at + length) });
    at += length;
  }
  return attributes;
}
