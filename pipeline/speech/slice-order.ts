import type { SpeechFailure } from './failure.ts';
import type { SliceListener } from './listener.ts';

/** One sentence that is being heard; recognisers end in any order, the document's indexes do not. */
export interface Slice {
  changed(text: string): void;
  ended(endMs: number, text: string): void;
  failed(endMs: number, failure: SpeechFailure): void;
}

interface Entry {
  startMs: number;
  /** Null until it has been told. */
  index: number | null;
  partial: string | null;
  end: { endMs: number; text: string; failure?: SpeechFailure } | null;
}

/** Tells sentences one after the other: a later one waits until all before it have ended. */
export class SliceOrder {
  readonly #listener: SliceListener;
  readonly #isEmptySkipped: boolean;
  readonly #entries: Entry[] = [];
  readonly #waiting: (() => void)[] = [];
  #nextIndex = 0;
  #isClosed = false;

  constructor(listener: SliceListener, isEmptySkipped: boolean) {
    this.#listener = listener;
    this.#isEmptySkipped = isEmptySkipped;
  }

  begin(startMs: number): Slice {
    const entry: Entry = { startMs, index: null, partial: null, end: null };
    this.#entries.push(entry);
    this.#tell();
    return {
      changed: (text) => {
        if (entry.end !== null || text === entry.partial) return;
        entry.partial = text;
        if (this.#entries[0] === entry) this.#tellChange(entry);
      },
      ended: (endMs, text) => this.#end(entry, { endMs, text }),
      failed: (endMs, failure) => this.#end(entry, { endMs, text: '', failure }),
    };
  }

  /** Resolves when every sentence begun so far has ended. */
  allTold(): Promise<void> {
    if (this.#entries.length === 0 || this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#isClosed = true;
    this.#entries.length = 0;
    this.#wake();
  }

  #end(entry: Entry, end: NonNullable<Entry['end']>): void {
    if (this.#isClosed || entry.end !== null) return;
    entry.end = end;
    this.#tell();
  }

  #tell(): void {
    for (let head = this.#entries[0]; head !== undefined && !this.#isClosed; head = this.#entries[0]) {
      this.#tellChange(head);
      if (head.end === null) return;
      this.#tellEnd(head, head.end);
      this.#entries.shift();
    }
    if (this.#entries.length === 0) this.#wake();
  }

  /** The beginning, once; then what is understood so far. */
  #tellChange(entry: Entry): void {
    const { startMs, partial } = entry;
    const hasText = (partial ?? '') !== '' || (entry.end?.text ?? '') !== '';
    if (entry.index === null) {
      if (this.#isEmptySkipped && !hasText) return;
      entry.index = this.#nextIndex++;
      this.#listener.begun({ index: entry.index, startMs });
    }
    if (partial === null || partial === '' || entry.end !== null) return;
    this.#listener.changed({ index: entry.index, startMs, text: partial });
  }

  #tellEnd({ index, startMs }: Entry, { endMs, text, failure }: NonNullable<Entry['end']>): void {
    if (failure !== undefined) this.#listener.failed(failure);
    if (index !== null) this.#listener.ended({ index, startMs, endMs, text });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
