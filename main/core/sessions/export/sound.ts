import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { oggChecksum } from '../../../../pipeline/audio/ogg.ts';
import { createOggOpusWriter, type OggOpusWriter } from '../../../../pipeline/audio/ogg-opus.ts';
import { createOpusDecoder } from '../../../../pipeline/audio/opus.ts';
import { opusPacketInfo } from '../../../../pipeline/audio/opus-packet.ts';
import { wavHeader } from '../../../../pipeline/audio/wav-header.ts';
import { isTalkError, TalkError } from '../../../../preload/contract/talk-error.ts';
import { decode, linear } from '../../store/audio-reader.ts';
import type { FileWriter } from './file-writer.ts';
import type { Extent, SessionSource, Track } from './source.ts';

/** All sound of a conversation begins and ends together, so that its files, its subtitles and the player agree. */
export const STEREO_RATE = 16_000;
const STRETCH_SAMPLES = 64 * 1024;
const PCM_BYTES = 2;
/** What stands for silence takes room too; nobody talks for as long. */
const OGG_LIMIT_US = 31 * 86_400e6;

export interface SoundRequest {
  conversationId: string;
  extent: Extent;
}

/**
 * A WAV with a channel for each track, placed as the player places them. Each track is decoded to a file of its own first: there a later
 * packet may take the place of what is left of an earlier one, which is what an interruption did.
 */
export function writeWav(
  source: SessionSource,
  out: FileWriter,
  options: SoundRequest & { tracks: readonly Track[]; sampleRate: number; scratch: string },
): { durationUs: number; packets: number } {
  const { conversationId, extent, tracks, sampleRate, scratch } = options;
  const frames = samplesIn(extent.toUs - extent.fromUs, sampleRate);
  out.write(wavHeader({ channels: tracks.length, sampleRate, dataBytes: frames * PCM_BYTES * tracks.length }));
  const files: number[] = [];
  let packets = 0;
  try {
    for (const [index, track] of tracks.entries()) {
      const file = openSync(`${scratch}.${index}`, 'w+', 0o600);
      files.push(file);
      ftruncateSync(file, frames * PCM_BYTES);
      packets += decodeInto(file, frames, source, { conversationId, extent, track, sampleRate });
    }
    interleave(files, frames, out);
  } finally {
    for (const file of files) closeSync(file);
    for (const index of tracks.keys()) rmSync(`${scratch}.${index}`, { force: true });
  }
  return { durationUs: extent.toUs - extent.fromUs, packets };
}

function decodeInto(
  file: number,
  frames: number,
  source: SessionSource,
  { conversationId, extent, track, sampleRate }: SoundRequest & { track: Track; sampleRate: number },
): number {
  // A decoder speaks the rates of Opus only; PCM at its own rate needs none.
  const decoder = createOpusDecoder({ sampleRate: STEREO_RATE, channels: 1 });
  let packets = 0;
  try {
    for (const packet of source.packets(conversationId, track)) {
      const isNative = packet.codec === 'pcm' && packet.sampleRate === sampleRate;
      const samples =
        packet.codec === 'opus'
          ? decode(decoder, packet.bytes)
          : isNative
            ? asSamples(packet.bytes)
            : linear(packet.bytes, packet.sampleRate);
      const at = samplesIn(packet.startUs - extent.fromUs, sampleRate);
      const visible = samples.subarray(Math.max(0, -at), Math.max(0, frames - at));
      if (visible.length > 0) writeSync(file, asBytes(visible), 0, visible.byteLength, Math.max(0, at) * PCM_BYTES);
      packets++;
    }
  } finally {
    decoder.close();
  }
  return packets;
}

function interleave(files: readonly number[], frames: number, out: FileWriter): void {
  const stretch = new Int16Array(STRETCH_SAMPLES);
  for (let from = 0; from < frames; from += STRETCH_SAMPLES) {
    const count = Math.min(STRETCH_SAMPLES, frames - from);
    const mixed = new Int16Array(count * files.length);
    for (const [channel, file] of files.entries()) {
      readSync(file, asBytes(stretch), 0, count * PCM_BYTES, from * PCM_BYTES);
      for (let i = 0; i < count; i++) mixed[i * files.length + channel] = stretch[i] ?? 0;
    }
    out.write(asBytes(mixed));
  }
}

/** A track's packets exactly as they were, from the conversation's first sound on. */
export function writeOgg(
  source: SessionSource,
  out: FileWriter,
  { conversationId, extent, track, maximumBytes = Number.POSITIVE_INFINITY }: SoundRequest & { track: Track; maximumBytes?: number },
): OggOpusWriter['facts'] {
  const { summary } = source;
  let writer: OggOpusWriter | undefined;
  const begin = (channels: 1 | 2, inputSampleRate: number): OggOpusWriter =>
    createOggOpusWriter({
      channels,
      inputSampleRate,
      vendor: `Talkbench ${summary.appVersion}`,
      comments: [
        `TITLE=${summary.title === '' ? summary.id : summary.title}`,
        `DATE=${new Date(summary.startedWallMs).toISOString()}`,
        `TALKBENCH_SESSION=${summary.id}`,
        `TALKBENCH_CONVERSATION=${conversationId}`,
        `TALKBENCH_TRACK=${track}`,
        `TALKBENCH_START_US=${extent.fromUs}`,
      ],
      // The same session gives the same file.
      serial: oggChecksum(Buffer.from(`${summary.id} ${conversationId} ${track}`)),
    });
  let written = 0;
  const write = (pages: Uint8Array[]) => {
    for (const page of pages) {
      written += page.byteLength;
      out.write(page);
    }
  };
  for (const packet of source.packets(conversationId, track)) {
    if (written > maximumBytes) break;
    const sizeUs = packet.startUs - extent.fromUs;
    if (sizeUs > OGG_LIMIT_US) throw new TalkError('too-large', { limitUs: OGG_LIMIT_US, sizeUs });
    writer ??= begin(isStereo(packet.bytes) ? 2 : 1, packet.sampleRate);
    write(writer.packet(packet.bytes, sizeUs));
  }
  writer ??= begin(1, STEREO_RATE);
  write(writer.end());
  return writer.facts;
}

function isStereo(bytes: Uint8Array): boolean {
  try {
    return opusPacketInfo(bytes).isStereo;
  } catch (error) {
    if (isTalkError(error, 'audio/decode')) return false;
    throw error;
  }
}

function samplesIn(us: number, sampleRate: number): number {
  return Math.round((us * sampleRate) / 1e6);
}

function asSamples(bytes: Uint8Array): Int16Array {
  const samples = new Int16Array(bytes.byteLength >> 1);
  asBytes(samples).set(bytes.subarray(0, samples.byteLength));
  return samples;
}

function asBytes(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
