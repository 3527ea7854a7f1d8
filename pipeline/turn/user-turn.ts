import type { Turn } from './turn.ts';

/** The user's turn that is being spoken or recognised: one or more utterances. */
export class UserTurn {
  readonly turn: Turn;
  readonly #parts: string[] = [];
  #hasFailedPart = false;

  constructor(turn: Turn) {
    this.turn = turn;
  }

  add(text: string, isFailed: boolean): void {
    if (isFailed) this.#hasFailedPart = true;
    if (text.trim() !== '') this.#parts.push(text.trim());
  }

  /** All that was said; words of scripts with spaces stay apart. */
  get text(): string {
    return this.#parts.join(/\p{Script=Han}/u.test(this.#parts.join('')) ? '' : ' ');
  }

  /** What a turn that nothing was understood of ends as. */
  get emptyOutcome(): 'failed' | 'no-reply' {
    return this.#hasFailedPart ? 'failed' : 'no-reply';
  }
}
