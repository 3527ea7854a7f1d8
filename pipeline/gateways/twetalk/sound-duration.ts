import { opusPacketInfo } from '../../audio/opus-packet.ts';
import type { AudioFormat } from '../../conversation.ts';

/** Nothing shorter is spoken of by any board; a flood of the shortest there are counts as more than it is. */
const LEAST_US = 10_000;

/** How much sound is in a packet, µs: by itself, for a board does not always send what it announced. */
export function soundDurationUs(packet: Uint8Array, { codec, sampleRate, frameMs }: AudioFormat): number {
  if (codec === 'pcm') return Math.max(LEAST_US, (packet.length / 2 / sampleRate) * 1e6);
  try {
    return Math.max(LEAST_US, opusPacketInfo(packet).durationMs * 1000);
  } catch {
    return frameMs * 1000;
  }
}
