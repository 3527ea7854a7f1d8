import { asObject } from '../../json-object.ts';

export interface HeardSlice {
  type: 0 | 1 | 2;
  index: number;
  text: string;
}

/** What the document says of sentences: indexes from 0 without gaps, each one begins (0), changes (1), ends (2), in that order. */
export class SliceRules {
  readonly violations: string[] = [];
  #index = -1;
  #isOpen = false;

  /** Sentences that have begun and not ended. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** `result` or `original_detail` of a message; null, and noted, when it is none. */
  read(detail: unknown): HeardSlice | null {
    const slice = asObject(detail);
    const { slice_type: type, index, voice_text_str: text } = slice ?? {};
    if ((type !== 0 && type !== 1 && type !== 2) || typeof index !== 'number' || !Number.isInteger(index) || typeof text !== 'string') {
      this.violations.push(`not a sentence: ${JSON.stringify(detail).slice(0, 200)}`);
      return null;
    }
    if (type === 0) {
      if (this.#isOpen) this.violations.push(`sentence ${index} begins before ${this.#index} has ended`);
      if (index !== this.#index + 1) this.violations.push(`index ${index} after ${this.#index}`);
    } else if (!this.#isOpen || index !== this.#index) this.violations.push(`slice_type ${type} of sentence ${index}, which has not begun`);
    this.#index = index;
    this.#isOpen = type !== 2;
    return { type, index, text };
  }
}
