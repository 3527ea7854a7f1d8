import { createCipheriv } from 'node:crypto';
import { TalkError } from '../../../preload/contract/errors.ts';

/**
 * Audio in UDP (reference/voice.md §4.6): `u8 type=1 | u8 flags | u16 length | u32 ssrc | u32 timestamp | u32 sequence`, then the payload
 * under AES-128-CTR with that header as its IV. There is no check of integrity: it hides, it does not protect.
 */
export interface UdpHeader {
  flags: number;
  payloadBytes: number;
  /** Whose session it is. */
  ssrc: number;
  timestampMs: number;
  sequence: number;
}

export const UDP_HEADER_BYTES = 16;
const TYPE_AUDIO = 1;

/** Null for a datagram that is none of ours: too short, of another type, or of another length than it says. */
export function readUdpHeader(datagram: Uint8Array): UdpHeader | null {
  if (datagram.length < UDP_HEADER_BYTES || datagram[0] !== TYPE_AUDIO) return null;
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const payloadBytes = view.getUint16(2);
  if (datagram.length !== UDP_HEADER_BYTES + payloadBytes) return null;
  return {
    flags: view.getUint8(1),
    payloadBytes,
    ssrc: view.getUint32(4),
    timestampMs: view.getUint32(8),
    sequence: view.getUint32(12),
  };
}

/** The header's 16 bytes; with nothing but `ssrc` set they are the nonce that a hello gives. */
export function writeUdpHeader(header: Partial<UdpHeader> & { ssrc: number }): Uint8Array {
  const bytes = new Uint8Array(UDP_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, TYPE_AUDIO);
  view.setUint8(1, header.flags ?? 0);
  view.setUint16(2, header.payloadBytes ?? 0);
  view.setUint32(4, header.ssrc >>> 0);
  view.setUint32(8, (header.timestampMs ?? 0) >>> 0);
  view.setUint32(12, (header.sequence ?? 0) >>> 0);
  return bytes;
}

/** One whole datagram. `key`: 16 bytes. */
export function sealPacket(key: Uint8Array, header: Omit<UdpHeader, 'payloadBytes'>, payload: Uint8Array): Uint8Array {
  if (payload.length > 0xffff) throw new TalkError('too-large', { limitBytes: 0xffff, sizeBytes: payload.length });
  const bytes = writeUdpHeader({ ...header, payloadBytes: payload.length });
  return Buffer.concat([bytes, createCipheriv('aes-128-ctr', key, bytes).update(payload)]);
}

/** The payload of a datagram that `readUdpHeader` took. Encrypting again is what decrypts in counter mode. */
export function openPacket(key: Uint8Array, datagram: Uint8Array): Uint8Array {
  const header = datagram.subarray(0, UDP_HEADER_BYTES);
  return new Uint8Array(createCipheriv('aes-128-ctr', key, header).update(datagram.subarray(UDP_HEADER_BYTES)));
}
