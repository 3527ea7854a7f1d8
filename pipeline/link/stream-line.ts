import type { LinkImpairment } from '../../preload/contract/checks.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import { RateBucket } from './rate.ts';

/** TCP's payload in an Ethernet frame: what is lost, and what a rate is counted in. */
const SEGMENT_BYTES = 1460;
/** A sender waits at least so long for an acknowledgement before it repeats a segment (Linux), twice as long each time after. */
const SHORTEST_WAIT_US = 200_000;
const LONGEST_WAIT_US = 60_000_000;
const MOST_REPETITIONS = 15;
/** What is under way before the sender has to wait: some seconds of speech, and what a home router would hold. */
const ROOM_BYTES = 64 * 1024;

export interface StreamLineDeps {
  clock: Clock;
  /** 0..1 */
  random: () => number;
  /** Hands on what has arrived, null at the end of the stream; nothing more before `taken` has been called. */
  deliver(bytes: Uint8Array | null, taken: () => void): void;
  /** Nothing is under way any more. */
  onEmpty?: () => void;
}

interface Segment {
  /** Null: the end of the stream. */
  bytes: Uint8Array | null;
  sentUs: number;
  dueUs: number;
}

/**
 * One direction of a TCP connection over a bad link. Every byte arrives, once and in order: what is lost comes again after the time its
 * repetition takes, and all that was sent after it waits for it, which is how a board meets loss on TCP.
 */
export class StreamLine {
  readonly #deps: StreamLineDeps;
  readonly #bucket = new RateBucket();
  readonly #waiting: (() => void)[] = [];
  #impairment: LinkImpairment;
  #segments: Segment[] = [];
  #heldBytes = 0;
  #lastDueUs = 0;
  #isTaking = false;
  #isClosed = false;
  #cancel: (() => void) | null = null;

  constructor(impairment: LinkImpairment, deps: StreamLineDeps) {
    this.#impairment = impairment;
    this.#deps = deps;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }
  get isEmpty(): boolean {
    return this.#segments.length === 0 && !this.#isTaking;
  }
  /** Whoever sends more has to wait. */
  get isFull(): boolean {
    return this.#heldBytes >= ROOM_BYTES;
  }

  /** The bytes are the line's from here on. */
  send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += SEGMENT_BYTES) this.#add(bytes.subarray(at, at + SEGMENT_BYTES));
    this.#run();
  }

  end(): void {
    this.#add(null);
    this.#run();
  }

  /** Called once there is room, at once where there is. Never after `close`. */
  whenRoom(callback: () => void): void {
    if (this.isFull) this.#waiting.push(callback);
    else callback();
  }

  /** What is under way goes on as the link is now. */
  set(impairment: LinkImpairment): void {
    const nowUs = this.#deps.clock.nowUs();
    this.#impairment = impairment;
    this.#bucket.clear();
    this.#lastDueUs = 0;
    for (const segment of this.#segments) {
      const wasStuck = segment.dueUs === Number.POSITIVE_INFINITY;
      segment.dueUs = this.#arrival(segment, wasStuck ? repeatedUs(segment.sentUs, nowUs, this.#waitUs()) : segment.sentUs);
    }
    this.#run();
  }

  /** What is under way is lost with the connection. */
  close(): void {
    this.#isClosed = true;
    this.#segments = [];
    this.#heldBytes = 0;
    this.#waiting.length = 0;
    this.#cancel?.();
    this.#cancel = null;
  }

  #add(bytes: Uint8Array | null): void {
    if (this.#isClosed) return;
    const nowUs = this.#deps.clock.nowUs();
    const segment: Segment = { bytes, sentUs: nowUs, dueUs: 0 };
    segment.dueUs = this.#arrival(segment, nowUs);
    this.#segments.push(segment);
    this.#heldBytes += bytes?.length ?? 0;
  }

  /** When a segment that leaves its sender at `fromUs`, or as soon after it as the rate allows, is there. */
  #arrival({ bytes }: Segment, fromUs: number): number {
    const { delayMs, jitterMs, lossPercent, rateKbitS, isStalled } = this.#impairment;
    const { clock, random } = this.#deps;
    const leftUs = Math.max(fromUs, rateKbitS === null ? fromUs : this.#bucket.leaveUs(bytes?.length ?? 0, clock.nowUs(), rateKbitS));
    // Drawn whatever the settings: the same seed then means the same segments.
    const sway = random() * 2 - 1;
    let arrivesUs = leftUs + Math.max(0, delayMs + jitterMs * sway) * 1000;
    let waitUs = this.#waitUs();
    for (let times = 0; times < MOST_REPETITIONS && random() * 100 < lossPercent; times++) {
      arrivesUs += waitUs;
      waitUs = Math.min(LONGEST_WAIT_US, waitUs * 2);
    }
    const isStuck = isStalled || lossPercent >= 100;
    this.#lastDueUs = Math.max(this.#lastDueUs, isStuck ? Number.POSITIVE_INFINITY : arrivesUs);
    return this.#lastDueUs;
  }

  #waitUs(): number {
    const { delayMs, jitterMs } = this.#impairment;
    return Math.max(SHORTEST_WAIT_US, (2 * delayMs + 4 * jitterMs) * 1000);
  }

  #run(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#isTaking || this.#isClosed) return;
    const [first] = this.#segments;
    if (first === undefined) {
      this.#deps.onEmpty?.();
      return;
    }
    const { clock } = this.#deps;
    if (first.dueUs === Number.POSITIVE_INFINITY) return;
    if (first.dueUs > clock.nowUs()) {
      this.#cancel = clock.at(Math.ceil(first.dueUs) as MonoUs, () => this.#run());
      return;
    }
    this.#segments.shift();
    this.#isTaking = true;
    this.#deps.deliver(first.bytes, () => {
      this.#isTaking = false;
      if (this.#isClosed) return;
      this.#heldBytes -= first.bytes?.length ?? 0;
      while (!this.isFull && this.#waiting.length > 0) this.#waiting.shift()?.();
      this.#run();
    });
  }
}

/** The first instant from `nowUs` on at which a sender that has heard nothing since `sentUs` tries again. */
function repeatedUs(sentUs: number, nowUs: number, firstWaitUs: number): number {
  let atUs = sentUs;
  for (let waitUs = firstWaitUs; atUs < nowUs; waitUs = Math.min(LONGEST_WAIT_US, waitUs * 2)) atUs += waitUs;
  return atUs;
}
