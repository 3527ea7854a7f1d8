import { createOpusDecoder } from '../../../../pipeline/audio/opus.ts';
import { isTalkError } from '../../../../preload/contract/talk-error.ts';
import { readPacket } from './opus-facts.ts';

export interface Decoded {
  /** 16 kHz mono; what could not be decoded is filled as a lost packet is. */
  pcm: Int16Array;
  undecodable: number;
}

const RATE = 16_000;
const USUAL_MS = 60;

/** Packets one after the other, as a board's player would hear them; two channels are mixed to one. Throws TalkError 'engine/unavailable'. */
export function decodeOpus(packets: readonly Uint8Array[]): Decoded {
  const decoder = createOpusDecoder({ sampleRate: RATE, channels: 1 });
  const parts: Int16Array[] = [];
  let undecodable = 0;
  try {
    for (const packet of packets) {
      try {
        parts.push(decoder.decode(packet));
      } catch (error) {
        if (!isTalkError(error, 'audio/decode')) throw error;
        undecodable++;
        const filling = decoder.conceal(1);
        parts.push(filling.length > 0 ? filling : new Int16Array((RATE / 1000) * (readPacket(packet)?.durationMs ?? USUAL_MS)));
      }
    }
  } finally {
    decoder.close();
  }
  return { pcm: joined(parts), undecodable };
}

export function joined(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
