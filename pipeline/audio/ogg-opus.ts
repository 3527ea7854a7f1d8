import { isTalkError } from '../../preload/contract/talk-error.ts';
import { createOggStream, OGG_PACKET_LIMIT_BYTES } from './ogg.ts';
import { opusPacketInfo } from './opus-packet.ts';

/** Opus packets as an Ogg file (RFC 7845), each exactly as it was, a page for each second. */
export interface OggOpusWriter {
  /**
   * A packet whose sound begins `startUs` after the file's beginning. What lies between it and the packet before is filled with packets
   * that ask the decoder to conceal a loss (RFC 7845 §4.1); a packet that comes while the one before still sounds follows it at once,
   * and the next gap makes up for it.
   */
  packet(bytes: Uint8Array, startUs: number): Uint8Array[];
  /** The file is complete with these. */
  end(): Uint8Array[];
  readonly facts: { packets: number; gapUs: number; gapPackets: number; skippedPackets: number; durationUs: number };
}

export interface OggOpusOptions {
  channels: 1 | 2;
  /** Rate of what was encoded, Hz: told to the reader, of no effect on decoding. */
  inputSampleRate: number;
  vendor: string;
  /** As 'NAME=value'. */
  comments: readonly string[];
  serial: number;
}

/** Granule positions count at 48 kHz, whatever was encoded. */
const RATE = 48_000;
const SAMPLES_PER_MS = RATE / 1000;
/** RFC 6716 §3.2.5: a packet is at most 120 ms. */
const PACKET_SAMPLES = 120 * SAMPLES_PER_MS;
const FRAME_COUNT_CODE = 3;

export function createOggOpusWriter(options: OggOpusOptions): OggOpusWriter {
  const stream = createOggStream(options.serial);
  const facts = { packets: 0, gapUs: 0, gapPackets: 0, skippedPackets: 0, durationUs: 0 };
  let headers: Uint8Array[] | null = [
    ...stream.packet(opusHead(options), 0n),
    ...stream.flush(),
    ...headerPackets(stream, opusTags(options)),
  ];
  let samples = 0;
  let pageSamples = 0;

  function add(bytes: Uint8Array, duration: number): Uint8Array[] {
    const pages: Uint8Array[] = [];
    if (pageSamples + duration > RATE) {
      pages.push(...stream.flush());
      pageSamples = 0;
    }
    samples += duration;
    pageSamples += duration;
    const ended = stream.packet(bytes, BigInt(samples));
    if (ended.length > 0) pageSamples = duration;
    pages.push(...ended);
    return pages;
  }

  /** Empty frames of the packet's own mode, so that no decoder is set up anew for them. */
  function gap(toc: number, missing: number): Uint8Array[] {
    const { configuration, samples: frame } = shortestFrame(toc >> 3);
    const pages: Uint8Array[] = [];
    for (let left = Math.floor(missing / frame); left > 0; ) {
      const count = Math.min(left, PACKET_SAMPLES / frame);
      left -= count;
      facts.gapPackets++;
      facts.gapUs += (count * frame * 1000) / SAMPLES_PER_MS;
      pages.push(...add(Uint8Array.of((configuration << 3) | (toc & 4) | FRAME_COUNT_CODE, count), count * frame));
    }
    return pages;
  }

  function takeHeaders(): Uint8Array[] {
    const pages = headers ?? [];
    headers = null;
    return pages;
  }

  return {
    packet(bytes, startUs) {
      const durationMs = durationOf(bytes);
      if (durationMs === null) {
        facts.skippedPackets++;
        return [];
      }
      const missing = Math.round((startUs * SAMPLES_PER_MS) / 1000) - samples;
      const pages = [...takeHeaders(), ...gap(bytes[0] ?? 0, missing)];
      facts.packets++;
      // Whoever hands packets over may use their memory again.
      pages.push(...add(bytes.slice(), durationMs * SAMPLES_PER_MS));
      facts.durationUs = (samples * 1000) / SAMPLES_PER_MS;
      return pages;
    },
    end: () => [...takeHeaders(), ...stream.end()],
    facts,
  };
}

/** Null for what no decoder takes: nothing says how long it would last. */
function durationOf(bytes: Uint8Array): number | null {
  if (bytes.byteLength > OGG_PACKET_LIMIT_BYTES) return null;
  try {
    return opusPacketInfo(bytes).durationMs;
  } catch (error) {
    if (isTalkError(error, 'audio/decode')) return null;
    throw error;
  }
}

/** Of the same mode and bandwidth: 10 ms, in CELT 2.5 (RFC 6716 table 2). */
function shortestFrame(configuration: number): { configuration: number; samples: number } {
  if (configuration < 12) return { configuration: configuration & ~3, samples: 10 * SAMPLES_PER_MS };
  if (configuration < 16) return { configuration: configuration & ~1, samples: 10 * SAMPLES_PER_MS };
  return { configuration: configuration & ~3, samples: 2.5 * SAMPLES_PER_MS };
}

/** RFC 7845 §5.1. Nothing is skipped: an encoder's look-ahead is a few milliseconds that nobody recorded. */
function opusHead({ channels, inputSampleRate }: OggOpusOptions): Uint8Array {
  const bytes = new Uint8Array(19);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from('OpusHead'));
  bytes[8] = 1; // version
  bytes[9] = channels;
  view.setUint16(10, 0, true); // pre-skip
  view.setUint32(12, inputSampleRate, true);
  view.setInt16(16, 0, true); // gain
  bytes[18] = 0; // mapping family: mono or stereo
  return bytes;
}

/** RFC 7845 §5.2. */
function opusTags({ vendor, comments }: OggOpusOptions): Uint8Array {
  const parts: Buffer[] = [Buffer.from('OpusTags'), ...counted(vendor), length(comments.length), ...comments.flatMap(counted)];
  return new Uint8Array(Buffer.concat(parts));
}

function counted(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  return [length(bytes.byteLength), bytes];
}

function length(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** The tags end their page too: sound begins on one of its own. */
function headerPackets(stream: ReturnType<typeof createOggStream>, tags: Uint8Array): Uint8Array[] {
  return [...stream.packet(tags, 0n), ...stream.flush()];
}
