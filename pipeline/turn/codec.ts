import { TalkError } from '../../preload/contract/errors.ts';
import type { StreamEncoder } from '../audio/encode-ahead.ts';
import type { EncoderThreads } from '../audio/encoder-threads.ts';
import { createOpusDecoder, createOpusEncoder, type OpusEncoderOptions } from '../audio/opus.ts';
import type { AudioFormat } from '../conversation.ts';

/** Encodes one frame of 16 kHz mono to one packet. */
export interface FrameEncoder {
  encode(frame: Int16Array): Uint8Array;
  /** The next packet builds on none before it. */
  reset(): void;
  close(): void;
}

/** Decodes one packet to 16 kHz mono. Throws TalkError 'audio/decode'. */
export interface PacketDecoder {
  decode(packet: Uint8Array): Int16Array;
  close(): void;
}

export function createFrameEncoder(format: AudioFormat, bitrate: number): FrameEncoder {
  if (format.codec === 'opus') return createOpusEncoder(opusOptions(format, bitrate));
  return {
    encode: (frame) => {
      const packet = new Uint8Array(frame.length * 2);
      const view = new DataView(packet.buffer);
      for (const [index, sample] of frame.entries()) view.setInt16(index * 2, sample, true);
      return packet;
    },
    reset: () => undefined,
    close: () => undefined,
  };
}

/** What a conversation says, encoded on threads where there are some: PCM is not worth the way there. */
export function createStreamEncoder(format: AudioFormat, bitrate: number, threads?: Pick<EncoderThreads, 'open'>): StreamEncoder {
  if (threads && format.codec === 'opus') return threads.open(opusOptions(format, bitrate));
  const encoder = createFrameEncoder(format, bitrate);
  return {
    encode: async (frames) => frames.map((frame) => encoder.encode(frame)),
    restart: () => encoder.reset(),
    close: () => encoder.close(),
  };
}

function opusOptions({ sampleRate, frameMs, isVariableRate = false }: AudioFormat, bitrate: number): OpusEncoderOptions {
  return { sampleRate, channels: 1, bitrate, frameMs, isCbr: !isVariableRate };
}

export function createPacketDecoder(format: AudioFormat): PacketDecoder {
  if (format.codec === 'opus') return createOpusDecoder({ sampleRate: format.sampleRate, channels: 1 });
  return {
    decode: (packet) => {
      if (packet.byteLength % 2 !== 0) throw new TalkError('audio/decode', { codec: 'pcm', reason: 'odd length' });
      const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
      const pcm = new Int16Array(packet.byteLength / 2);
      for (let index = 0; index < pcm.length; index += 1) pcm[index] = view.getInt16(index * 2, true);
      return pcm;
    },
    close: () => undefined,
  };
}
