import type { Clock, MonoUs } from '../../preload/contract/time.ts';

/** How long after the estimated instant a report from the board is still waited for. */
const GRACE_US = 500_000;

type Source = 'device' | 'echo' | 'estimate';

/**
 * Settles one instant at the speaker (D1 or I3) once: by the board's report when one comes in time, else by the estimate,
 * told late and dated back.
 */
export class SpeakerInstant {
  readonly #clock: Clock;
  readonly #tell: (atUs: number, source: Source) => void;
  #estimateUs: number | undefined;
  #cancelTimer: (() => void) | undefined;
  #isSettled = false;

  constructor(clock: Clock, tell: (atUs: number, source: Source) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  expect(estimateUs: number): void {
    if (this.#isSettled) return;
    this.#estimateUs = estimateUs;
    this.#cancelTimer?.();
    this.#cancelTimer = this.#clock.at(Math.ceil(estimateUs + GRACE_US) as MonoUs, () => this.#settle(estimateUs, 'estimate'));
  }

  report(atUs: number, source: 'device' | 'echo'): void {
    this.#settle(atUs, source);
  }

  /** No report can come any more: the estimate stands, if its instant was reached by `atUs`. */
  conclude(atUs: number): void {
    if (this.#estimateUs !== undefined && this.#estimateUs <= atUs) this.#settle(this.#estimateUs, 'estimate');
    this.#cancelTimer?.();
    this.#isSettled = true;
  }

  #settle(atUs: number, source: Source): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#cancelTimer?.();
    this.#tell(atUs, source);
  }
}

/** When the replies of a conversation are heard (D1) and fall silent (I3), by report or estimate. */
export class ReplyPlayout {
  readonly #clock: Clock;
  readonly #deviceDelayUs: number;
  #audible: SpeakerInstant | undefined;
  #silent: SpeakerInstant | undefined;
  #firstFramePlayUs: number | undefined;
  #leadUs: number | undefined;

  /** `deviceDelayUs`: from the socket to the speaker where the board does not say. */
  constructor(clock: Clock, deviceDelayUs: number) {
    this.#clock = clock;
    this.#deviceDelayUs = deviceDelayUs;
  }

  /** A reply is next to be heard; `tell` gets the instant when it is known. */
  expectReply(tell: (atUs: number, source: Source) => void): void {
    this.#firstFramePlayUs = undefined;
    this.#leadUs = undefined;
    this.#audible = new SpeakerInstant(this.#clock, tell);
  }

  /** Its first frame plays then, without the board's delay. */
  firstFrame(playUs: number): void {
    this.#firstFramePlayUs = playUs;
    this.#expectAudible();
  }

  /** Its first audible sample lies so far into it. */
  leadKnown(leadUs: number): void {
    this.#leadUs = leadUs;
    this.#expectAudible();
  }

  /** What was handed over until then still plays; `tell` gets the instant of silence. */
  expectSilence(atUs: number, tell: (atUs: number, source: Source) => void): void {
    this.#silent?.conclude(Number.POSITIVE_INFINITY);
    this.#silent = new SpeakerInstant(this.#clock, tell);
    this.#silent.expect(atUs);
  }

  report({ kind, atUs, source }: { kind: 'audible' | 'silent'; atUs: number; source: 'device' | 'echo' }): void {
    if (kind === 'silent') this.#silent?.report(atUs, source);
    // What was heard before this reply's first frame was an earlier reply.
    else if (atUs >= (this.#firstFramePlayUs ?? Number.POSITIVE_INFINITY)) this.#audible?.report(atUs, source);
  }

  /** The reply is over: what was to be heard of it has been, or never will be. */
  replyEnded(): void {
    this.#audible?.conclude(this.#clock.nowUs());
  }

  close(): void {
    this.#silent?.conclude(Number.POSITIVE_INFINITY);
  }

  #expectAudible(): void {
    if (this.#firstFramePlayUs === undefined || this.#leadUs === undefined) return;
    this.#audible?.expect(this.#firstFramePlayUs + this.#deviceDelayUs + this.#leadUs);
  }
}
