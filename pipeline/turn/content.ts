import { emotionOf, emotionOfEmoji, emotionTags } from './emotions.ts';

/** What a language model's content consists of: said, thought, or meant for a display. */
export type ContentPiece = { kind: 'text'; text: string } | { kind: 'reasoning'; text: string } | { kind: 'emotion'; emotion: string };

/** Models whose servers do not take their thoughts apart write them between these. */
const thoughtTags = ['think', 'thinking', 'thought', 'reasoning'];
const openings = thoughtTags.map((name) => ({ open: `<${name}>`, close: `</${name}>` }));
/** A word longer than this is no emotion. */
const LONGEST_WORD = 16;

type Match = { length: number; emotion?: string; close?: string } | 'wait' | undefined;

/**
 * Takes thoughts (`<think>…</think>`, closed or not) and emotion tags out of a model's content as it streams in. The result
 * does not depend on how the content was split. Emoji stay in the text; whoever speaks it leaves them out.
 */
export class ContentSplitter {
  #rest = '';
  /** Ends the thought under way. */
  #close: string | undefined;
  /** Nothing but blanks, thoughts and tags so far. */
  #isAtStart = true;
  /** Blanks behind a tag or thought that stood before everything go with it. */
  #hasTag = false;

  push(content: string): ContentPiece[] {
    this.#rest += content;
    return this.#split(false);
  }

  /** There is no more: what was waiting for an end goes as what it is. */
  flush(): ContentPiece[] {
    return this.#split(true);
  }

  #split(isFinal: boolean): ContentPiece[] {
    const pieces: ContentPiece[] = [];
    while (this.#rest !== '') {
      const isGoing = this.#close === undefined ? this.#read(pieces, isFinal) : this.#think(this.#close, pieces, isFinal);
      if (!isGoing) break;
    }
    return pieces;
  }

  /** Reads on in a thought; false when more is needed. */
  #think(close: string, pieces: ContentPiece[], isFinal: boolean): boolean {
    const end = this.#rest.toLowerCase().indexOf(close);
    const length = end >= 0 ? end : this.#rest.length - (isFinal ? 0 : openEnd(this.#rest, close));
    if (length > 0) pieces.push({ kind: 'reasoning', text: this.#rest.slice(0, length) });
    this.#rest = this.#rest.slice(end >= 0 ? end + close.length : length);
    if (end >= 0) this.#close = undefined;
    return end >= 0;
  }

  /** Reads on in the text; false when more is needed. */
  #read(pieces: ContentPiece[], isFinal: boolean): boolean {
    const blanks = this.#isAtStart ? this.#rest.length - this.#rest.trimStart().length : 0;
    if (blanks === this.#rest.length) {
      // Only blanks so far: they belong to a text that may never come.
      if (isFinal) this.#rest = '';
      return false;
    }
    if (blanks > 0 && this.#hasTag) {
      this.#rest = this.#rest.slice(blanks);
      return true;
    }
    const after = this.#rest.slice(blanks);
    const special = after.search(this.#isAtStart ? /[<[【(（]/u : /[<[]/u);
    if (special !== 0) {
      const end = special < 0 ? after.length : special;
      const isHalfPair = !isFinal && special < 0 && /[\ud800-\udbff]$/u.test(after);
      return this.#say(pieces, blanks + end - (isHalfPair ? 1 : 0)) && !isHalfPair;
    }
    const match = this.#match(after, isFinal);
    if (match === 'wait') return false;
    if (match === undefined) return this.#say(pieces, blanks + 1);
    if (match.emotion !== undefined) pieces.push({ kind: 'emotion', emotion: match.emotion });
    this.#hasTag = true;
    this.#close = match.close;
    this.#rest = after.slice(match.length);
    return true;
  }

  #say(pieces: ContentPiece[], length: number): boolean {
    if (length <= 0) return false;
    const text = this.#rest.slice(0, length);
    this.#rest = this.#rest.slice(length);
    this.#isAtStart = false;
    for (const part of text.split(/(?=\p{Extended_Pictographic})/u)) {
      const emotion = emotionOfEmoji(String.fromCodePoint(part.codePointAt(0) ?? 0));
      if (emotion !== undefined) pieces.push({ kind: 'emotion', emotion });
      pieces.push({ kind: 'text', text: part });
    }
    return true;
  }

  #match(rest: string, isFinal: boolean): Match {
    const lower = rest.toLowerCase();
    let mayBecome = false;
    for (const { open, close } of openings) {
      if (lower.startsWith(open)) return { length: open.length, close };
      // One that nothing opened: some servers eat the opening.
      if (lower.startsWith(close)) return { length: close.length };
      mayBecome ||= open.startsWith(lower) || close.startsWith(lower);
    }
    for (const { open, close, isLoose } of emotionTags) {
      if (isLoose && !this.#isAtStart) continue;
      if (open.startsWith(lower)) mayBecome ||= lower.length < open.length;
      if (!lower.startsWith(open)) continue;
      const end = lower.indexOf(close, open.length);
      const word = lower.slice(open.length, end < 0 ? lower.length - openEnd(lower, close) : end);
      if (!/^[\p{L} _-]*$/u.test(word) || word.length > LONGEST_WORD) continue;
      const emotion = emotionOf(word) ?? (isLoose ? undefined : word.trim());
      if (end < 0) mayBecome = true;
      else if (emotion) return { length: end + close.length, emotion };
    }
    return mayBecome && !isFinal ? 'wait' : undefined;
  }
}

/** How many of the text's last characters may be the beginning of `tag`. */
function openEnd(text: string, tag: string): number {
  const lower = text.slice(-tag.length + 1).toLowerCase();
  for (let length = lower.length; length > 0; length -= 1) if (tag.startsWith(lower.slice(-length))) return length;
  return 0;
}
