import type { Chunk } from './aggregate.ts';

/** Where a word lies in its sentence's audio, and in UTF-16 units of what is spoken. */
export interface SpokenWord {
  from: number;
  to: number;
  startUs: number;
  endUs: number;
}

interface Row {
  chunk: Chunk;
  startUs: number;
  durationUs: number;
  /** First and last audible sample, from the sentence's start. */
  voicedFromUs: number;
  voicedToUs: number;
  /** In order, as the synthesiser told them; empty when it tells none. */
  words: SpokenWord[];
  /** All of its audio is there. */
  isComplete: boolean;
}

const latin = /[\p{L}\p{N}]/u;
const han = /\p{Script=Han}/u;

/**
 * Which text lies where in a reply's audio: the source of what was heard. Times are the reply's own, from its first
 * frame; what is not voiced (lead, tail) carries no text.
 */
export class Ledger {
  readonly #rows: Row[] = [];
  #replyText = '';

  /** Everything generated so far; what was heard is always a prefix of it. */
  get replyText(): string {
    return this.#replyText;
  }

  generated(text: string): void {
    this.#replyText += text;
  }

  /** A sentence's audio begins `startUs` into the reply. */
  begin(chunk: Chunk, startUs: number): void {
    this.complete();
    this.#rows.push({ chunk, startUs, durationUs: 0, voicedFromUs: 0, voicedToUs: 0, words: [], isComplete: false });
  }

  /** The audio of the last begun sentence so far. */
  extend(span: { durationUs: number; voicedFromUs: number; voicedToUs: number }): void {
    const row = this.#rows.at(-1);
    if (row) Object.assign(row, span);
  }

  /** Words of the last begun sentence, in order; they may come before or after their audio. */
  words(words: readonly SpokenWord[]): void {
    for (const word of words) this.#rows.at(-1)?.words.push(word);
  }

  /** The last begun sentence has all of its audio. */
  complete(): void {
    const row = this.#rows.at(-1);
    if (row) row.isComplete = true;
  }

  /**
   * The generated text that had been heard when `playedUs` of the reply had played: sentences that are through, then the
   * part of the current one: by its words' times, or else in proportion to its voiced audio, rounded down to a whole word or
   * Han character.
   */
  heardText(playedUs: number): string {
    let heard = 0;
    for (const row of this.#rows) {
      const intoUs = playedUs - row.startUs;
      if (row.voicedToUs <= row.voicedFromUs || intoUs <= row.voicedFromUs) continue;
      const isThrough = row.isComplete && intoUs >= row.voicedToUs;
      heard = Math.max(heard, isThrough ? row.chunk.rawEnd : rawLength(row.chunk, unitsHeard(row, intoUs)));
    }
    return this.#replyText.slice(0, heard);
  }

  /** When the word began in the middle of which `atUs` lies; undefined between words, or where no words are known. */
  cutWordStartUs(atUs: number): number | undefined {
    const row = this.#rows.findLast(({ startUs }) => startUs < atUs);
    const word = row?.words.find(({ startUs, endUs }) => row.startUs + startUs < atUs && atUs < row.startUs + endUs);
    return row && word && row.startUs + word.startUs;
  }
}

/** How much of a sentence was said, UTF-16 units, when it had played for so long. */
function unitsHeard({ chunk, words, voicedFromUs, voicedToUs, isComplete }: Row, intoUs: number): number {
  if (words.length > 0) return words.findLast(({ endUs }) => endUs <= intoUs)?.to ?? 0;
  // Of a sentence that is still being made nobody knows how long it will be.
  const leastUs = isComplete ? 0 : usualDurationUs(chunk.spoken);
  const share = (intoUs - voicedFromUs) / Math.max(voicedToUs - voicedFromUs, leastUs);
  return Math.floor(chunk.spoken.length * Math.min(1, share));
}

/** About how long a text takes to say: five to six Han characters a second, other scripts three times as many. */
function usualDurationUs(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + (han.test(character) ? 180_000 : 60_000), 0);
}

/** The generated text's length when `units` of the chunk were said, not counting a word that was cut. */
function rawLength(chunk: Chunk, units: number): number {
  const cutsWord = (at: number) => {
    const before = chunk.spoken[at - 1] ?? '';
    const after = chunk.spoken[at] ?? '';
    const isPair = /[\ud800-\udbff]/u.test(before);
    return isPair || (latin.test(before) && latin.test(after) && !han.test(before) && !han.test(after));
  };
  let end = Math.min(units, chunk.spoken.length);
  while (end > 0 && cutsWord(end)) end -= 1;
  return end === 0 ? 0 : (chunk.rawEnds[end - 1] ?? 0);
}
