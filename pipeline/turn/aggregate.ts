import { SpeakableText, type SpokenCharacter } from './speakable.ts';
import { countWords } from './words.ts';

/** Text for one synthesis request. */
export interface Chunk {
  /** From 1 within a reply. */
  sentence: number;
  /** What the synthesiser says. */
  spoken: string;
  /** The generated text this chunk ends at: a length of the whole reply's text. */
  rawEnd: number;
  /** For each UTF-16 unit of `spoken`, the length of the generated text when that unit has been said. */
  rawEnds: readonly number[];
  /** Said while something takes long: no part of the reply. */
  isFiller?: true;
}

/** How long a first chunk waits for its punctuation before what there is gets spoken. */
export const FIRST_CHUNK_WAIT_US = 350_000;
const FIRST_CHUNK_WORDS = 4;
/** In Han characters; a character of another script counts a third, which is about how long it takes to say. */
const LONGEST_CHUNK = 60;

const cjkStop = /[。！？；…\n]/u;
const latinStop = /[.!?;]/u;
const clauseMark = /[，,、：:—]/u;
const closing = /["'”’」』》）)\]}]/u;
const wide = /[\p{Script=Han}\u3000-\u303f\uff00-\uffef]/u;
const sayable = /[\p{L}\p{N}]/u;
const abbreviation = /(?:^|[^\p{L}])(?:Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|No|vs|etc|approx|Inc|Ltd|Co|Fig|Vol|e\.g|i\.e|a\.m|p\.m|[A-Z])\.$/u;
const listNumber = /(?:^|\n)\s*\d{1,3}\.$/u;

/**
 * Cuts a reply into chunks as its text streams in: the first at the first punctuation (also a comma) with at least four
 * words or Han characters, to be heard early; the later ones at sentence ends, of at most 60 Han characters or as much in another script. Nothing that can
 * be said is lost or said twice (reference/voice.md §3.2 rule 10).
 */
export class Aggregator {
  readonly #text = new SpeakableText();
  #waiting: SpokenCharacter[] = [];
  #sentence = 0;

  /** Whether there is something sayable that no chunk has taken yet. */
  get hasPending(): boolean {
    return this.#waiting.some(({ text }) => sayable.test(text));
  }

  get isFirst(): boolean {
    return this.#sentence === 0;
  }

  push(text: string): Chunk[] {
    for (const piece of this.#text.push(text)) this.#waiting.push(piece);
    return this.#cutAll();
  }

  /** A part of the reply is complete (a tool call follows, or nothing): everything pending becomes chunks. */
  flush(): Chunk[] {
    for (const piece of this.#text.flush()) this.#waiting.push(piece);
    const chunks = this.#cutAll();
    const last = this.#take(this.#waiting.length);
    return last ? [...chunks, last] : chunks;
  }

  /** Something to say between the reply's parts that is not of it; what was pending must have been flushed. */
  aside(text: string): Chunk {
    this.#sentence += 1;
    const rawEnd = this.#text.length;
    return { sentence: this.#sentence, spoken: text, rawEnd, rawEnds: Array.from({ length: text.length }, () => rawEnd), isFiller: true };
  }

  /** The wait for punctuation is over: what there is up to the last whole word, if that is worth saying. */
  cutAtWord(): Chunk | undefined {
    const end = this.#wordEnd(this.#waiting.length);
    return this.#wordsBefore(end) >= FIRST_CHUNK_WORDS / 2 ? this.#take(end) : undefined;
  }

  #cutAll(): Chunk[] {
    const chunks: Chunk[] = [];
    for (let end = this.#cut(); end > 0; end = this.#cut()) {
      const chunk = this.#take(end);
      if (chunk) chunks.push(chunk);
    }
    return chunks;
  }

  /** How many of the waiting characters make a chunk; 0: none yet. */
  #cut(): number {
    let lastClause = 0;
    let length = 0;
    for (let index = 0; index < this.#waiting.length; index += 1) {
      const isClause = clauseMark.test(this.#at(index));
      if (this.#isSentenceEnd(index)) {
        if (!this.isFirst || this.#wordsBefore(index + 1) >= FIRST_CHUNK_WORDS) return index + 1;
      } else if (isClause && this.isFirst && !this.#isWithinNumber(index)) {
        if (this.#wordsBefore(index + 1) >= FIRST_CHUNK_WORDS) return index + 1;
      }
      if (isClause && !this.#isWithinNumber(index)) lastClause = index + 1;
      length += wide.test(this.#at(index)) ? 1 : 1 / 3;
      if (length > LONGEST_CHUNK - 1) return lastClause || this.#wordEnd(index + 1) || index + 1;
    }
    return 0;
  }

  #at(index: number): string {
    return this.#waiting[index]?.text ?? '';
  }

  #textBefore(end: number): string {
    return this.#waiting
      .slice(0, end)
      .map(({ text }) => text)
      .join('');
  }

  #wordsBefore(end: number): number {
    return countWords(this.#textBefore(end));
  }

  #isSentenceEnd(index: number): boolean {
    const character = this.#at(index);
    if (cjkStop.test(character)) return true;
    if (!latinStop.test(character)) return false;
    // A Latin stop ends a sentence only before a space; until the next character is there, nobody knows.
    const next = this.#at(index + 1);
    if (next === '' || !(/\s/u.test(next) || closing.test(next) || /\p{Script=Han}/u.test(next))) return false;
    if (character !== '.') return true;
    const before = this.#textBefore(index + 1);
    return !abbreviation.test(before) && !listNumber.test(before);
  }

  #isWithinNumber(index: number): boolean {
    const next = this.#at(index + 1);
    return /\d/u.test(this.#at(index - 1)) && (next === '' || /\d/u.test(next));
  }

  /** The end of the last whole word within the first `end` characters: a word that touches the end may go on. */
  #wordEnd(end: number): number {
    let boundary = 0;
    const segments = new Intl.Segmenter('zh', { granularity: 'word' }).segment(this.#textBefore(end));
    for (const { index } of segments) boundary = index;
    // The segmenter counts UTF-16 units, we count characters.
    let units = 0;
    let count = 0;
    while (count < end && units < boundary) units += this.#at(count++).length;
    return count;
  }

  /** Takes the first `end` characters as a chunk; without anything to say they stay, and go with the next one. */
  #take(end: number): Chunk | undefined {
    const taken = this.#waiting.slice(0, end);
    const first = taken.findIndex(({ text }) => sayable.test(text));
    this.#waiting = this.#waiting.slice(end);
    const rawEnd = taken.at(-1)?.rawEnd;
    if (first < 0 || rawEnd === undefined) return undefined;
    // Keep an opening mark that belongs to what follows: "“", "(", "-", "¥".
    const lead = first > 0 && /[-−+$¥€£“‘「『《（(]/u.test(taken[first - 1]?.text ?? '') ? first - 1 : first;
    const said = taken.slice(lead);
    while (/\s/u.test(said.at(-1)?.text ?? '')) said.pop();
    this.#sentence += 1;
    return {
      sentence: this.#sentence,
      spoken: said.map(({ text }) => (text === '\n' ? ' ' : text)).join(''),
      rawEnd,
      rawEnds: said.flatMap(({ text, rawEnd }) => Array.from({ length: text.length }, () => rawEnd)),
    };
  }
}
