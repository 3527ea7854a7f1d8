import { TalkError } from '../../preload/contract/errors.ts';
import { createOpusDecoder, createOpusEncoder } from '../audio/opus.ts';
import type { AudioFormat } from '../conversation.ts';

/** Encodes one frame of 16 kHz mono to one packet. */
export interface FrameEncoder {
  encode(frame: Int16Array): Uint8Array;
  close(): void;
}

/** Decodes one packet to 16 kHz mono. Throws TalkError 'audio/decode'. */
export interface PacketDecoder {
  decode(packet: Uint8Array): Int16Array;
  close(): void;
}

export function createFrameEncoder(format: AudioFormat, bitrate: number): FrameEncoder {
  if (format.codec === 'opus') {
    return createOpusEncoder({ sampleRate: format.sampleRate, channels: 1, bitrate, frameMs: format.frameMs, isCbr: true });
  }
  return {
    encode: (frame) => {
      const packet = new Uint8Array(frame.length * 2);
      const view = new DataView(packet.buffer);
      for (const [index, sample] of frame.entries()) view.setInt16(index * 2, sample, true);
      return packet;
    },
    close: () => undefined,
  };
}

export function createPacketDecoder(format: AudioFormat): PacketDecoder {
  if (format.codec === 'opus') return createOpusDecoder({ sampleRate: format.sampleRate, channels: 1 });
  return {
    decode: (packet) => {
      if (packet.byteLength % 2 !== 0) throw new TalkError('audio/decode', { codec: 'pcm', reason: 'odd length' });
      const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
      return Int16Array.from({ length: packet.byteLength / 2 }, (_, index) => view.getInt16(index * 2, true));
    },
    close: () => undefined,
  };
}
