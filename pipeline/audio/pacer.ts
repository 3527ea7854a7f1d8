import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import { EncodeAhead, type StreamEncoder, type WaitingFrame } from './encode-ahead.ts';

/** How much audio may wait; producers pause above it. */
const QUEUE_LIMIT_US = 10_000_000;
/** A gap shorter than this, or than one frame, is inaudible or concealed by the board. */
const UNDERRUN_US = 40_000;
/** What a late timer may catch up at once: with short frames one a timer would fall behind for good on a busy machine. */
const CATCH_UP_US = 30_000;
const DEPTH_INTERVAL_US = 200_000;
/** How far back what was handed over can be had again. */
const REWIND_LIMIT_US = 1_500_000;

export interface PacerOptions {
  clock: Clock;
  frameUs: number;
  /** How far ahead of real time packets are handed over. */
  leadUs: number;
  encoder: StreamEncoder;
  /** Frames could not be encoded; their time passes in silence. */
  onUnencodable(error: unknown): void;
  /** Hands one packet over. `playUs` is when the far end should play it if it plays without a delay of its own. */
  send(packet: Uint8Array, playUs: MonoUs): void;
  /** The socket holds more than it should: what waits in TCP cannot be taken back by an interruption. */
  isClogged(): boolean;
  /** Play-out ran dry within a reply for `gapUs`. */
  onUnderrun(gapUs: number): void;
  /** Queue depth, at most every 200 ms while audio moves and once when it becomes empty. */
  onDepth(queuedUs: number): void;
}

/** What goes through the queue in order: audio, or something to do when the audio before it has been handed over. */
type Item = WaitingFrame | { reached: (playUs: MonoUs) => void };

/**
 * Hands frames over at absolute deadlines, `leadUs` ahead of the moment they play and never more. The lead is
 * built up at twice real time instead of in a burst (small boards restart on five packets at once; four is the most a late
 * timer hands over), and after an underrun the play-out line is moved, not caught up with. Items of another epoch than the
 * current one never get in, and `flush` and `pause` take effect before they return: that is what makes an interruption safe,
 * whatever an encoder still works on.
 */
export class Pacer {
  readonly #options: PacerOptions;
  readonly #items: Item[] = [];
  readonly #ahead: EncodeAhead;
  readonly #waiting: (() => void)[] = [];
  /** Of the current epoch, the last that were handed over. */
  #recent: Int16Array[] = [];
  #epoch = 0;
  #queuedFrames = 0;
  #isPaused = false;
  #isInReply = false;
  /** When the frame that is next to be handed over plays. */
  #playUs = Number.NEGATIVE_INFINITY;
  #lastSentUs = Number.NEGATIVE_INFINITY;
  /** No frame before: what keeps to twice real time. */
  #earliestUs = Number.NEGATIVE_INFINITY;
  /** By how much the last timer was late, as far as it may be caught up. */
  #lateUs = 0;
  #lastDepthUs = Number.NEGATIVE_INFINITY;
  /** Of the current epoch. */
  #sentFrames = 0;
  #cancelTimer: (() => void) | undefined;
  #isEncodingSoon = false;

  constructor(options: PacerOptions) {
    this.#options = options;
    const { frameUs, encoder, onUnencodable } = options;
    this.#ahead = new EncodeAhead({ frameUs, encoder, onUnencodable, onEncoded: () => this.#encoded() });
  }

  get queuedUs(): number {
    return this.#queuedFrames * this.#options.frameUs;
  }

  /** When the last frame handed over stops playing; -Infinity before the first. */
  get playEndUs(): number {
    return this.#playUs;
  }

  /** When the last frame was handed over; -Infinity before the first. */
  get lastSentUs(): number {
    return this.#lastSentUs;
  }

  /** Audio of the current epoch that was handed over. */
  get sentUs(): number {
    return this.#sentFrames * this.#options.frameUs;
  }

  /** Producers should await `ready` before they push more. */
  get isFull(): boolean {
    return this.queuedUs >= QUEUE_LIMIT_US;
  }

  /** How much of the current epoch's audio has played at `atUs`, for a far end that plays `delayUs` later. */
  playedUs(atUs: number, delayUs: number): number {
    const { sentUs } = this;
    if (sentUs === 0) return 0;
    const unplayedUs = Math.max(0, this.#playUs + delayUs - atUs);
    return Math.max(0, sentUs - unplayedUs);
  }

  /** Queues a frame. Ignored unless `epoch` is the current one. */
  push(epoch: number, frame: Int16Array): void {
    if (epoch !== this.#epoch) return;
    this.#items.push({ frame });
    this.#queuedFrames += 1;
    this.#encodeSoon();
  }

  /** Queues a call made when everything before it has been handed over; it gets the play time of what follows. */
  mark(epoch: number, reached: (playUs: MonoUs) => void): void {
    if (epoch !== this.#epoch) return;
    this.#items.push({ reached });
    this.#schedule();
  }

  /** Resolves when there is room for more audio, or the queue was flushed. */
  ready(): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    return new Promise((wake) => this.#waiting.push(wake));
  }

  pause(): void {
    this.#isPaused = true;
    this.#stopTimer();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    // The board drained meanwhile: that was our doing, not an underrun.
    this.#rebase();
    this.#schedule();
  }

  /**
   * Hands over again what lies from `atUs` of the epoch's audio on, for a far end that has played it and fell silent in the
   * middle of a word. False when that is further back than 1.5 s.
   */
  rewind(atUs: number): boolean {
    const count = this.#sentFrames - Math.max(0, Math.floor(atUs / this.#options.frameUs));
    if (count <= 0 || count > this.#recent.length) return false;
    this.#ahead.drop(this.#frames());
    this.#items.unshift(...this.#recent.splice(-count).map((frame) => ({ frame })));
    this.#queuedFrames += count;
    this.#sentFrames -= count;
    this.#encodeSoon();
    return true;
  }

  /** Drops everything that waits and starts `epoch`: from here on only its items are taken. Lifts a pause. */
  flush(epoch: number): void {
    this.#stopTimer();
    this.#ahead.drop(this.#frames());
    this.#items.length = 0;
    this.#queuedFrames = 0;
    this.#epoch = epoch;
    this.#isPaused = false;
    this.#isInReply = false;
    this.#sentFrames = 0;
    this.#recent = [];
    this.#wake();
    this.#reportDepth(true);
  }

  *#frames(): Generator<WaitingFrame> {
    for (const item of this.#items) if ('frame' in item) yield item;
  }

  /** What is pushed at the same moment is encoded together. */
  #encodeSoon(): void {
    if (this.#isEncodingSoon) return;
    this.#isEncodingSoon = true;
    queueMicrotask(() => {
      this.#isEncodingSoon = false;
      this.#ahead.order(this.#frames());
    });
  }

  /** A frame may have been waited for. */
  #encoded(): void {
    if (this.#cancelTimer) return;
    this.#lateUs = 0;
    this.#step();
  }

  /** What is to be handed over next is encoded. A mark before a frame waits with it: it tells when that plays. */
  #isReady(): boolean {
    for (const { packet } of this.#frames()) return packet !== undefined;
    return true;
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #rebase(): void {
    this.#playUs = Math.max(this.#playUs, this.#options.clock.nowUs());
  }

  /** Marks and a reply's first frame are due at once, whatever the clock says meanwhile. */
  #dueUs(head: Item): number {
    if (!('frame' in head) || !this.#isInReply) return Number.NEGATIVE_INFINITY;
    return Math.ceil(Math.max(this.#playUs - this.#options.leadUs, this.#earliestUs));
  }

  #schedule(): void {
    const head = this.#items[0];
    if (head && this.#isReady()) this.#wakeAt(this.#dueUs(head));
  }

  #wakeAt(dueUs: number): void {
    if (this.#cancelTimer || this.#isPaused) return;
    const { clock } = this.#options;
    if (dueUs === Number.NEGATIVE_INFINITY) {
      this.#stepSoon();
      return;
    }
    const wakeUs = Math.max(dueUs, clock.nowUs()) as MonoUs;
    this.#cancelTimer = clock.at(wakeUs, () => {
      this.#cancelTimer = undefined;
      this.#lateUs = Math.min(CATCH_UP_US, Math.max(0, clock.nowUs() - wakeUs));
      this.#step();
    });
  }

  /** Not within the caller's call, and before anything else: a timer would cost the reply's first frame a round of the event loop. */
  #stepSoon(): void {
    let isCancelled = false;
    this.#cancelTimer = () => {
      isCancelled = true;
    };
    queueMicrotask(() => {
      if (isCancelled) return;
      this.#cancelTimer = undefined;
      this.#lateUs = 0;
      this.#step();
    });
  }

  #mayGo(head: Item, nowUs: number): boolean {
    return !this.#isPaused && this.#isReady() && this.#dueUs(head) <= nowUs;
  }

  /** Runs the marks and hands over the frames that are due. A mark may pause or flush. */
  #step(): void {
    const nowUs = this.#options.clock.nowUs();
    for (let head = this.#items[0]; head && this.#mayGo(head, nowUs); head = this.#items[0]) {
      if ('frame' in head) {
        if (this.#options.isClogged()) {
          this.#wakeAt(Math.ceil(nowUs + this.#options.frameUs / 2));
          return;
        }
        this.#items.shift();
        this.#send(head);
      } else {
        this.#items.shift();
        if (!this.#isInReply) this.#rebase();
        head.reached(this.#playUs as MonoUs);
      }
    }
    this.#schedule();
  }

  #send({ frame, packet }: WaitingFrame): void {
    const { clock, frameUs } = this.#options;
    const nowUs = clock.nowUs();
    if (!this.#isInReply) {
      this.#isInReply = true;
      this.#rebase();
    } else {
      const gapUs = nowUs - this.#playUs;
      if (gapUs >= Math.max(UNDERRUN_US, frameUs)) {
        this.#rebase();
        this.#options.onUnderrun(gapUs);
      }
    }
    const playUs = this.#playUs;
    this.#playUs += frameUs;
    this.#lastSentUs = nowUs;
    this.#earliestUs = Math.max(this.#earliestUs, nowUs - this.#lateUs) + frameUs / 2;
    this.#sentFrames += 1;
    this.#recent.push(frame);
    if (this.#recent.length * frameUs > REWIND_LIMIT_US) this.#recent.shift();
    this.#queuedFrames -= 1;
    if (packet) this.#options.send(packet, playUs as MonoUs);
    this.#ahead.order(this.#frames());
    this.#reportDepth(this.#queuedFrames === 0);
    if (!this.isFull) this.#wake();
  }

  #reportDepth(isForced: boolean): void {
    const nowUs = this.#options.clock.nowUs();
    if (!isForced && nowUs - this.#lastDepthUs < DEPTH_INTERVAL_US) return;
    this.#lastDepthUs = nowUs;
    this.#options.onDepth(this.queuedUs);
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
