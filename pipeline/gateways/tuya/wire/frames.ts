import type { WireVersion } from './attributes.ts';
import { malformed } from './malformed.ts';
import { IV_BYTES, type SecurityLevel, type SignLevel, signatureBytes, signFrame } from './security.ts';

/** Where a frame stands in its packet. */
export const fragments = { whole: 0, start: 1, middle: 2, end: 3 } as const;
export type Fragment = (typeof fragments)[keyof typeof fragments];

/** One frame as it came: nothing of it is decrypted or checked yet. */
export interface Frame {
  readonly version: WireVersion;
  readonly sequence: number;
  readonly fragment: Fragment;
  /** V1 only. */
  readonly level: SecurityLevel;
  readonly iv: Uint8Array | null;
  /** Payload and signature; how long that is the keys tell. */
  readonly body: Uint8Array;
  /** Header, payload and signature: what was signed begins here. */
  readonly bytes: Uint8Array;
}

const V1_HEAD_BYTES = 9;
const V2_HEAD_BYTES = 5;
export const V1_SIGNATURE_BYTES = 32;

/** Version 1 (reference/tuya.md §3.1): `sealed` is encrypted already. With a null key it is unsigned and its length leaves the signature out (debug port). */
export function encodeFrameV1(
  head: { sequence: number; fragment: Fragment; level: SecurityLevel; iv: Uint8Array | null },
  sealed: Uint8Array,
  signKey: Uint8Array | null,
): Uint8Array {
  const frame = Buffer.alloc(V1_HEAD_BYTES + (head.iv === null ? 0 : IV_BYTES) + sealed.length);
  frame[0] = 1;
  frame.writeUInt16BE(head.sequence, 1);
  frame[3] = (head.fragment << 6) | (head.level << 1) | (head.iv === null ? 0 : 1);
  if (head.iv !== null) frame.set(head.iv, 5);
  const lengthAt = head.iv === null ? 5 : 5 + IV_BYTES;
  frame.writeUInt32BE(sealed.length + (signKey === null ? 0 : V1_SIGNATURE_BYTES), lengthAt);
  frame.set(sealed, lengthAt + 4);
  return signKey === null ? frame : Buffer.concat([frame, signFrame(signKey, frame)]);
}

/** Version 2.1 (§3.3). The reserved bits are agentic-kit's 2. The hello is never signed: level 0 and any key. */
export function encodeFrameV2(
  head: { sequence: number; fragment: Fragment },
  payload: Uint8Array,
  sign: { key: Uint8Array; level: SignLevel },
): Uint8Array {
  const bytes = signatureBytes[sign.level];
  const frame = Buffer.alloc(V2_HEAD_BYTES + payload.length);
  frame[0] = (head.fragment << 6) | 0x22;
  frame.writeUInt16BE(head.sequence, 1);
  frame.writeUInt16BE(payload.length + bytes, 3);
  frame.set(payload, V2_HEAD_BYTES);
  return bytes === 0 ? frame : Buffer.concat([frame, signFrame(sign.key, frame).subarray(0, bytes)]);
}

/** What goes over the payload of one frame, so that the whole of it stays within a peer's buffer. */
export const frameOverhead = {
  /** Header, iv, padding or tag of any level, signature. */
  1: V1_HEAD_BYTES + IV_BYTES + 16 + 16 + V1_SIGNATURE_BYTES,
  2: V2_HEAD_BYTES + signatureBytes[2],
} as const;

/** Bytes of a stream to frames; the first byte says which version it is, and it stays that. Throws TalkError 'gateway/malformed'. */
export class FrameSplitter {
  readonly #maxFrameBytes: number;
  #pending: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  #version: WireVersion | null = null;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  get version(): WireVersion | null {
    return this.#version;
  }

  /** Frames are views; a caller that keeps one copies it. */
  *push(bytes: Uint8Array): Generator<Frame> {
    this.#pending = this.#pending.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#pending, bytes]);
    for (;;) {
      const frame = this.#next();
      if (frame === null) return;
      this.#pending = this.#pending.subarray(frame.bytes.length);
      yield frame;
    }
  }

  #next(): Frame | null {
    const first = this.#pending[0];
    if (first === undefined) return null;
    const version = versionOf(first);
    if (version === null || (this.#version !== null && version !== this.#version)) {
      throw malformed('frame', `first byte 0x${first.toString(16).padStart(2, '0')}`);
    }
    this.#version = version;
    const size = version === 1 ? sizeV1(this.#pending) : sizeV2(this.#pending);
    if (size === null) return null;
    if (size.total > this.#maxFrameBytes) throw malformed('frame', `${size.total} bytes, ${this.#maxFrameBytes} at most`);
    if (this.#pending.length < size.total) return null;
    const bytes = this.#pending.subarray(0, size.total);
    return version === 1 ? readV1(bytes, size.head) : readV2(bytes);
  }
}

/** Null for none we speak: nibble 3 is TuyaOpen's sub version with encrypted pictures, whose key comes from the vendor's cloud. */
function versionOf(first: number): WireVersion | null {
  if (first === 1) return 1;
  return (first & 0x0f) === 2 ? 2 : null;
}

function sizeV1(bytes: Buffer): { head: number; total: number } | null {
  if (bytes.length < 5) return null;
  const head = V1_HEAD_BYTES + (((bytes[3] ?? 0) & 1) === 1 ? IV_BYTES : 0);
  return bytes.length < head ? null : { head, total: head + bytes.readUInt32BE(head - 4) };
}

function sizeV2(bytes: Buffer): { head: number; total: number } | null {
  return bytes.length < V2_HEAD_BYTES ? null : { head: V2_HEAD_BYTES, total: V2_HEAD_BYTES + bytes.readUInt16BE(3) };
}

function readV1(bytes: Buffer, head: number): Frame {
  const flags = bytes[3] ?? 0;
  const level = (flags >> 1) & 0x1f;
  if (level !== 0 && level !== 2 && level !== 3 && level !== 4) throw malformed('frame', `security level ${level}`);
  return {
    version: 1,
    sequence: bytes.readUInt16BE(1),
    fragment: (flags >> 6) as Fragment,
    level,
    iv: (flags & 1) === 1 ? bytes.subarray(5, 5 + IV_BYTES) : null,
    body: bytes.subarray(head),
    bytes,
  };
}

function readV2(bytes: Buffer): Frame {
  return {
    version: 2,
    sequence: bytes.readUInt16BE(1),
    fragment: ((bytes[0] ?? 0) >> 6) as Fragment,
    level: 0,
    iv: null,
    body: bytes.subarray(V2_HEAD_BYTES),
    bytes,
  };
}
