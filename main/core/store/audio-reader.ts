import type { Database } from 'better-sqlite3';
import { createOpusDecoder } from '../../../pipeline/audio/opus.ts';
import { resample } from '../../../pipeline/audio/resample.ts';
import { encodeWav } from '../../../pipeline/audio/wav.ts';
import type { AudioPacket } from '../../../preload/contract/events.ts';
import type { TrackPeaks } from '../../../preload/contract/sessions.ts';
import { isTalkError, TalkError } from '../../../preload/contract/talk-error.ts';
import { ownBytes } from './append.ts';
import type { BulkRequests, Handlers } from './requests.ts';
import { createSoundPlaces } from './sound-places.ts';
import { assertWanted } from './still-wanted.ts';

const SAMPLE_RATE = 16_000;
/** A decoder needs a little of what came before to sound right. */
const PREROLL_US = 400_000;
/** Both tracks of an hour, about 230 MB. */
const MAX_US = 3_600_000_000;
const MAX_BUCKETS = 50_000_000;

/** One packet's sound at its place. */
interface Sound {
  startUs: number;
  samples: Int16Array;
}

type AudioReader = Pick<Handlers<BulkRequests>, 'audio.wav' | 'audio.peaks'>;

/** Stored packets as sound on the session's time axis: placed by capture and play time, never joined end to end. */
export function createAudioReader(database: Database): AudioReader {
  const conversationKey = database
    .prepare<[string, string], number>(
      'SELECT conversation_key FROM conversation JOIN session s USING (session_key) WHERE s.id = ? AND conversation_id = ?',
    )
    .pluck();
  const { placed } = createSoundPlaces(database);
  const bytesOf = database
    .prepare<[number, string, number], Buffer>(
      'SELECT bytes FROM audio_packet WHERE conversation_key = ? AND track = ? AND packet_index = ?',
    )
    .pluck();

  function keyOf(id: string, conversationId: string): number {
    const key = conversationKey.get(id, conversationId);
    if (key === undefined) throw new TalkError('not-found', { what: 'conversation', id: conversationId });
    return key;
  }

  /** Decodes what sounds within the range, in order. */
  function* sounds(key: number, track: AudioPacket['track'], fromUs: number, toUs: number): Generator<Sound> {
    const decoder = createOpusDecoder({ sampleRate: SAMPLE_RATE, channels: 1 });
    try {
      for (const { packet, startUs } of placed(key, track, { fromUs: fromUs - PREROLL_US, toUs })) {
        if (startUs + packet.durationUs <= fromUs - PREROLL_US || startUs >= toUs) continue;
        const bytes = bytesOf.get(key, track, packet.packetIndex);
        if (bytes !== undefined)
          yield { startUs, samples: packet.codec === 'opus' ? decode(decoder, bytes) : linear(bytes, packet.sampleRate) };
      }
    } finally {
      decoder.close();
    }
  }

  function extent(key: number): { fromUs: number; toUs: number } {
    const all = [...placed(key, 'uplink'), ...placed(key, 'downlink')];
    if (all.length === 0) return { fromUs: 0, toUs: 0 };
    return {
      fromUs: all.reduce((least, { startUs }) => Math.min(least, startUs), Number.POSITIVE_INFINITY),
      toUs: all.reduce((most, { startUs, packet }) => Math.max(most, startUs + packet.durationUs), 0),
    };
  }

  return {
    'audio.wav': ({ id, conversationId, isDenoised = false, ...range }) => {
      const key = keyOf(id, conversationId);
      const fromUs = range.fromUs ?? extent(key).fromUs;
      const toUs = Math.max(fromUs, range.toUs ?? extent(key).toUs);
      if (toUs - fromUs > MAX_US) throw new TalkError('too-large', { limitUs: MAX_US, sizeUs: toUs - fromUs });
      const channels = ([isDenoised ? 'uplink-denoised' : 'uplink', 'downlink'] as const).map((track) => {
        const channel = new Int16Array(samplesIn(toUs - fromUs));
        for (const sound of sounds(key, track, fromUs, toUs)) paste(channel, sound, fromUs);
        return channel;
      });
      return { fromUs, wav: ownBytes(encodeWav({ sampleRate: SAMPLE_RATE, channels })) };
    },
    'audio.peaks': ({ id, conversationId, bucketUs }) => {
      const key = keyOf(id, conversationId);
      const { fromUs, toUs } = extent(key);
      const limitUs = MAX_BUCKETS * bucketUs;
      if (toUs - fromUs > limitUs) throw new TalkError('too-large', { limitUs, sizeUs: toUs - fromUs });
      const peaks = (track: AudioPacket['track']) => peaksOf(sounds(key, track, fromUs, toUs), { fromUs, toUs, bucketUs });
      return { uplink: peaks('uplink'), downlink: peaks('downlink') };
    },
  };
}

function samplesIn(us: number): number {
  return Math.round((us * SAMPLE_RATE) / 1e6);
}

/** A later packet silences what is left of an earlier one under it: that is what an interruption did. */
function paste(channel: Int16Array, { startUs, samples }: Sound, fromUs: number): void {
  const at = samplesIn(startUs - fromUs);
  const visible = samples.subarray(Math.max(0, -at), Math.max(0, channel.length - at));
  if (visible.length > 0) channel.set(visible, Math.max(0, at));
}

/** Extremes as int8 bit patterns in bytes; a bucket no sound reaches is 0. */
function peaksOf(sounds: Iterable<Sound>, range: { fromUs: number; toUs: number; bucketUs: number }): TrackPeaks {
  const { fromUs, toUs, bucketUs } = range;
  const count = Math.ceil((toUs - fromUs) / bucketUs);
  const minimum = new Int8Array(count);
  const maximum = new Int8Array(count);
  const samplesPerBucket = (bucketUs * SAMPLE_RATE) / 1e6;
  for (const { startUs, samples } of sounds) {
    const at = samplesIn(startUs - fromUs);
    for (const [i, sample] of samples.entries()) {
      const bucket = Math.floor((at + i) / samplesPerBucket);
      const value = sample >> 8;
      if (value < (minimum[bucket] ?? -128)) minimum[bucket] = value;
      if (value > (maximum[bucket] ?? 127)) maximum[bucket] = value;
    }
  }
  return { bucketUs, fromUs, minimum: new Uint8Array(minimum.buffer), maximum: new Uint8Array(maximum.buffer) };
}

/** A packet that does not decode is silence: the recording keeps what came, also when it was garbage. Throws TalkError 'cancelled'. */
export function decode(decoder: ReturnType<typeof createOpusDecoder>, bytes: Uint8Array): Int16Array {
  assertWanted();
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (isTalkError(error, 'audio/decode')) return new Int16Array(0);
    throw error;
  }
}

export function linear(bytes: Uint8Array, sampleRate: number): Int16Array {
  const samples = new Int16Array(bytes.byteLength >> 1);
  new Uint8Array(samples.buffer).set(bytes.subarray(0, samples.byteLength));
  return sampleRate === SAMPLE_RATE ? samples : resample(samples, { from: sampleRate, to: SAMPLE_RATE });
}
