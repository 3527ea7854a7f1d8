import { TalkError } from '../../../preload/contract/errors.ts';

/** How one WebSocket message holds a packet (reference/voice.md §4.2), everything big-endian. */
export type BinaryVersion = 1 | 2 | 3;

export interface BinaryMessage {
  kind: 'audio' | 'json';
  payload: Uint8Array;
  /** Of version 2, ms; 0 else. */
  timestampMs: number;
}

const HEADER_BYTES = { 1: 0, 2: 16, 3: 4 } as const;
const TYPE_JSON = 1;
/** Longer than any Opus packet, and all that version 3's length can say. */
const MAX_PAYLOAD_BYTES = 0xffff;

/** Sizes are exact: boards read as many bytes as the header says without looking how many there are. */
export function encodeBinary(version: BinaryVersion, payload: Uint8Array, timestampMs = 0): Uint8Array {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new TalkError('too-large', { limitBytes: MAX_PAYLOAD_BYTES, sizeBytes: payload.length });
  }
  const header = HEADER_BYTES[version];
  const message = new Uint8Array(header + payload.length);
  message.set(payload, header);
  const view = new DataView(message.buffer);
  if (version === 2) {
    view.setUint16(0, 2);
    view.setUint32(8, timestampMs >>> 0);
    view.setUint32(12, payload.length);
  } else if (version === 3) view.setUint16(2, payload.length);
  return message;
}

/**
 * Reads one message; the payload is a copy. What stands in the version field is not looked at: xiaozhi-mqtt-gateway sends 0 there, and
 * others a sequence number in the reserved one. Throws TalkError 'gateway/malformed' where the length is not that of the message.
 */
export function decodeBinary(version: BinaryVersion, message: Uint8Array): BinaryMessage {
  if (version === 1) return { kind: 'audio', payload: new Uint8Array(message), timestampMs: 0 };
  const header = HEADER_BYTES[version];
  if (message.length < header) throw malformed('shorter than its header', message.length);
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const type = version === 2 ? view.getUint16(2) : view.getUint8(0);
  const length = version === 2 ? view.getUint32(12) : view.getUint16(2);
  if (length !== message.length - header) throw malformed(`announces ${length} bytes, has ${message.length - header}`, header);
  return {
    kind: type === TYPE_JSON ? 'json' : 'audio',
    payload: new Uint8Array(message.subarray(header)),
    timestampMs: version === 2 ? view.getUint32(8) : 0,
  };
}

function malformed(reason: string, offset: number): TalkError {
  return new TalkError('gateway/malformed', { gateway: 'xiaozhi', what: 'binary message', offset, reason });
}
