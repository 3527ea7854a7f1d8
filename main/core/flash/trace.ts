import type { FlashTraceLine } from '../../../preload/contract/flash.ts';
import type { Clock } from '../../../preload/contract/time.ts';

/** Enough for every exchange of a large flash; the newest are the ones a failure is explained by. */
const KEPT_LINES = 4000;
const KEPT_OF_OLD = 200;

/**
 * What a job said and heard, in words. Who writes to it never gives it a block's data: it goes to the screen, and blocks may
 * hold a device's secrets.
 */
export class Trace {
  readonly #clock: Clock;
  readonly #publish: (lines: FlashTraceLine[]) => void;
  #lines: FlashTraceLine[] = [];
  #droppedLines = 0;

  constructor(clock: Clock, publish: (lines: FlashTraceLine[]) => void = () => {}) {
    this.#clock = clock;
    this.#publish = publish;
  }

  get snapshot(): { droppedLines: number; lines: FlashTraceLine[] } {
    return { droppedLines: this.#droppedLines, lines: [...this.#lines] };
  }

  sent(text: string): void {
    this.#add('sent', text);
  }

  received(text: string): void {
    this.#add('received', text);
  }

  note(text: string): void {
    this.#add('note', text);
  }

  /** Forgets all but the end: of a job long over, nobody reads more. */
  shorten(): void {
    this.#keepNewest(KEPT_OF_OLD);
  }

  #add(direction: FlashTraceLine['direction'], text: string): void {
    const line = { atUs: this.#clock.nowUs(), direction, text };
    this.#lines.push(line);
    // In halves, so that keeping the newest costs nothing per line.
    if (this.#lines.length > KEPT_LINES * 1.5) this.#keepNewest(KEPT_LINES);
    this.#publish([line]);
  }

  #keepNewest(count: number): void {
    const dropped = this.#lines.length - count;
    if (dropped <= 0) return;
    this.#lines = this.#lines.slice(dropped);
    this.#droppedLines += dropped;
  }
}
