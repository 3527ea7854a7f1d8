import type { Clock } from '../../preload/contract/time.ts';
import type { Pacer } from '../audio/pacer.ts';
import type { Telling } from './telling.ts';
import type { Turn } from './turn.ts';

export interface HoldDeps {
  clock: Clock;
  telling: Pick<Telling, 'event'>;
  pacer: Pick<Pacer, 'pause' | 'resume' | 'rewind' | 'playEndUs' | 'sentUs'>;
}

/** Pause, decide, resume (reference/voice.md §3.2 rule 5): a reply stands still while it is judged what was spoken into it. */
export class Hold {
  readonly #deps: HoldDeps;
  #isHeld = false;

  constructor(deps: HoldDeps) {
    this.#deps = deps;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Speech began at `onsetUs`. */
  begin(turn: Turn, onsetUs: number): void {
    this.#deps.pacer.pause();
    this.#isHeld = true;
    turn.instants.interruptionOnsetUs = onsetUs;
    this.#deps.telling.event({ kind: 'interruption.onset', turnId: turn.id }, onsetUs);
  }

  /** It was nothing: the reply goes on, and where the board fell silent in the middle of a word, with that word. */
  release(turn: Turn, reason: string): void {
    const { clock, telling, pacer } = this.#deps;
    this.#isHeld = false;
    // A later interruption has an onset of its own, or none.
    delete turn.instants.interruptionOnsetUs;
    telling.event({ kind: 'interruption.false', turnId: turn.id, resumed: true, reason });
    const cutUs = clock.nowUs() > pacer.playEndUs ? turn.ledger.cutWordStartUs(pacer.sentUs) : undefined;
    if (cutUs !== undefined) pacer.rewind(cutUs);
    pacer.resume();
  }

  /** The reply is another's turn now, or over; whoever flushed the pacer lifted its pause. */
  drop(): void {
    this.#isHeld = false;
  }
}
