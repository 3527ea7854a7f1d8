import { type Attribute, decodeAttributes, encodeAttributes, type WireVersion } from './attributes.ts';
import { malformed } from './malformed.ts';

/** The logical unit of the channel; one or more frames carry it. */
export interface Packet {
  readonly type: number;
  readonly attributes: readonly Attribute[];
  readonly payload: Uint8Array;
}

const nothing = new Uint8Array(0);

export function packet(type: number, attributes: readonly Attribute[] = [], payload: Uint8Array = nothing): Packet {
  return { type, attributes, payload };
}

/**
 * `[type<<1 | has attributes][block length u32, attributes]?` and then, in V1, `[length u32, data]`, in V2 data to the end
 * (reference/tuya.md §3.1, §3.3).
 */
export function encodePacket(version: WireVersion, { type, attributes, payload }: Packet): Uint8Array {
  const hasAttributes = attributes.length > 0;
  const parts: Uint8Array[] = [Uint8Array.of((type << 1) | (hasAttributes ? 1 : 0))];
  if (hasAttributes) {
    const block = encodeAttributes(version, attributes);
    parts.push(u32(block.length), block);
  }
  if (version === 1) parts.push(u32(payload.length));
  parts.push(payload);
  return Buffer.concat(parts);
}

/** Throws TalkError 'gateway/malformed'. The payload is a view of `bytes`. */
export function decodePacket(version: WireVersion, bytes: Uint8Array): Packet {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = bytes[0];
  if (head === undefined) throw malformed('packet', 'empty');
  let at = 1;
  let attributes: Attribute[] = [];
  if ((head & 1) === 1) {
    if (bytes.length < at + 4) throw malformed('packet', 'cut before its attributes');
    const length = view.getUint32(at);
    at += 4;
    if (length > bytes.length - at) throw malformed('packet', 'attributes longer than the packet');
    attributes = decodeAttributes(version, bytes.subarray(at, at + length));
    at += length;
  }
  if (version === 1) {
    if (bytes.length < at + 4) throw malformed('packet', 'cut before its data');
    const length = view.getUint32(at);
    at += 4;
    if (length > bytes.length - at) throw malformed('packet', 'data longer than the packet');
    return { type: head >> 1, attributes, payload: bytes.subarray(at, at + length) };
  }
  return { type: head >> 1, attributes, payload: bytes.subarray(at) };
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
