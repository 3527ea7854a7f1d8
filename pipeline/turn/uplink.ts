import type { AudioPacket } from '../../preload/contract/events.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import { createMinimumDelayLine } from '../audio/alignment.ts';
import type { AudioFormat } from '../conversation.ts';
import type { VadEngine, VadStream } from '../engines/vad/engine.ts';
import type { PacketDecoder } from './codec.ts';
import type { SpeechDetector } from './speech-detector.ts';

/** Audio waiting for the detector: above the alarm it is told, above the limit the oldest is dropped and counted. */
const LAG_ALARM_US = 500_000;
const BACKLOG_LIMIT_US = 10_000_000;
/** No packet for so long: the board has stopped sending, and what follows stands later in media time. */
const GAP_US = 1_000_000;
/** No packet for so long within an utterance ends it: boards send no trailing silence when a button is let go. */
const STALL_US = 300_000;

export interface UplinkOptions {
  clock: Clock;
  format: AudioFormat;
  vad: VadEngine;
  decoder: PacketDecoder;
  detector: SpeechDetector;
  /** Silence that ends an utterance, ms. */
  silenceMs(): number;
  onPacket(packet: Omit<AudioPacket, 'conversationId'>): void;
  onUndecodable(error: unknown): void;
  /** The detector is behind by more than 500 ms of audio; told once until it has caught up. */
  onLag(lagUs: number): void;
  onDropped(packetCount: number): void;
  /** Told once until the detector works again. */
  onVadError(error: unknown): void;
}

interface Decoded {
  pcm: Int16Array;
  mediaUs: number;
}

/**
 * Packets from the board to speech: decoding, media time, detection, in order and never blocking the caller. Media time
 * is packet index × frame, plus the stretches in which the board sent nothing; the minimum-delay line maps it to the clock.
 */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #line = createMinimumDelayLine();
  readonly #frameUs: number;
  readonly #backlog: Decoded[] = [];
  #backlogSamples = 0;
  #index = 0;
  #nextMediaUs = 0;
  #lastReceivedUs: number | undefined;
  #cancelStall: (() => void) | undefined;
  #isLagging = false;
  #isDeaf = false;
  #isClosed = false;
  #isWorking = false;
  /** The board has stopped sending while the detector still had audio to get through. */
  #isStalled = false;
  #hasFailed = false;
  #stream: VadStream | undefined;
  #pending = new Int16Array(0);
  #pendingMediaUs = 0;

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#frameUs = options.format.frameMs * 1000;
  }

  /** Half duplex: what comes is recorded but not listened to. */
  setDeaf(isDeaf: boolean): void {
    this.#isDeaf = isDeaf;
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
    this.#enqueue({ pcm: pcm ?? new Int16Array(this.#frameUs / 62.5), mediaUs });
    this.#watchForStall();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelStall?.();
    this.#backlog.length = 0;
    this.#stream?.close();
    this.#options.decoder.close();
  }

  #skipGap(receivedUs: number): void {
    if (this.#lastReceivedUs === undefined || receivedUs - this.#lastReceivedUs <= GAP_US) return;
    const lateUs = receivedUs - this.clockUs(this.#nextMediaUs + this.#frameUs);
    if (lateUs > GAP_US) this.#nextMediaUs += Math.floor(lateUs / this.#frameUs) * this.#frameUs;
  }

  #decode(packet: Uint8Array): Int16Array | undefined {
    try {
      return this.#options.decoder.decode(packet);
    } catch (error) {
      this.#options.onUndecodable(error);
      return undefined;
    }
  }

  #enqueue(decoded: Decoded): void {
    this.#backlog.push(decoded);
    this.#backlogSamples += decoded.pcm.length;
    let dropped = 0;
    while (this.#lagUs > BACKLOG_LIMIT_US && this.#backlog.length > 1) {
      this.#backlogSamples -= this.#backlog.shift()?.pcm.length ?? 0;
      dropped += 1;
    }
    if (dropped > 0) this.#options.onDropped(dropped);
    if (!this.#isLagging && this.#lagUs > LAG_ALARM_US) {
      this.#isLagging = true;
      this.#options.onLag(this.#lagUs);
    }
    if (!this.#isWorking) void this.#work();
  }

  get #lagUs(): number {
    return (this.#backlogSamples / 16) * 1000;
  }

  /** One at a time through the detector; ends when the backlog is empty and is started again by the next packet. */
  async #work(): Promise<void> {
    this.#isWorking = true;
    try {
      this.#stream ??= await this.#options.vad.open();
      for (let next = this.#backlog.shift(); next && !this.#isClosed; next = this.#backlog.shift()) {
        this.#backlogSamples -= next.pcm.length;
        await this.#detect(this.#stream, next);
      }
      this.#isLagging = false;
      if (this.#isClosed) this.#stream.close();
      else if (this.#isStalled) this.#options.detector.end();
    } catch (error) {
      this.#backlog.length = 0;
      this.#backlogSamples = 0;
      this.#pending = new Int16Array(0);
      if (!this.#isClosed && !this.#hasFailed) this.#options.onVadError(error);
      this.#hasFailed = true;
    } finally {
      this.#isWorking = false;
    }
  }

  async #detect(stream: VadStream, { pcm, mediaUs }: Decoded): Promise<void> {
    if (this.#isDeaf) {
      this.#pending = new Int16Array(0);
      return;
    }
    if (this.#pending.length === 0 || mediaUs > this.#pendingMediaUs + (this.#pending.length / 16) * 1000 + 1) {
      // After a gap the rest of a window is not worth joining to what follows.
      this.#pending = new Int16Array(0);
      this.#pendingMediaUs = mediaUs;
    }
    const joined = new Int16Array(this.#pending.length + pcm.length);
    joined.set(this.#pending);
    joined.set(pcm, this.#pending.length);
    this.#pending = joined;
    while (this.#pending.length >= stream.frameSamples && !this.#isClosed) {
      const window = this.#pending.slice(0, stream.frameSamples);
      const windowUs = this.#pendingMediaUs;
      const probability = await stream.process(window);
      if (this.#isClosed) return;
      this.#hasFailed = false;
      this.#pending = this.#pending.slice(stream.frameSamples);
      this.#pendingMediaUs += (stream.frameSamples / 16) * 1000;
      this.#options.detector.push(window, windowUs, probability);
    }
  }

  #watchForStall(): void {
    this.#cancelStall?.();
    this.#isStalled = false;
    const waitUs = Math.max(STALL_US, this.#options.silenceMs() * 1000) + this.#frameUs;
    this.#cancelStall = this.#options.clock.at((this.#options.clock.nowUs() + waitUs) as MonoUs, () => {
      if (this.#isClosed) return;
      this.#isStalled = true;
      if (!this.#isWorking) this.#options.detector.end();
    });
  }
}
