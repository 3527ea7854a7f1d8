import type { WireVersion } from './wire/attributes.ts';
import { encodeFrameV1, encodeFrameV2, type Frame, FrameSplitter, fragments, V1_SIGNATURE_BYTES } from './wire/frames.ts';
import { type Chunk, decodeChunk } from './wire/heads.ts';
import { packetTypes } from './wire/numbers.ts';
import { decodePacket, encodePacket, type Packet } from './wire/packet.ts';

/** Which way a mirrored packet went (reference/tuya.md §7). */
export const debugDirections = { up: 0, down: 1, tool: 2 } as const;
export type DebugDirection = (typeof debugDirections)[keyof typeof debugDirections];

export const DEBUG_PORT = 5055;
const MAGIC = Buffer.from('TYAI');
const PREFIX_BYTES = 5;
const MAX_FRAME_BYTES = 128 * 1024;

/** Data ids that only the debug port has. */
export const debugChannels = new Map([
  [0x8001, 'log'],
  [0x8003, 'mic'],
  [0x8005, 'reference'],
  [0x8007, 'aec'],
]);

export interface DebugPacket {
  readonly direction: DebugDirection;
  /** Of its packet and heads. */
  readonly version: WireVersion;
  readonly packet: Packet;
}

/** `TYAI`, the direction in bits 7–6, and a frame in clear. The tool's own are unsigned, the device's have 32 bytes that nobody without its key can check. */
export function encodeDebugFrame(
  direction: DebugDirection,
  sequence: number,
  { version, packet }: Omit<DebugPacket, 'direction'>,
  signKey: Uint8Array | null,
): Uint8Array {
  const bytes = encodePacket(version, packet);
  const head = { sequence, fragment: fragments.whole };
  const frame =
    version === 1 || signKey === null
      ? encodeFrameV1({ ...head, level: 0, iv: null }, bytes, signKey)
      : encodeFrameV2(head, bytes, { key: signKey, level: 2 });
  return Buffer.concat([MAGIC, Uint8Array.of(direction << 6), frame]);
}

/**
 * Frames of a debug port to packets. What is no frame is skipped up to the next `TYAI`, and counted: a tool must not lose the device for
 * one broken packet.
 */
export class DebugFrames {
  readonly #signatureBytes: number;
  #pending: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  skippedBytes = 0;

  constructor(from: 'device' | 'tool') {
    this.#signatureBytes = from === 'device' ? V1_SIGNATURE_BYTES : 0;
  }

  *push(bytes: Uint8Array): Generator<DebugPacket> {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    for (;;) {
      const at = this.#pending.indexOf(MAGIC);
      if (at === -1) return this.#skip(Math.max(0, this.#pending.length - MAGIC.length + 1));
      this.#skip(at);
      const found = this.#frame();
      if (found === 'more') return;
      if (found === 'broken') {
        this.#skip(MAGIC.length);
        continue;
      }
      this.#pending = this.#pending.subarray(PREFIX_BYTES + found.frame.bytes.length);
      if (found.packet !== null) yield found.packet;
      else this.skippedBytes += found.frame.bytes.length;
    }
  }

  #frame(): 'more' | 'broken' | { frame: Frame; packet: DebugPacket | null } {
    const direction = (this.#pending[MAGIC.length] ?? 0) >> 6;
    if (direction > 2) return 'broken';
    try {
      const frame = new FrameSplitter(MAX_FRAME_BYTES).push(this.#pending.subarray(PREFIX_BYTES)).next().value;
      if (frame === undefined) return 'more';
      return { frame, packet: this.#read(direction as DebugDirection, frame) };
    } catch {
      return 'broken';
    }
  }

  /** V2 firmware is thought to mirror V2 packets in V1 frames: what is no packet of the one is read as the other. */
  #read(direction: DebugDirection, frame: Frame): DebugPacket | null {
    const plain = frame.body.subarray(0, frame.body.length - this.#signatureBytes);
    const versions: readonly WireVersion[] = frame.version === 1 ? [1, 2] : [2];
    for (const version of versions) {
      try {
        const packet = decodePacket(version, Uint8Array.from(plain));
        if (version === 2 || isWhole(packet, plain.length)) return { direction, version: headsOf(version, packet), packet };
      } catch {
        // The other one, then.
      }
    }
    return null;
  }

  #skip(bytes: number): void {
    this.skippedBytes += bytes;
    this.#pending = this.#pending.subarray(bytes);
  }
}

/** The data length of V1 leaves nothing over. */
function isWhole({ attributes, payload }: Packet, bytes: number): boolean {
  const block = attributes.length === 0 ? 0 : 4 + attributes.reduce((sum, { value }) => sum + 7 + value.length, 0);
  return 1 + block + 4 + payload.length === bytes;
}

function headsOf(version: WireVersion, { type, payload }: Packet): WireVersion {
  if (version === 2 || type < packetTypes.video || type > packetTypes.text) return version;
  try {
    const { data } = decodeChunk(1, type, payload);
    const headBytes = type === packetTypes.audio || type === packetTypes.video ? 23 : type === packetTypes.image ? 15 : 7;
    return data.length === payload.length - headBytes ? 1 : 2;
  } catch {
    return 2;
  }
}

/** Null when its head is neither version's. */
export function chunkOf({ version, packet }: DebugPacket): Chunk | null {
  try {
    return decodeChunk(version, packet.type, packet.payload);
  } catch {
    return null;
  }
}
