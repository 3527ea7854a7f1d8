import type { AudioPacket } from '../../../preload/contract/events.ts';
import { createFrameEncoder, type FrameEncoder } from '../codec.ts';

const FRAME_MS = 60;
const FRAME_SAMPLES = FRAME_MS * 16;
const FRAME_US = FRAME_MS * 1000;
const BITRATE = 24_000;

/** Records the signal that was listened to, as packets beside those of the wire and in the same media time. */
export class DenoisedTrack {
  readonly #onPacket: (packet: Omit<AudioPacket, 'conversationId'>) => void;
  readonly #clockUs: (mediaUs: number) => number;
  #encoder: FrameEncoder | undefined;
  #frame = new Int16Array(FRAME_SAMPLES);
  #filled = 0;
  #mediaUs = 0;
  #index = 0;

  constructor(options: { onPacket(packet: Omit<AudioPacket, 'conversationId'>): void; clockUs(mediaUs: number): number }) {
    this.#onPacket = options.onPacket;
    this.#clockUs = options.clockUs;
  }

  push(pcm: Int16Array, mediaUs: number): void {
    if (this.#filled > 0 && mediaUs > this.#mediaUs + (this.#filled / 16) * 1000 + 1) this.#emit();
    if (this.#filled === 0) this.#mediaUs = mediaUs;
    for (let at = 0; at < pcm.length; ) {
      const part = pcm.subarray(at, at + FRAME_SAMPLES - this.#filled);
      this.#frame.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === FRAME_SAMPLES) this.#emit();
    }
  }

  close(): void {
    if (this.#filled > 0) this.#emit();
    this.#encoder?.close();
    this.#encoder = undefined;
  }

  /** The rest of the last frame before a gap is silence. */
  #emit(): void {
    this.#encoder ??= createFrameEncoder({ codec: 'opus', sampleRate: 16_000, frameMs: FRAME_MS }, BITRATE);
    this.#frame.fill(0, this.#filled);
    const mediaUs = Math.round(this.#mediaUs);
    this.#onPacket({
      track: 'uplink-denoised',
      index: this.#index++,
      // When its last sample came in without jitter: both tracks are then placed alike.
      atUs: Math.round(this.#clockUs(mediaUs + FRAME_US)),
      mediaUs,
      durationUs: FRAME_US,
      codec: 'opus',
      sampleRate: 16_000,
      bytes: this.#encoder.encode(this.#frame),
    });
    this.#filled = 0;
    this.#mediaUs += FRAME_US;
  }
}
