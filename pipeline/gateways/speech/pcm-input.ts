import { createResampler } from '../../audio/resample.ts';

/** Bytes of a socket to samples at 16 kHz: messages may end in the middle of a sample, and the stream may be at 8 kHz. */
export class PcmInput {
  readonly #resampler: ReturnType<typeof createResampler> | null;
  #odd: number | null = null;

  constructor(sampleRate: 8000 | 16_000) {
    this.#resampler = sampleRate === 16_000 ? null : createResampler({ from: sampleRate, to: 16_000 });
  }

  push(bytes: Uint8Array): Int16Array {
    const carried = this.#odd === null ? 0 : 1;
    const whole = bytes.length + carried;
    const samples = new Int16Array(whole >> 1);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let index = 0; index < samples.length; index++) {
      const at = index * 2 - carried;
      samples[index] = at < 0 ? (view.getUint8(0) << 8) | (this.#odd ?? 0) : view.getInt16(at, true);
    }
    this.#odd = whole % 2 === 1 ? (bytes.at(-1) ?? this.#odd) : null;
    return this.#resampler === null ? samples : this.#resampler.process(samples);
  }

  /** What the conversion still holds back, at the stream's end. */
  flush(): Int16Array {
    return this.#resampler === null ? new Int16Array(0) : this.#resampler.flush();
  }
}
