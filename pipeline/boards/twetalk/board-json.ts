/**
 * The board's JSON reader, traps included (reference/twetalk.md §3.8). It scans text: braces and brackets are counted without
 * looking at quotes, a string ends at the first quote that has no backslash before it, escapes are never decoded, a number
 * is digits, `.`, `-` and `f`, at most 32 of them. A message that is good JSON and breaks here would break a real board.
 */
export interface BoardValue {
  kind: 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';
  /** As on the wire: of a string what stands between the quotes, of an object or array the whole with its brackets. */
  text: string;
}

const NUMBER_CHARACTERS = 32;
const literals: readonly [string, BoardValue['kind']][] = [
  ['true', 'boolean'],
  ['TRUE', 'boolean'],
  ['false', 'boolean'],
  ['FALSE', 'boolean'],
  ['null', 'null'],
  ['NULL', 'null'],
];

/** Members of one object by key, the first of a repeated key. Null when the scan lost its way. */
export function scanObject(text: string): Map<string, BoardValue> | null {
  const scan = new Scan(text);
  if (scan.take() !== '{') return null;
  const members = new Map<string, BoardValue>();
  for (;;) {
    const next = scan.peek();
    if (next === '}') return members;
    if (members.size > 0 && scan.take() !== ',') return null;
    if (scan.take() !== '"') return null;
    const key = scan.stringRest();
    if (key === null || scan.take() !== ':') return null;
    const value = scan.value();
    if (value === null) return null;
    if (!members.has(key)) members.set(key, value);
  }
}

/** The value at a path of names (`params.volume`). Null when it is not there or the scan lost its way before it. */
export function readPath(text: string, path: string): BoardValue | null {
  let value: BoardValue = { kind: 'object', text };
  for (const name of path.split('.')) {
    const member: BoardValue | undefined = value.kind === 'object' ? scanObject(value.text)?.get(name) : undefined;
    if (member === undefined) return null;
    value = member;
  }
  return value;
}

/** The number at a path; a string of digits counts, for models send both. */
export function readNumber(text: string, path: string): number | null {
  const value = readPath(text, path);
  if (value === null || (value.kind !== 'number' && value.kind !== 'string')) return null;
  const number = Number.parseFloat(value.text);
  return Number.isNaN(number) ? null : number;
}

export function readString(text: string, path: string): string | null {
  const value = readPath(text, path);
  return value?.kind === 'string' ? value.text : null;
}

class Scan {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  peek(): string | undefined {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
    return this.#text[this.#at];
  }

  take(): string | undefined {
    const character = this.peek();
    this.#at++;
    return character;
  }

  /** After the opening quote. */
  stringRest(): string | null {
    const start = this.#at;
    for (let at = start; at < this.#text.length; at++) {
      if (this.#text[at] === '"' && this.#text[at - 1] !== '\\') {
        this.#at = at + 1;
        return this.#text.slice(start, at);
      }
    }
    return null;
  }

  value(): BoardValue | null {
    const first = this.peek();
    if (first === '"') {
      this.#at++;
      const text = this.stringRest();
      return text === null ? null : { kind: 'string', text };
    }
    if (first === '{') return this.#bracketed('{', '}', 'object');
    if (first === '[') return this.#bracketed('[', ']', 'array');
    for (const [literal, kind] of literals) {
      if (!this.#text.startsWith(literal, this.#at)) continue;
      this.#at += literal.length;
      return { kind, text: literal };
    }
    const text = /^[0-9.\-f]+/.exec(this.#text.slice(this.#at, this.#at + NUMBER_CHARACTERS))?.[0];
    if (text === undefined) return null;
    this.#at += text.length;
    return { kind: 'number', text };
  }

  #bracketed(open: string, close: string, kind: 'object' | 'array'): BoardValue | null {
    const start = this.#at;
    let depth = 0;
    for (let at = start; at < this.#text.length; at++) {
      if (this.#text[at] === open) depth++;
      if (this.#text[at] === close && --depth === 0) {
        this.#at = at + 1;
        return { kind, text: this.#text.slice(start, this.#at) };
      }
    }
    return null;
  }
}
