import { TalkError } from '../../preload/contract/errors.ts';

/** RIFF/WAVE in and out. Samples are s16, one array a channel, all of one length. */
export interface WavAudio {
  sampleRate: number;
  channels: Int16Array[];
}

const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_EXTENSIBLE = 0xfffe;
const HEADER_BYTES = 44;
const MAX_CHANNELS = 64;

/** 16-bit PCM. Shorter channels are filled with silence to the longest. */
export function encodeWav(audio: WavAudio): Uint8Array {
  const { channels, sampleRate } = audio;
  const frames = channels.reduce((longest, channel) => Math.max(longest, channel.length), 0);
  const blockBytes = channels.length * 2;
  const dataBytes = frames * blockBytes;
  const bytes = new Uint8Array(HEADER_BYTES + dataBytes);
  const view = new DataView(bytes.buffer);
  writeTag(bytes, 0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  writeTag(bytes, 8, 'WAVE');
  writeTag(bytes, 12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, FORMAT_PCM, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * blockBytes, true);
  view.setUint16(32, blockBytes, true);
  view.setUint16(34, 16, true);
  writeTag(bytes, 36, 'data');
  view.setUint32(40, dataBytes, true);
  for (const [position, channel] of channels.entries()) {
    for (let frame = 0; frame < channel.length; frame++) {
      view.setInt16(HEADER_BYTES + frame * blockBytes + position * 2, channel[frame] ?? 0, true);
    }
  }
  return bytes;
}

interface Format {
  encoding: 'pcm' | 'float';
  channels: number;
  sampleRate: number;
  blockBytes: number;
  sampleBytes: number;
}

/**
 * Reads PCM of 8, 16, 24 or 32 bits and 32-bit float, plain or WAVE_FORMAT_EXTENSIBLE. A data chunk that is cut short,
 * or whose size a streaming writer left at 0 or 0xFFFFFFFF, holds what the file holds. Wider samples are rounded to 16 bits.
 * Throws TalkError 'audio/bad-wav'.
 */
export function decodeWav(bytes: Uint8Array): WavAudio {
  if (readTag(bytes, 0) !== 'RIFF' || readTag(bytes, 8) !== 'WAVE') throw bad('not RIFF/WAVE');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Format | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const tag = readTag(bytes, at);
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (tag === 'fmt ') {
      format = readFormat(view, start, Math.min(size, bytes.length - start));
    } else if (tag === 'data') {
      if (!format) throw bad('data before fmt');
      const held = bytes.length - start;
      return readSamples(view, start, size === 0 || size > held ? held : size, format);
    }
    at = start + size + (size % 2); // chunks are padded to even
  }
  throw bad(format ? 'no data chunk' : 'no fmt chunk');
}

function readFormat(view: DataView, at: number, size: number): Format {
  if (size < 16) throw bad('short fmt chunk');
  let tag = view.getUint16(at, true);
  if (tag === FORMAT_EXTENSIBLE) {
    if (size < 26) throw bad('short extensible fmt chunk');
    tag = view.getUint16(at + 24, true); // the first two bytes of the sub-format GUID are the plain tag
  }
  const channels = view.getUint16(at + 2, true);
  const sampleRate = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  if (channels < 1 || channels > MAX_CHANNELS) throw bad('bad channel count', { channels });
  if (sampleRate < 1000 || sampleRate > 384_000) throw bad('bad sample rate', { sampleRate });
  const isPcm = tag === FORMAT_PCM && [8, 16, 24, 32].includes(bits);
  if (!isPcm && !(tag === FORMAT_FLOAT && bits === 32)) throw bad('unsupported encoding', { tag, bits });
  const sampleBytes = bits / 8;
  return { encoding: isPcm ? 'pcm' : 'float', channels, sampleRate, sampleBytes, blockBytes: sampleBytes * channels };
}

function readSamples(view: DataView, at: number, size: number, format: Format): WavAudio {
  const frames = Math.floor(size / format.blockBytes);
  const read = sampleReader(view, format);
  const channels = Array.from({ length: format.channels }, (_, position) => {
    const samples = new Int16Array(frames);
    for (let frame = 0; frame < frames; frame++) samples[frame] = read(at + frame * format.blockBytes + position * format.sampleBytes);
    return samples;
  });
  return { sampleRate: format.sampleRate, channels };
}

/** A function from byte offset to s16. */
function sampleReader(view: DataView, format: Format): (at: number) => number {
  if (format.encoding === 'float') return (at) => toInt16(view.getFloat32(at, true) * 32768);
  switch (format.sampleBytes) {
    case 1: // 8-bit WAV alone is unsigned
      return (at) => (view.getUint8(at) - 128) * 256;
    case 2:
      return (at) => view.getInt16(at, true);
    case 3:
      return (at) => toInt16((view.getUint8(at) + view.getInt16(at + 1, true) * 256) / 256);
    default:
      return (at) => toInt16(view.getInt32(at, true) / 65536);
  }
}

function toInt16(value: number): number {
  return Number.isNaN(value) ? 0 : Math.max(-32768, Math.min(32767, Math.round(value)));
}

function readTag(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function writeTag(bytes: Uint8Array, at: number, tag: string): void {
  for (let i = 0; i < tag.length; i++) bytes[at + i] = tag.charCodeAt(i);
}

function bad(reason: string, data: Record<string, unknown> = {}): TalkError {
  return new TalkError('audio/bad-wav', { reason, ...data });
}
