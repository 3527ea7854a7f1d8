import type { Chunk } from './aggregate.ts';

interface Row {
  chunk: Chunk;
  startUs: number;
  durationUs: number;
  /** First and last audible sample, from the sentence's start. */
  voicedFromUs: number;
  voicedToUs: number;
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
    this.#rows.push({ chunk, startUs, durationUs: 0, voicedFromUs: 0, voicedToUs: 0 });
  }

  /** The audio of the last begun sentence so far. */
  extend(span: { durationUs: number; voicedFromUs: number; voicedToUs: number }): void {
    const row = this.#rows.at(-1);
    if (row) Object.assign(row, span);
  }

  /**
   * The generated text that had been heard when `playedUs` of the reply had played: sentences that are through, then the
   * part of the current one in proportion to its voiced audio, rounded down to a whole word or Han character.
   */
  heardText(playedUs: number): string {
    let heard = 0;
    for (const { chunk, startUs, voicedFromUs, voicedToUs } of this.#rows) {
      const intoUs = playedUs - startUs - voicedFromUs;
      const voicedUs = voicedToUs - voicedFromUs;
      if (voicedUs <= 0) continue;
      if (intoUs >= voicedUs) heard = chunk.rawEnd;
      else if (intoUs > 0) heard = Math.max(heard, rawLength(chunk, Math.floor((chunk.spoken.length * intoUs) / voicedUs)));
    }
    return this.#replyText.slice(0, heard);
  }
}

/** The generated text's length when `units` of the chunk were said, not counting a word that was cut. */
function rawLength(chunk: Chunk, units: number): number {
  const cutsWord = (at: number) => {
    const before = chunk.spoken[at - 1] ?? '';
    const after = chunk.spoken[at] ?? '';
    const isPair = /[\ud800-\udbff]/u.test(before);
    return isPair || (latin.test(before) && latin.test(after) && !han.test(before) && !han.test(after));
  };
  let end = units;
  while (end > 0 && cutsWord(end)) end -= 1;
  return end === 0 ? 0 : (chunk.rawEnds[end - 1] ?? 0);
}
