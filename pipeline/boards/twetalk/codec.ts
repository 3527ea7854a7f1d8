import { createOpusDecoder, createOpusEncoder } from '../../audio/opus.ts';

/** What the board speaks and hears: 16 kHz mono, Opus at 24 kbit/s CBR (180 bytes for 60 ms) or signed 16-bit PCM. */
export interface BoardCodec {
  encode(pcm: Int16Array): Uint8Array;
  decode(packet: Uint8Array): Int16Array;
  close(): void;
}

export function createCodec(
  audioType: 'opus' | 'pcm',
  frameMs: 20 | 40 | 60,
  { bitrate = 24_000, isCbr = true }: { bitrate?: number; isCbr?: boolean } = {},
): BoardCodec {
  if (audioType === 'pcm') {
    return {
      encode: (pcm) => new Uint8Array(pcm.slice().buffer),
      // An odd last byte is half a sample and is left out.
      decode: (packet) => new Int16Array(packet.slice(0, packet.length & ~1).buffer),
      close: () => {},
    };
  }
  const encoder = createOpusEncoder({ sampleRate: 16000, channels: 1, bitrate, frameMs, isCbr });
  const decoder = createOpusDecoder({ sampleRate: 16000, channels: 1 });
  return {
    encode: (pcm) => encoder.encode(pcm),
    decode: (packet) => decoder.decode(packet),
    close() {
      encoder.close();
      decoder.close();
    },
  };
}
