import { createOpusDecoder } from '../../../../pipeline/audio/opus.ts';
import { resample } from '../../../../pipeline/audio/resample.ts';
import { type BoardCodec, createCodec } from '../../../../pipeline/boards/twetalk/codec.ts';
import { isTalkError, TalkError } from '../../../../preload/contract/talk-error.ts';
import type { RecordedPacket } from './recording.ts';

/** What the virtual device sends: its codec, and how long each of its packets is. */
export interface WireFormat {
  codec: 'opus' | 'pcm';
  frameMs: 20 | 40 | 60;
}

/** The recorded uplink by frames of the wire: null where nothing was sent. */
export interface UplinkFrames {
  frames: readonly (Uint8Array | null)[];
  packets: number;
  /** Those that go out as they were. */
  exactPackets: number;
}

const SAMPLES_PER_MS = 16;
/** A packet this far from where it was expected stands elsewhere; nearer, the two clocks only drifted. */
const MOST_DRIFT_FRAMES = 3;
/** A recording of somebody else's may say any time; pauses in between are frames of silence, and take their room. */
const LONGEST_US = 24 * 3600 * 1_000_000;
/** What a microphone of a board may have. */
const SAMPLE_RATES = { least: 8_000, most: 48_000 };

/**
 * Each packet in the frame that it was taken in, as it was. Where the wire has another codec or frame length than the recording, what was
 * heard is coded anew. Throws TalkError 'replay/bad-uplink' {startUs, sampleRate}: they are none that a microphone can have.
 */
export function framesOf(packets: readonly RecordedPacket[], format: WireFormat): UplinkFrames {
  const bad = packets.find(({ startUs, sampleRate }) => !(startUs <= LONGEST_US) || !isSampleRate(sampleRate));
  if (bad !== undefined) throw new TalkError('replay/bad-uplink', { startUs: bad.startUs, sampleRate: bad.sampleRate });
  const frameUs = format.frameMs * 1000;
  const isExact = packets.every(
    ({ codec, durationUs, sampleRate }) => codec === format.codec && durationUs === frameUs && sampleRate === 16_000,
  );
  const frames = isExact ? placed(packets, frameUs) : codedAnew(packets, format);
  return { frames, packets: packets.length, exactPackets: isExact ? packets.length : 0 };
}

function isSampleRate(hertz: number): boolean {
  return hertz >= SAMPLE_RATES.least && hertz <= SAMPLE_RATES.most;
}

function placed(packets: readonly RecordedPacket[], frameUs: number): (Uint8Array | null)[] {
  const frames: (Uint8Array | null)[] = [];
  for (const { startUs, bytes } of packets) {
    const due = Math.round(startUs / frameUs);
    if (frames.length === 0 || due - frames.length > MOST_DRIFT_FRAMES) while (frames.length < due) frames.push(null);
    frames.push(bytes);
  }
  return frames;
}

function codedAnew(packets: readonly RecordedPacket[], format: WireFormat): (Uint8Array | null)[] {
  const codec = createCodec(format.codec, format.frameMs);
  const decoder = createOpusDecoder({ sampleRate: 16_000, channels: 1 });
  const frameSamples = format.frameMs * SAMPLES_PER_MS;
  const heard: (Int16Array | null)[] = [];
  const sampleAt = (us: number) => Math.max(0, Math.round((us * SAMPLES_PER_MS) / 1000));
  try {
    let at = 0;
    for (const { startUs, codec: coded, sampleRate, bytes } of packets) {
      const pcm = coded === 'opus' ? decoded(decoder, bytes) : linear(bytes, sampleRate);
      const due = sampleAt(startUs);
      if (Math.abs(due - at) > MOST_DRIFT_FRAMES * frameSamples) at = Math.max(at, due);
      for (let from = 0; from < pcm.length; ) {
        const index = Math.floor(at / frameSamples);
        const within = at % frameSamples;
        heard[index] ??= new Int16Array(frameSamples);
        const part = pcm.subarray(from, from + frameSamples - within);
        heard[index]?.set(part, within);
        from += part.length;
        at += part.length;
      }
    }
    return Array.from(heard, (pcm) => (pcm == null ? null : codec.encode(pcm)));
  } finally {
    decoder.close();
    codec.close();
  }
}

function decoded(decoder: ReturnType<typeof createOpusDecoder>, bytes: Uint8Array): Int16Array {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    // What the far end could not have heard either.
    if (!isTalkError(error, 'audio/decode')) throw error;
    return new Int16Array(0);
  }
}

function linear(bytes: Uint8Array, sampleRate: number): Int16Array {
  const pcm = new Int16Array(bytes.slice(0, bytes.length & ~1).buffer);
  return sampleRate === 16_000 ? pcm : resample(pcm, { from: sampleRate, to: 16_000 });
}

/** Packets of silence, for frames in which nothing recorded is due. */
export function createSilence({ codec, frameMs }: WireFormat): { next(): Uint8Array; close(): void } {
  const coder: BoardCodec = createCodec(codec, frameMs);
  const pcm = new Int16Array(frameMs * SAMPLES_PER_MS);
  return { next: () => coder.encode(pcm), close: () => coder.close() };
}
