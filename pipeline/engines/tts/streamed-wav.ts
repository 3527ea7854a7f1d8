import { TalkError } from '../../../preload/contract/talk-error.ts';
import { PcmBytes } from './pcm.ts';

/** A header that is longer than this is none. */
const LONGEST_HEADER = 65_536;

/**
 * 16-bit PCM out of a WAV that is still being written: its sizes are 0 or −1 and mean nothing (reference/providers.md §5.6), so
 * everything after the `data` chunk's head is audio. Two channels are mixed. Throws TalkError 'audio/bad-wav'.
 */
export class StreamedWav {
  readonly #pcm = new PcmBytes();
  #header: Uint8Array | null = new Uint8Array(0);
  #odd: Int16Array = new Int16Array(0);
  #channels = 1;
  sampleRate = 0;

  /** Mono samples; none while the header is incomplete. */
  push(bytes: Uint8Array): Int16Array {
    if (this.#header === null) return this.#mono(this.#pcm.push(bytes));
    const joined = new Uint8Array(this.#header.length + bytes.length);
    joined.set(this.#header);
    joined.set(bytes, this.#header.length);
    const start = this.#readHeader(joined);
    if (start === null) {
      if (joined.length > LONGEST_HEADER) throw bad('no data chunk');
      this.#header = joined;
      return new Int16Array(0);
    }
    this.#header = null;
    return this.#mono(this.#pcm.push(joined.subarray(start)));
  }

  /** Where the audio begins; null until it is known. */
  #readHeader(bytes: Uint8Array): number | null {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const tag = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4));
    if (bytes.length < 12) return null;
    if (tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw bad('not RIFF/WAVE');
    for (let at = 12; at + 8 <= bytes.length; ) {
      const size = view.getUint32(at + 4, true);
      if (tag(at) === 'data') {
        if (this.sampleRate === 0) throw bad('no format before the data');
        return at + 8;
      }
      if (tag(at) === 'fmt ') {
        if (at + 24 > bytes.length) return null;
        const encoding = view.getUint16(at + 8, true);
        this.#channels = view.getUint16(at + 10, true);
        this.sampleRate = view.getUint32(at + 12, true);
        const bits = view.getUint16(at + 22, true);
        if ((encoding !== 1 && encoding !== 0xfffe) || bits !== 16) throw bad(`${bits}-bit encoding ${encoding}, not 16-bit PCM`);
        if (this.#channels < 1 || this.#channels > 2) throw bad(`${this.#channels} channels`);
        if (this.sampleRate < 4000 || this.sampleRate > 192_000) throw bad(`${this.sampleRate} Hz`);
      }
      at += 8 + size + (size % 2);
    }
    return null;
  }

  #mono(samples: Int16Array): Int16Array {
    if (this.#channels === 1) return samples;
    const joined = new Int16Array(this.#odd.length + samples.length);
    joined.set(this.#odd);
    joined.set(samples, this.#odd.length);
    const pairs = Math.floor(joined.length / 2);
    this.#odd = joined.slice(pairs * 2);
    return Int16Array.from({ length: pairs }, (_, at) => Math.round(((joined[at * 2] ?? 0) + (joined[at * 2 + 1] ?? 0)) / 2));
  }
}

function bad(reason: string): TalkError {
  return new TalkError('audio/bad-wav', { reason });
}
