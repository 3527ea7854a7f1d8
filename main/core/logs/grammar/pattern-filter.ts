import { ANY, beginningOf, END, LOOKED_AT, OTHER } from './pattern-beginning.ts';

/** Bits of a number. */
export const MAX_FILTERED = 31;
const CODES = END + 1;

/**
 * Tells by a text's first characters which of several patterns can match it: for most texts none or one. To look at them takes a
 * fraction of what it takes to try one pattern in vain.
 */
export class PatternFilter {
  /** For each place and character, which patterns can have it there. */
  readonly #patterns = new Int32Array(LOOKED_AT * CODES);

  /** At most 31. Several patterns in one place count as one; none: it takes any text. */
  constructor(patterns: ReadonlyArray<readonly RegExp[]>) {
    if (patterns.length > MAX_FILTERED) throw new RangeError(`${patterns.length} patterns`);
    for (const [index, alternatives] of patterns.entries()) {
      const beginnings = alternatives.map(beginningOf);
      for (let place = 0; place < LOOKED_AT; place++) {
        const some = alternatives.length === 0 ? ANY : beginnings.reduce((all, beginning) => all | (beginning[place] ?? ANY), 0n);
        for (let code = 0; code < CODES; code++)
          if ((some >> BigInt(code)) & 1n)
            this.#patterns[place * CODES + code] = (this.#patterns[place * CODES + code] ?? 0) | (1 << index);
      }
    }
  }

  /** Bit n is set when the n-th can match. */
  possible(text: string): number {
    const patterns = this.#patterns;
    return (
      (patterns[codeAt(text, 0)] as number) &
      (patterns[CODES + codeAt(text, 1)] as number) &
      (patterns[2 * CODES + codeAt(text, 2)] as number) &
      (patterns[3 * CODES + codeAt(text, 3)] as number)
    );
  }
}

/** As a property of a text it would be looked up each time: the engine has more kinds of strings than it remembers for one place. */
const { charCodeAt } = String.prototype;

function codeAt(text: string, at: number): number {
  const code = charCodeAt.call(text, at);
  if (code < OTHER) return code;
  return code >= OTHER ? OTHER : END;
}

/** The least of the bits. */
export function firstBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
