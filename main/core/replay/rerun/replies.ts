import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';

/** So long nothing is heard, thought or played: it is over, and not between two sentences. */
const SETTLED_US = 400_000;
/** Where nobody tells when a turn is over, only silence does: between two sentences of a slow voice there may be some. */
const SETTLED_BY_EAR_US = 1_500_000;
/** An answer that has not begun by then does not come. */
const PATIENCE_US = 15_000_000;
/** A greeting that has not begun by then does not come. */
const GREETING_US = 4_000_000;

/** Knows when the far end has answered: by what its device hears and, of this bench, by what the turn-taking tells. */
export class Replies {
  readonly #clock: Clock;
  readonly #isToldOfTurns: boolean;
  #sinceUs: MonoUs;
  #quietSinceUs: MonoUs;
  #isSounding = false;
  #isThinking = false;
  #answers = 0;
  #answersBefore = 0;

  /** `isToldOfTurns`: `turnOver` will be called. */
  constructor(clock: Clock, isToldOfTurns: boolean) {
    this.#clock = clock;
    this.#isToldOfTurns = isToldOfTurns;
    this.#sinceUs = this.#quietSinceUs = clock.nowUs();
  }

  /** The user has said something: answers from now on are to that. */
  asked(): void {
    this.#answersBefore = this.#answers;
    this.#sinceUs = this.#clock.nowUs();
  }

  /** The device's speaker. */
  sounding(isSounding: boolean): void {
    if (this.#isSounding && !isSounding && !this.#isToldOfTurns) this.#answers += 1;
    this.#isSounding = isSounding;
    this.#quietSinceUs = this.#clock.nowUs();
  }

  /** The far end is about to answer, or has done with it. */
  thinking(isThinking: boolean): void {
    this.#isThinking = isThinking;
    this.#quietSinceUs = this.#clock.nowUs();
  }

  turnOver(): void {
    this.#answers += 1;
    this.#quietSinceUs = this.#clock.nowUs();
  }

  /** Whether it is the user's turn again; at once where no answer is to come. */
  isOver(of: 'greeting' | 'answer' | 'nothing'): boolean {
    const nowUs = this.#clock.nowUs();
    if (this.#isSounding || this.#isThinking) return false;
    const settledUs = this.#isToldOfTurns ? SETTLED_US : SETTLED_BY_EAR_US;
    const isSettled = nowUs - this.#quietSinceUs >= settledUs;
    if (of === 'nothing') return isSettled;
    if (this.#answers > this.#answersBefore) return isSettled;
    return nowUs - Math.max(this.#sinceUs, this.#quietSinceUs) >= (of === 'greeting' ? GREETING_US : PATIENCE_US);
  }
}
