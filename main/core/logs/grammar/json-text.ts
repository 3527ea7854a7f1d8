import { parseJson } from './grammar.ts';

/** The JSON object or array that ends a text, from its first bracket on; undefined when there is none. */
export function jsonAtEnd(text: string): unknown {
  const last = text.charCodeAt(text.length - 1);
  if (last !== 0x7d && last !== 0x5d) return undefined;
  const object = text.indexOf('{');
  const array = text.indexOf('[{');
  const start = array >= 0 && (object < 0 || array < object) ? array : object;
  return start < 0 ? undefined : parseJson(text.slice(start));
}

/** JSON that nobody closed must not claim a log for ever. */
const MAX_CHARACTERS = 32 * 1024;

/** How a line inside JSON can begin; a string may have been broken at one of its escapes. */
const jsonLine = /^(?:["{}\]\\]|\[(?:$|["{[])|(?:-?\d+(?:\.\d+)?|true|false|null),?$)/;

/** JSON printed over several lines. A grammar keeps one as the state of its block. */
export class JsonLines {
  #text: string;
  #depth: number;

  /** From the opening bracket on. */
  constructor(text: string) {
    this.#text = text;
    this.#depth = openBrackets(text);
  }

  get isOpen(): boolean {
    return this.#depth > 0 && this.#text.length < MAX_CHARACTERS;
  }

  /** False when the line cannot be its next: another task's, or the rest is lost. */
  add(line: string): boolean {
    if (!this.isOpen || !jsonLine.test(line)) return false;
    this.#text += `\n${line}`;
    this.#depth += openBrackets(line);
    return true;
  }

  /** Undefined when it is not yet closed, or no JSON, as in logs with parts left out. */
  value(): unknown {
    return this.isOpen ? undefined : parseJson(this.#text);
  }
}

/** Brackets that a line leaves open, less those it closes, not counting those in strings. A string does not go on past its line. */
function openBrackets(text: string): number {
  let depth = 0;
  let isString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x5c && isString) index++;
    else if (code === 0x22) isString = !isString;
    else if (!isString && (code === 0x7b || code === 0x5b)) depth++;
    else if (!isString && (code === 0x7d || code === 0x5d)) depth--;
  }
  return depth;
}
