import { TalkError } from '../../../preload/contract/errors.ts';
import { createOpusDecoder, type OpusDecoder } from '../../audio/opus.ts';
import { createResampler, type Resampler } from '../../audio/resample.ts';
import { type Attribute, attributeIds as ids, numberOf, textOf } from './wire/attributes.ts';
import { audioCodecName, audioCodecs } from './wire/numbers.ts';

/** What a stream's first packet says of its sound: attribute 80 in one text, or 81–85. */
export interface AudioParameters {
  readonly codec: number;
  readonly channels: number;
  readonly bitDepth: number;
  readonly sampleRate: number;
  /** Bytes of one Opus frame where a packet holds several; 0 when each packet is one. */
  readonly frameBytes: number;
}

/** What is not said, or is no whole number, is 16 kHz, 16 bits, mono. Channels 0 is mono by another document. */
export function readAudioParameters(attributes: readonly Attribute[]): AudioParameters | null {
  const text = textOf(attributes, ids.audioParams);
  const [codec, channels, bitDepth, sampleRate, , , , frameBytes] = text === undefined ? [] : text.trim().split(/\s+/u).map(Number);
  const found = codec ?? numberOf(attributes, ids.audioCodec);
  if (found === undefined || !Number.isInteger(found)) return null;
  const whole = (said: number | undefined, id: number, usual: number) => {
    const number = said ?? numberOf(attributes, id) ?? usual;
    return Number.isInteger(number) ? number : usual;
  };
  return {
    codec: found,
    channels: Math.max(1, whole(channels, ids.audioChannels, 1)),
    bitDepth: whole(bitDepth, ids.audioBitDepth, 16),
    sampleRate: whole(sampleRate, ids.audioSampleRate, 16000) || 16000,
    frameBytes: whole(frameBytes, ids.audioFrameSize, 0),
  };
}

export function writeAudioParameters({ codec, channels, bitDepth, sampleRate, frameBytes }: AudioParameters, frameMs: number): string {
  const plain = `${codec} ${channels} ${bitDepth} ${sampleRate}`;
  if (codec !== audioCodecs.opus) return plain;
  return `${plain} 0 ${Math.round((frameBytes * 8000) / frameMs)} ${frameMs} ${frameBytes}`;
}

/** Of one packet: ten seconds of the shortest usual frames. A peer that says one byte a frame would get an hour of sound for a packet. */
const MOST_FRAMES = 500;
const sampleRates = [8000, 16000, 24000, 32000, 44100, 48000];

/**
 * One audio stream from a device as 16 kHz mono PCM, little-endian: the codec is known only with the first packet of each stream and may
 * change with the next, so it is taken off here and every conversation hears the same.
 */
export class AudioStream {
  readonly #frameBytes: number;
  readonly #channels: number;
  readonly #decoder: OpusDecoder | null;
  readonly #resampler: Resampler | null;
  #odd: Uint8Array = new Uint8Array(0);

  /** Throws TalkError 'unsupported' for a codec, rate or depth that nothing here decodes. */
  constructor({ codec, channels, bitDepth, sampleRate, frameBytes }: AudioParameters) {
    const isOpus = codec === audioCodecs.opus;
    if (!isOpus && codec !== audioCodecs.pcm) throw unsupported(audioCodecName(codec), 'only PCM and Opus are decoded');
    if (!isOpus && bitDepth !== 16) throw unsupported(`${bitDepth}-bit PCM`, 'only 16 bits are read');
    if (!isOpus && !sampleRates.includes(sampleRate)) throw unsupported(`${sampleRate} Hz`, 'no such rate');
    if (channels > 2) throw unsupported(`${channels} channels`, 'one or two');
    this.#frameBytes = isOpus ? frameBytes : 0;
    this.#channels = channels;
    // Opus has every rate within itself, and a decoder of one channel makes one of two.
    this.#decoder = isOpus ? createOpusDecoder({ sampleRate: 16000, channels: 1 }) : null;
    this.#resampler = !isOpus && sampleRate !== 16000 ? createResampler({ from: sampleRate, to: 16000 }) : null;
  }

  /** Throws TalkError 'audio/decode'. */
  decode(data: Uint8Array): Uint8Array {
    if (this.#decoder !== null) {
      if (this.#frameBytes > 0 && data.length > this.#frameBytes * MOST_FRAMES)
        throw new TalkError('audio/decode', { codec: 'opus', reason: `more than ${MOST_FRAMES} frames in one packet` });
      const parts = [...split(data, this.#frameBytes)].map((frame) => this.#decoder?.decode(frame) ?? new Int16Array(0));
      return Buffer.concat(parts.map((pcm) => new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength)));
    }
    const bytes = Buffer.concat([this.#odd, data]);
    const whole = bytes.length - (bytes.length % (2 * this.#channels));
    this.#odd = Uint8Array.from(bytes.subarray(whole));
    if (this.#channels === 1 && this.#resampler === null) return bytes.subarray(0, whole);
    const samples = Int16Array.from({ length: whole / (2 * this.#channels) }, (_, index) => bytes.readInt16LE(index * 2 * this.#channels));
    const pcm = this.#resampler === null ? samples : this.#resampler.process(samples);
    return new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  }

  close(): void {
    this.#decoder?.close();
  }
}

function* split(data: Uint8Array, frameBytes: number): Generator<Uint8Array> {
  if (frameBytes <= 0 || data.length <= frameBytes || data.length % frameBytes !== 0) {
    if (data.length > 0) yield data;
    return;
  }
  for (let at = 0; at < data.length; at += frameBytes) yield data.subarray(at, at + frameBytes);
}

function unsupported(feature: string, why: string): TalkError {
  return new TalkError('unsupported', { feature, why });
}
