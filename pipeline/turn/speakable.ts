/** One character to be spoken, and the length of the generated text up to and including it. */
export interface SpokenCharacter {
  text: string;
  rawEnd: number;
}

/** What a rule makes of the text at a position: consume `length` and speak `spoken`; or wait for more text. */
type Match = { length: number; spoken: string } | 'wait' | undefined;
type Rule = (rest: string, before: string, isFinal: boolean) => Match;

const WAIT = 'wait';
const MAX_INLINE_CODE = 80;
const MAX_LINK = 500;
const MAX_URL = 2000;

const skip = (length: number): Match => ({ length, spoken: '' });
const isLineStart = (before: string) => before === '' || before === '\n';
const startsOrMay = (rest: string, prefix: string) => prefix.startsWith(rest) || rest.startsWith(prefix);

/** ```fenced``` code: nothing inside is spoken. */
const fence: Rule = (rest, _before, isFinal) => {
  if (!startsOrMay(rest, '```')) return undefined;
  if (rest.length < 3) return isFinal ? undefined : WAIT;
  const close = rest.indexOf('```', 3);
  if (close >= 0) return skip(close + 3);
  return isFinal ? skip(rest.length) : WAIT;
};

/** `inline code`; a backtick without its partner on the line is only dropped. */
const inlineCode: Rule = (rest, _before, isFinal) => {
  if (!rest.startsWith('`')) return undefined;
  const close = rest.indexOf('`', 1);
  const newline = rest.indexOf('\n');
  const isClosed = close > 0 && close <= MAX_INLINE_CODE && (newline < 0 || newline > close);
  if (isClosed) return skip(close + 1);
  return close < 0 && newline < 0 && rest.length <= MAX_INLINE_CODE && !isFinal ? WAIT : skip(1);
};

const schemes = ['http://', 'https://', 'ftp://', 'ws://', 'wss://', 'file://', 'mailto:', 'www.'];
const urlBody = /^(?:(?:https?|ftp|wss?|file):\/\/|mailto:|www\.)[^\s<>"'`\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]*/iu;
const url: Rule = (rest, before, isFinal) => {
  if (/[\p{L}\p{N}]/u.test(before) && !/\p{Script=Han}/u.test(before)) return undefined;
  const head = rest.slice(0, 8).toLowerCase();
  const body = urlBody.exec(rest)?.[0];
  if (body === undefined) {
    const mayBecome = schemes.some((prefix) => prefix.startsWith(head));
    return mayBecome && !isFinal ? WAIT : undefined;
  }
  if (body.length === rest.length && !isFinal && body.length < MAX_URL) return WAIT;
  return skip(body.replace(/[.,;:!?)\]]+$/u, '').length);
};

const addressWord = /^[a-z0-9][\w.@:/?#=&%~+-]*/iu;
const mailbox = /^[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/iu;
const host = /^(?:[a-z0-9-]+\.)+(?:com|cn|net|org|io|dev|app|ai|edu|gov|info|top|xyz|me|co|uk|de|jp|hk|tw)$/iu;
const numericHost = /^\d{1,3}(?:\.\d{1,3}){3}$/u;
/** `example.com`, `sina.com.cn`: people say such names, so they are said. */
const domainName = /^[a-z0-9-]+(?:\.(?:com|net|org|edu|gov|co|ac))?\.[a-z]+$/iu;

function isAddress(word: string): boolean {
  if (mailbox.test(word)) return true;
  const end = /[:/?#]/u.exec(word)?.index ?? word.length;
  const name = word.slice(0, end);
  if (!host.test(name) && !numericHost.test(name)) return false;
  return end < word.length || !(domainName.test(name) || numericHost.test(name));
}

/** Addresses without a scheme: `mail@example.com`, `docs.example.com`, `example.com/path`, `192.0.2.1:8080`. */
const bareAddress: Rule = (rest, before, isFinal) => {
  if (/[\p{L}\p{N}._@/-]/u.test(before) && !/\p{Script=Han}/u.test(before)) return undefined;
  const word = addressWord.exec(rest)?.[0];
  if (word === undefined) return undefined;
  // Whether it will be one, nobody knows before its end.
  if (word.length === rest.length && !isFinal && word.length < MAX_URL) return WAIT;
  const said = word.replace(/[.:?]+$/u, '');
  return isAddress(said) ? skip(said.length) : undefined;
};

/** `[^1]` and `[ ]`, `[x]`: footnotes and boxes to tick. */
const mark: Rule = (rest, _before, isFinal) => {
  const whole = /^\[(?:\^[^\]\n]{1,20}|[ xX])\]:?/u.exec(rest);
  if (whole) return whole[0].length === rest.length && !isFinal ? WAIT : skip(whole[0].length);
  return /^\[(?:\^[^\]\n]{0,20}|[ xX])?$/u.test(rest) && !isFinal ? WAIT : undefined;
};

/** `[text](target)`: the text is spoken; brackets never are. */
const link: Rule = (rest, _before, isFinal) => {
  if (rest.startsWith('[')) return skip(1);
  if (rest.startsWith('![')) return skip(2);
  if (rest === '!' && !isFinal) return WAIT;
  if (!rest.startsWith(']')) return undefined;
  if (rest.length === 1) return isFinal ? skip(1) : WAIT;
  if (rest[1] !== '(') return skip(1);
  const target = /^\]\([^\n)]*(\)|\n)?/u.exec(rest);
  if (target?.[1] === ')' && target[0].length <= MAX_LINK) return skip(target[0].length);
  return target?.[1] === undefined && rest.length <= MAX_LINK && !isFinal ? WAIT : skip(1);
};

const tag: Rule = (rest, _before, isFinal) => {
  if (!rest.startsWith('<')) return undefined;
  if (startsOrMay(rest, '<!--')) {
    const close = rest.indexOf('-->', 4);
    if (close >= 0) return skip(close + 3);
    if (rest.length < MAX_LINK && !isFinal) return WAIT;
  }
  const whole = /^<\/?[a-z][^<>\n]{0,80}>/iu.exec(rest);
  if (whole) return skip(whole[0].length);
  return /^<(?:\/?[a-z][^<>\n]{0,80}|\/)?$/iu.test(rest) && !isFinal ? WAIT : undefined;
};

const entities: Readonly<Record<string, string>> = {
  '&nbsp;': ' ',
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};
const entity: Rule = (rest, _before, isFinal) => {
  if (!rest.startsWith('&')) return undefined;
  for (const [name, spoken] of Object.entries(entities)) {
    if (rest.startsWith(name)) return { length: name.length, spoken };
    if (!isFinal && name.startsWith(rest)) return WAIT;
  }
  return undefined;
};

/** `:smile:`; not the colons of a time or a sentence. */
const shortcode: Rule = (rest, _before, isFinal) => {
  const whole = /^:[a-z][a-z0-9_+-]{1,30}:/u.exec(rest);
  if (whole) return skip(whole[0].length);
  return /^:(?:[a-z][a-z0-9_+-]{0,30})?$/u.test(rest) && !isFinal ? WAIT : undefined;
};

/** Headings, quotes, bullets and rules at the start of a line. A minus sign before a digit is spoken. */
const lineStart: Rule = (rest, before, isFinal) => {
  if (!isLineStart(before)) return undefined;
  const indent = /^[ \t]*/u.exec(rest)?.[0].length ?? 0;
  const marker = /^(?:#{1,6}(?=\s)|>+|[-+*•](?=\s)|[-*_=]{3,}(?=\s))[ \t]*/u.exec(rest.slice(indent));
  if (marker) return indent + marker[0].length === rest.length && !isFinal ? WAIT : skip(indent + marker[0].length);
  if (!isFinal && /^[ \t]*(?:#{1,6}|[-+*•_=]*)$/u.test(rest)) return WAIT;
  return undefined;
};

const emphasis: Rule = (rest, before, isFinal) => {
  const mark = rest[0];
  if (mark !== '*' && mark !== '_' && mark !== '~') return undefined;
  if (rest.length === 1 && !isFinal) return WAIT;
  const joins = mark === '*' ? /[\p{N}\s]/u : mark === '_' ? /[\p{L}\p{N}]/u : /\p{N}/u;
  const isText = joins.test(before) && joins.test(rest[1] ?? '');
  return isText ? { length: 1, spoken: mark === '_' ? ' ' : mark } : skip(1);
};

const emoji = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\p{Variation_Selector}|\u20e3)/u;
/** Pictographs by Unicode's table that are ordinary signs in text. */
const sign = /^[©®™‼⁉]/u;
/** Stars, ticks and arrows; not the signs of degrees and numbers. */
const symbol = /^(?![°℃℉№])[\p{So}\u2190-\u21ff]/u;
const invisible = /^(?!\n|\t)(?:\p{Cc}|\p{Cf})/u;

const character: Rule = (rest, _before, isFinal) => {
  const code = rest.codePointAt(0) ?? 0;
  const isHalfPair = code >= 0xd800 && code <= 0xdfff;
  if (isHalfPair) return rest.length === 1 && code < 0xdc00 && !isFinal ? WAIT : skip(1);
  const length = code > 0xffff ? 2 : 1;
  if (rest[0] === '|') return { length, spoken: ' ' };
  if (rest[0] === '\\' || invisible.test(rest) || ((emoji.test(rest) || symbol.test(rest)) && !sign.test(rest))) return skip(length);
  return { length, spoken: rest.slice(0, length) };
};

const rules: readonly Rule[] = [lineStart, fence, inlineCode, url, bareAddress, mark, link, tag, entity, shortcode, emphasis, character];

const isLetter = (code: number) => (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);

/** What no rule can begin with and nothing swallows: nearly all of a text, for which a dozen patterns need not be tried. */
function isPlain(code: number, before: number): boolean {
  // Han characters, and 、。！，：；？
  if (code >= 0x4e00 && code <= 0x9fff) return true;
  if (code === 0x3001 || code === 0x3002 || code === 0xff01 || code === 0xff0c || code === 0xff1a || code === 0xff1b || code === 0xff1f)
    return true;
  // Within a word: addresses are looked for where one begins.
  return isLetter(code) && isLetter(before);
}

/**
 * Turns generated text into the characters to be spoken, as it streams in: no markdown, emoji, URLs or code. The result
 * does not depend on how the text was split into pieces; where a construct is still open it waits for its end.
 */
export class SpeakableText {
  #raw = '';
  #done = 0;

  /** Of the generated text that was read. */
  get length(): number {
    return this.#done;
  }

  /** Adds generated text; gives what became certain. */
  push(text: string): SpokenCharacter[] {
    this.#raw += text;
    return this.#scan(false);
  }

  /** The text so far is a whole: gives what was waiting. More may follow as a new whole. */
  flush(): SpokenCharacter[] {
    return this.#scan(true);
  }

  #scan(isFinal: boolean): SpokenCharacter[] {
    const spoken: SpokenCharacter[] = [];
    while (this.#done < this.#raw.length) {
      const match = this.#match(isFinal);
      if (match === WAIT || match === undefined) break;
      this.#done += match.length;
      if (match.spoken !== '') spoken.push({ text: match.spoken, rawEnd: this.#done });
    }
    return spoken;
  }

  #match(isFinal: boolean): Match {
    const next = this.#raw.charCodeAt(this.#done);
    if (isPlain(next, this.#done > 0 ? this.#raw.charCodeAt(this.#done - 1) : 0)) return { length: 1, spoken: String.fromCharCode(next) };
    const rest = this.#raw.slice(this.#done, this.#done + MAX_URL);
    const before = this.#raw.slice(Math.max(0, this.#done - 1), this.#done);
    // An unclosed fence may be longer than the window the other rules look through.
    if (rest.startsWith('```')) return fence(this.#raw.slice(this.#done), before, isFinal);
    for (const rule of rules) {
      const match = rule(rest, before, isFinal);
      if (match !== undefined && (match === WAIT || match.length > 0)) return match;
    }
    return undefined;
  }
}

/** The spoken form of a whole text. */
export function speakable(text: string): string {
  const scanner = new SpeakableText();
  return [...scanner.push(text), ...scanner.flush()].map((character) => character.text).join('');
}
