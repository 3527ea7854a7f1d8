import type { Clock, MonoUs } from '../../../preload/contract/time.ts';

/** The SDK's receive ring buffer: `90 * 180` bytes (reference/twetalk.md §5.2). */
export const RING_FRAMES = 90;
/** What a DMA ring holds. */
const REPEATED_FRAMES = 4;
/** From a packet that arrives at a silent player to its first sample: decoder and DMA queue. */
const START_DELAY_US = 40_000;
/** One hundredth of full scale, −40 dBFS: what a person in front of the board would call a sound. */
const AUDIBLE_SAMPLE = 328;

export interface SpeakerDeps {
  clock: Clock;
  /** More than every board takes from a packet's arrival to its first sample; 0. */
  delayMs?: number;
  /** What becomes of the samples on their way out. */
  pass?: (pcm: Int16Array) => Int16Array;
  /** 16 kHz mono samples of one packet; throws on a packet it cannot decode. */
  decode: (packet: Uint8Array) => Int16Array;
  /** The first audible sample of a reply left the speaker at `atUs`, which is now. */
  onAudible: (atUs: MonoUs) => void;
  /** The speaker fell silent after a reply; `atUs` is the end of its last audible sample. */
  onSilent: (atUs: MonoUs) => void;
  /** Samples as they are played, `atUs` being the first one's instant. */
  onPlayed?: (pcm: Int16Array, atUs: MonoUs) => void;
  /** The buffer was full and the packet is lost. */
  onOverflow: () => void;
  /** The buffer had run dry in the middle of a reply, `gapUs` before its next packet. Known only then: it could have been the end. */
  onUnderrun: (gapUs: number) => void;
  onUndecodable: (packet: Uint8Array) => void;
  onPlaying: (isPlaying: boolean) => void;
}

/**
 * The board's loudspeaker: packets go into a ring of 90 and leave it at the pace of their samples. It knows to the sample
 * when a reply is first heard (instant D1 of reference/voice.md §2.1) and when the speaker fell silent (I3).
 */
export class Speaker {
  readonly #deps: SpeakerDeps;
  readonly #ring: { packet: Uint8Array; beginsReply: boolean }[] = [];
  #cancelNext: (() => void) | null = null;
  #cancelReport: (() => void) | null = null;
  /** A reply begins with its first packet or its announcement, whichever is first, and ends when the server says so. */
  #isReplyOpen = false;
  /** The last packets with a sound in them. */
  #newest: Uint8Array[] = [];
  #onDry: (() => void) | null = null;
  #nextBeginsReply = false;
  /** When the buffer ran dry in a reply that is not over. */
  #dryUs: MonoUs | null = null;
  #wasAudible = false;
  #lastAudibleUs: MonoUs | null = null;

  constructor(deps: SpeakerDeps) {
    this.#deps = deps;
  }

  get bufferedFrames(): number {
    return this.#ring.length;
  }

  push(packet: Uint8Array): void {
    if (this.#ring.length >= RING_FRAMES) {
      this.#deps.onOverflow();
      return;
    }
    this.replyStarted();
    const nowUs = this.#deps.clock.nowUs();
    if (this.#dryUs !== null) this.#deps.onUnderrun(nowUs - this.#dryUs);
    this.#dryUs = null;
    this.#ring.push({ packet, beginsReply: this.#nextBeginsReply });
    this.#nextBeginsReply = false;
    if (this.#cancelNext !== null) return;
    this.#deps.onPlaying(true);
    this.#playAt((nowUs + START_DELAY_US + (this.#deps.delayMs ?? 0) * 1000) as MonoUs);
  }

  /** The server announced a reply. */
  replyStarted(): void {
    if (this.#isReplyOpen) return;
    this.#isReplyOpen = true;
    this.#nextBeginsReply = true;
  }

  /** The server said that the reply is over: what is buffered is still played, as the SDK does as far as anybody knows. */
  replyStopped(): void {
    this.#isReplyOpen = false;
    this.#dryUs = null;
    if (this.#cancelNext === null) this.#fellSilent();
  }

  /** What was heard last, again and again, as of a DMA ring that nobody stops; also when the buffer has run dry meanwhile. */
  repeat(ms: number): void {
    if (ms === 0 || this.#newest.length === 0) return;
    const packets = this.#newest;
    const nowUs = this.#deps.clock.nowUs();
    const untilUs = nowUs + ms * 1000;
    const again = () => {
      if (this.#deps.clock.nowUs() >= untilUs) return;
      for (const packet of packets) this.#ring.push({ packet, beginsReply: false });
      this.#onDry = again;
    };
    again();
    if (this.#cancelNext !== null) return;
    this.#dryUs = null;
    this.#deps.onPlaying(true);
    this.#playAt(nowUs);
  }

  close(): void {
    this.#cancelNext?.();
    this.#cancelNext = null;
    this.#cancelReport?.();
    this.#ring.length = 0;
  }

  #playAt(atUs: MonoUs): void {
    this.#cancelNext = this.#deps.clock.at(atUs, () => this.#play(atUs));
  }

  #play(atUs: MonoUs): void {
    const onDry = this.#ring.length === 0 ? this.#onDry : null;
    if (onDry !== null) this.#onDry = null;
    onDry?.();
    const next = this.#ring.shift();
    if (next === undefined) {
      this.#cancelNext = null;
      this.#deps.onPlaying(false);
      if (this.#isReplyOpen) this.#dryUs = atUs;
      else this.#fellSilent();
      return;
    }
    if (next.beginsReply) this.#wasAudible = false;
    let pcm: Int16Array;
    try {
      const decoded = this.#deps.decode(next.packet);
      pcm = this.#deps.pass?.(decoded) ?? decoded;
    } catch {
      this.#deps.onUndecodable(next.packet);
      this.#playAt(atUs);
      return;
    }
    if (pcm.some(isAudible)) this.#newest = [...this.#newest.slice(1 - REPEATED_FRAMES), next.packet];
    this.#deps.onPlayed?.(pcm, atUs);
    this.#listen(pcm, atUs);
    this.#playAt(sampleInstant(atUs, pcm.length));
  }

  #listen(pcm: Int16Array, atUs: MonoUs): void {
    const last = pcm.findLastIndex(isAudible);
    if (last === -1) return;
    this.#lastAudibleUs = sampleInstant(atUs, last + 1);
    if (this.#wasAudible) return;
    this.#wasAudible = true;
    const firstUs = sampleInstant(atUs, pcm.findIndex(isAudible));
    this.#cancelReport = this.#deps.clock.at(firstUs, () => this.#deps.onAudible(firstUs));
  }

  #fellSilent(): void {
    if (this.#lastAudibleUs !== null) this.#deps.onSilent(this.#lastAudibleUs);
    this.#lastAudibleUs = null;
  }
}

function isAudible(sample: number): boolean {
  return Math.abs(sample) >= AUDIBLE_SAMPLE;
}

/** Instant of sample `index` at 16 kHz. */
function sampleInstant(fromUs: MonoUs, index: number): MonoUs {
  return (fromUs + Math.round(index * 62.5)) as MonoUs;
}
