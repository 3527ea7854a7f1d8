import type { Passage } from './passages.ts';
import { termsOf } from './terms.ts';

/** Robertson's usual values: how soon repetition counts no more, and how much a passage's length counts. */
const K1 = 1.2;
const B = 0.75;

export interface Found {
  passage: Passage;
  score: number;
}

/** The passages of one file by their terms. Scores of several files can be compared when they were asked with the same weights. */
export class TermIndex {
  readonly passages: Passage[] = [];
  /** Term → how often in which passage. */
  readonly #postings = new Map<string, Map<number, number>>();
  readonly #lengths: number[] = [];

  add(passage: Passage): void {
    const at = this.passages.push(passage) - 1;
    const terms = termsOf(`${passage.heading}\n${passage.text}`);
    this.#lengths.push(terms.length);
    for (const term of terms) {
      const counts = this.#postings.get(term) ?? new Map<number, number>();
      counts.set(at, (counts.get(at) ?? 0) + 1);
      this.#postings.set(term, counts);
    }
  }

  get termCount(): number {
    return this.#lengths.reduce((sum, length) => sum + length, 0);
  }

  /** In how many passages the term stands. */
  passagesWith(term: string): number {
    return this.#postings.get(term)?.size ?? 0;
  }

  /** BM25 of each passage that has one of the terms. */
  find(weights: ReadonlyMap<string, number>, averageLength: number): Found[] {
    const scores = new Map<number, number>();
    for (const [term, weight] of weights) {
      for (const [at, count] of this.#postings.get(term) ?? []) {
        const length = (this.#lengths[at] ?? 0) / averageLength;
        const score = (weight * count * (K1 + 1)) / (count + K1 * (1 - B + B * length));
        scores.set(at, (scores.get(at) ?? 0) + score);
      }
    }
    return [...scores].flatMap(([at, score]) => {
      const passage = this.passages[at];
      return passage === undefined ? [] : { passage, score };
    });
  }
}
