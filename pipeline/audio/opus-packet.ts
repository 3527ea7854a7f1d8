import { TalkError } from '../../preload/contract/errors.ts';

/** What an Opus packet says of itself without decoding it (RFC 6716 §3.1, §3.2). */
export interface OpusPacketInfo {
  mode: 'silk' | 'hybrid' | 'celt';
  bandwidth: 'narrow' | 'medium' | 'wide' | 'super-wide' | 'full';
  /** Duration of one frame, ms: 2.5 to 60. */
  frameMs: number;
  /** Frames in the packet, 1 to 48. */
  frameCount: number;
  /** frameMs × frameCount; at most 120. */
  durationMs: number;
  isStereo: boolean;
}

const bandwidths = ['narrow', 'medium', 'wide', 'super-wide', 'full'] as const;
const silkFrameMs = [10, 20, 40, 60] as const;
const celtFrameMs = [2.5, 5, 10, 20] as const;

function tocShape(configuration: number): Pick<OpusPacketInfo, 'mode' | 'bandwidth' | 'frameMs'> {
  if (configuration < 12) {
    return { mode: 'silk', bandwidth: bandwidths[configuration >> 2] ?? 'wide', frameMs: silkFrameMs[configuration & 3] ?? 20 };
  }
  if (configuration < 16) {
    return { mode: 'hybrid', bandwidth: configuration < 14 ? 'super-wide' : 'full', frameMs: configuration & 1 ? 20 : 10 };
  }
  const celtBandwidth = (['narrow', 'wide', 'super-wide', 'full'] as const)[(configuration - 16) >> 2] ?? 'full';
  return { mode: 'celt', bandwidth: celtBandwidth, frameMs: celtFrameMs[configuration & 3] ?? 20 };
}

/** Reads the table-of-contents byte. Throws TalkError 'audio/decode' on an empty or impossible packet. */
export function opusPacketInfo(packet: Uint8Array): OpusPacketInfo {
  const [toc, second] = packet;
  if (toc === undefined) throw new TalkError('audio/decode', { codec: 'opus', reason: 'empty packet' });
  const shape = tocShape(toc >> 3);
  const code = toc & 3;
  const frameCount = code === 0 ? 1 : code < 3 ? 2 : (second ?? 0) & 0x3f;
  const durationMs = shape.frameMs * frameCount;
  if (frameCount === 0 || durationMs > 120) {
    throw new TalkError('audio/decode', { codec: 'opus', reason: 'impossible frame count', frameCount, frameMs: shape.frameMs });
  }
  return { ...shape, frameCount, durationMs, isStereo: (toc & 4) !== 0 };
}
