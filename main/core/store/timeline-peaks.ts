import type { Database } from 'better-sqlite3';
import { createOpusDecoder } from '../../../pipeline/audio/opus.ts';
import { decode, linear } from './audio-reader.ts';
import type { BulkRequests, Handlers } from './requests.ts';
import { createSoundPlaces } from './sound-places.ts';
import { CHUNK_US, conversationKeys, keyOf } from './timeline-tracks.ts';

/** Of what is kept: another one is not read but made again. */
export const PEAKS_VERSION = 1;
const BUCKET_US = 10_000;
const SAMPLE_RATE = 16_000;
/** What may still come to a stretch comes within this time of its end. */
const LATEST_US = 70_000_000;
/** A decoder needs a little of what came before to sound right. */
const PREROLL_US = 400_000;

/** Peaks as they are kept; a chunk that is not is computed from its packets, a matter of tenths of a second. */
export function createPeaks(database: Database): Pick<Handlers<BulkRequests>, 'timeline.peaks'> {
  const conversationKey = conversationKeys(database);
  const kept = database.prepare<[number, string, number, number], { minimum: Buffer; maximum: Buffer }>(
    'SELECT minimum, maximum FROM track_peak WHERE conversation_key = ? AND track = ? AND chunk = ? AND version = ?',
  );
  const { placed } = createSoundPlaces(database);
  const last = database
    .prepare<[number, string], number>(
      'SELECT at_us FROM audio_packet WHERE conversation_key = ? AND track = ? ORDER BY packet_index DESC LIMIT 1',
    )
    .pluck();
  const bytesOf = database
    .prepare<[number, string, number], Buffer>(
      'SELECT bytes FROM audio_packet WHERE conversation_key = ? AND track = ? AND packet_index = ?',
    )
    .pluck();
  const isRecording = database.prepare<[string], number>("SELECT state = 'recording' FROM session WHERE id = ?").pluck();

  return {
    'timeline.peaks': ({ id, conversationId, track, chunk }) => {
      const key = keyOf(conversationKey, id, conversationId);
      const fromUs = chunk * CHUNK_US;
      const row = kept.get(key, track, chunk, PEAKS_VERSION);
      if (row !== undefined) return { ...bytesOfRow(row), fromUs, bucketUs: BUCKET_US, isFinal: true, isKept: true };
      const toUs = fromUs + CHUNK_US;
      const peaks = new Peaks(fromUs);
      const decoder = createOpusDecoder({ sampleRate: SAMPLE_RATE, channels: 1 });
      try {
        for (const { packet, startUs } of placed(key, track, { fromUs: fromUs - PREROLL_US, toUs })) {
          if (startUs + packet.durationUs <= fromUs - PREROLL_US || startUs >= toUs) continue;
          const bytes = bytesOf.get(key, track, packet.packetIndex);
          if (bytes !== undefined) peaks.add(startUs, packet.codec === 'opus' ? decode(decoder, bytes) : linear(bytes, packet.sampleRate));
        }
      } finally {
        decoder.close();
      }
      const isFinal = isRecording.get(id) !== 1 || (last.get(key, track) ?? 0) > toUs + LATEST_US;
      return { ...peaks.reply(), fromUs, bucketUs: BUCKET_US, isFinal, isKept: false };
    },
  };
}

function bytesOfRow({ minimum, maximum }: { minimum: Buffer; maximum: Buffer }) {
  return { minimum: new Uint8Array(minimum), maximum: new Uint8Array(maximum) };
}

/** Extremes of the buckets of one chunk; a bucket that no sound reaches is 0. */
class Peaks {
  readonly #fromUs: number;
  readonly #minimum = new Int8Array(CHUNK_US / BUCKET_US);
  readonly #maximum = new Int8Array(CHUNK_US / BUCKET_US);
  #hasSound = false;

  constructor(fromUs: number) {
    this.#fromUs = fromUs;
  }

  add(startUs: number, samples: Int16Array): void {
    const at = Math.round(((startUs - this.#fromUs) * SAMPLE_RATE) / 1e6);
    const perBucket = (BUCKET_US * SAMPLE_RATE) / 1e6;
    for (let i = Math.max(0, -at); i < samples.length; i++) {
      const bucket = Math.floor((at + i) / perBucket);
      if (bucket >= this.#minimum.length) return;
      const value = (samples[i] as number) >> 8;
      if (value < (this.#minimum[bucket] as number)) this.#minimum[bucket] = value;
      if (value > (this.#maximum[bucket] as number)) this.#maximum[bucket] = value;
      this.#hasSound = true;
    }
  }

  reply(): { minimum: Uint8Array<ArrayBuffer>; maximum: Uint8Array<ArrayBuffer> } {
    if (!this.#hasSound) return { minimum: new Uint8Array(0), maximum: new Uint8Array(0) };
    return { minimum: new Uint8Array(this.#minimum.buffer), maximum: new Uint8Array(this.#maximum.buffer) };
  }
}
