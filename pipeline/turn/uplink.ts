import type { AudioPacket } from '../../preload/contract/events.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import { createMinimumDelayLine } from '../audio/alignment.ts';
import type { AudioFormat } from '../conversation.ts';
import type { PacketDecoder } from './codec.ts';

/** No packet for so long: the board has stopped sending, and what follows stands later in media time. */
const GAP_US = 1_000_000;
/** A shorter wait between packets is jitter, whatever it means. */
const LULL_US = 150_000;
/** No packet for so long within an utterance ends it: boards send no trailing silence when a button is let go. */
const STALL_US = 300_000;

export interface UplinkOptions {
  clock: Clock;
  format: AudioFormat;
  decoder: PacketDecoder;
  /** Silence that ends an utterance, ms. */
  silenceMs(): number;
  onPacket(packet: Omit<AudioPacket, 'conversationId'>): void;
  /** What is to be listened to, in order: 16 kHz mono that begins at `mediaUs`. */
  onAudio(pcm: Int16Array, mediaUs: number): void;
  /** The board has stopped sending. */
  onStall(): void;
  onUndecodable(error: unknown): void;
}

interface Span {
  fromUs: number;
  untilUs: number;
}

/**
 * Packets from the board to audio in media time: packet index × frame, plus the stretches in which the board sent nothing; the
 * minimum-delay line maps it to the clock.
 */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #line = createMinimumDelayLine();
  readonly #frameUs: number;
  #index = 0;
  #nextMediaUs = 0;
  #lastReceivedUs: number | undefined;
  #mayHavePaused = false;
  /** The least that any packet since the last lull came late by. */
  #leastLateUs = 0;
  #cancelStall: (() => void) | undefined;
  #isClosed = false;
  /** On the clock: when not to listen. */
  #deaf: Span[] = [];

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#frameUs = options.format.frameMs * 1000;
  }

  /** Half duplex: what was taken from `atUs` on, to the sample, is recorded but not listened to; or listened to again. */
  setDeaf(isDeaf: boolean, atUs: number): void {
    const last = this.#deaf.at(-1);
    const isOpen = last?.untilUs === Number.POSITIVE_INFINITY;
    if (isDeaf && !isOpen) this.#deaf.push({ fromUs: atUs, untilUs: Number.POSITIVE_INFINITY });
    if (!isDeaf && last && isOpen) last.untilUs = atUs;
  }

  /** The board may have sent nothing for a while (a button): the next packet stands where it was taken. */
  mayHavePaused(): void {
    this.#mayHavePaused = true;
  }

  /** Where the next packet stands. */
  get mediaUs(): number {
    return this.#nextMediaUs;
  }

  /** The clock's instant of a media time. */
  clockUs(mediaUs: number): number {
    return this.#line.map(mediaUs) ?? this.#options.clock.nowUs();
  }

  receive(packet: Uint8Array, receivedUs: MonoUs): void {
    if (this.#isClosed) return;
    const { format } = this.#options;
    this.#skipGap(receivedUs);
    const mediaUs = this.#nextMediaUs;
    const pcm = this.#decode(packet);
    const durationUs = pcm ? Math.round((pcm.length / 16) * 1000) : this.#frameUs;
    this.#nextMediaUs += durationUs;
    // A packet can arrive only after its last sample was taken.
    this.#line.add(mediaUs + durationUs, receivedUs);
    this.#lastReceivedUs = receivedUs;
    this.#options.onPacket({
      track: 'uplink',
      index: this.#index++,
      atUs: receivedUs,
      mediaUs,
      durationUs,
      codec: format.codec,
      sampleRate: format.sampleRate,
      bytes: packet,
    });
    this.#pass(pcm ?? new Int16Array(this.#frameUs / 62.5), mediaUs);
    this.#watchForStall();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelStall?.();
    this.#options.decoder.close();
  }

  /**
   * After a long wait nobody spoke for that long. After a short one it cannot be told yet: packets that were held up by the network come
   * in a burst and are late no longer, but what all of them since the last lull are late by was never sent (a board that sends hardly
   * anything while nobody speaks, packets lost).
   */
  #skipGap(receivedUs: number): void {
    const limitUs = this.#mayHavePaused ? this.#frameUs : GAP_US;
    this.#mayHavePaused = false;
    if (this.#lastReceivedUs === undefined) return;
    const waitedUs = receivedUs - this.#lastReceivedUs;
    const lateUs = () => receivedUs - this.clockUs(this.#nextMediaUs + this.#frameUs);
    if (waitedUs > limitUs) {
      if (lateUs() > limitUs) this.#skip(lateUs());
    } else if (waitedUs > Math.max(LULL_US, 2 * this.#frameUs)) {
      if (this.#leastLateUs > LULL_US) this.#skip(this.#leastLateUs);
    } else {
      this.#leastLateUs = Math.min(this.#leastLateUs, lateUs());
      return;
    }
    this.#leastLateUs = lateUs();
  }

  #skip(us: number): void {
    this.#nextMediaUs += Math.floor(us / this.#frameUs) * this.#frameUs;
  }

  #decode(packet: Uint8Array): Int16Array | undefined {
    try {
      return this.#options.decoder.decode(packet);
    } catch (error) {
      this.#options.onUndecodable(error);
      return undefined;
    }
  }

  /** What of it was not taken while deaf. */
  #pass(pcm: Int16Array, mediaUs: number): void {
    const startUs = this.clockUs(mediaUs);
    const sampleAt = (us: number) => Math.max(0, Math.min(pcm.length, Math.round((us - startUs) * 0.016)));
    this.#deaf = this.#deaf.filter(({ untilUs }) => untilUs > startUs - GAP_US);
    let from = 0;
    for (const span of this.#deaf) {
      this.#give(pcm, mediaUs, from, sampleAt(span.fromUs));
      from = Math.max(from, sampleAt(span.untilUs));
    }
    this.#give(pcm, mediaUs, from, pcm.length);
  }

  #give(pcm: Int16Array, mediaUs: number, from: number, to: number): void {
    if (to > from) this.#options.onAudio(pcm.subarray(from, to), mediaUs + (from / 16) * 1000);
  }

  #watchForStall(): void {
    this.#cancelStall?.();
    const { clock, silenceMs, onStall } = this.#options;
    const waitUs = Math.max(STALL_US, silenceMs() * 1000) + this.#frameUs;
    this.#cancelStall = clock.at((clock.nowUs() + waitUs) as MonoUs, () => {
      if (!this.#isClosed) onStall();
    });
  }
}
