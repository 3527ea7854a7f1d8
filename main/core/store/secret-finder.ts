import { type Escapes, encodedForms, plainForms, readEscapes, unescaped } from './text-forms.ts';

/** Shorter ones are in every text. */
export const SECRET_MINIMUM_CHARACTERS = 6;
/** How many characters the table looks at together. */
const WINDOW = 4;
const SHIFT = 5;
const TABLE_MASK = (1 << (WINDOW * SHIFT)) - 1;

/** Where secrets stand in texts: as [start, end). Who has read a text's escapes gives them, or they are read once more. */
export type FindSecrets = (text: string, escapes?: Escapes) => [start: number, end: number][];

/** In order, joined where they touch. */
type Walk = (text: string) => [start: number, end: number][];

/** A list that came before is not gone through again: who keeps secrets gives the same one until they change. */
const known = new WeakMap<readonly string[], FindSecrets>();

/**
 * Finds any of thousands of secrets in one walk over a text: imported lists of devices have that many. Also in other
 * forms that texts take: with escapes, and in base64 and hexadecimal.
 */
export function findSecrets(secrets: readonly string[]): FindSecrets {
  let find = known.get(secrets);
  if (find === undefined) {
    find = createFind(secrets, (secret) => [...plainForms(secret), ...encodedForms(secret)]);
    known.set(secrets, find);
  }
  return find;
}

/** Finds words in texts and in what their escapes say; those that are shorter than any secret in small and in capital letters. */
export function findWords(words: readonly string[]): FindSecrets {
  const find = createFind(words, plainForms);
  const short = words.filter((word) => word.length < SECRET_MINIMUM_CHARACTERS);
  const findShort = createFindForms(new Set(short.flatMap(plainForms)), SHORT_BEGINNING, createShortWalk);
  return (text, escapes = readEscapes(text)) => joined([...find(text, escapes), ...findShort(text, escapes)]);
}

function createFind(words: readonly string[], formsOf: (word: string) => string[]): FindSecrets {
  const long = words.filter((word) => word.length >= SECRET_MINIMUM_CHARACTERS);
  return createFindForms(new Set(long.flatMap(formsOf)), SECRET_MINIMUM_CHARACTERS, createWalk);
}

function createFindForms(forms: ReadonlySet<string>, shortest: number, walk: (words: readonly string[]) => Walk): FindSecrets {
  if (forms.size === 0) return () => [];
  const find = walk([...forms].flatMap((form) => (form.includes(' ') ? [form, form.replaceAll(' ', '+')] : [form])));
  const findRead = walk([...new Set([...forms].map(unescaped))].filter((form) => form.length >= shortest));
  return (text, escapes = readEscapes(text)) => {
    const found = find(text);
    const read = escapes(findRead);
    return read.length === 0 ? found : joined([...found, ...read]);
  };
}

function joined(spans: [start: number, end: number][]): [start: number, end: number][] {
  const all: [number, number][] = [];
  for (const [start, end] of spans.sort((one, other) => one[0] - other[0])) {
    const last = all.at(-1);
    if (last !== undefined && last[1] >= start) last[1] = Math.max(last[1], end);
    else all.push([start, end]);
  }
  return all;
}

/** One walk over a text for all of them. */
function createWalk(words: readonly string[]): Walk {
  const longest = createLongest(words, SECRET_MINIMUM_CHARACTERS);
  // Which beginnings there can be, by their first characters: nearly every place of a text is passed over by one look into it.
  const table = new Uint8Array(TABLE_MASK + 1);
  for (const word of words) {
    let hash = 0;
    for (let at = 0; at < SECRET_MINIMUM_CHARACTERS; at++) {
      hash = next(hash, word.charCodeAt(at));
      if (at === WINDOW - 1) table[hash] = (table[hash] ?? 0) | 1;
    }
    // And by the last ones of a beginning: thousands of words have some beginning like any text.
    table[hash] = (table[hash] ?? 0) | 2;
  }
  return (text) => {
    const found: [number, number][] = [];
    let hash = 0;
    for (let at = 0; at < text.length; at++) {
      hash = next(hash, text.charCodeAt(at));
      if (((table[hash] ?? 0) & 1) === 0) continue;
      if (((table[next(next(hash, text.charCodeAt(at + 1)), text.charCodeAt(at + 2))] ?? 0) & 2) === 0) continue;
      const start = at - WINDOW + 1;
      if (start < 0) continue;
      add(found, start, longest(text, start));
    }
    return found;
  };
}

/** Of the last four characters: what came before them has been shifted out. */
function next(hash: number, code: number): number {
  return ((hash << SHIFT) ^ code) & TABLE_MASK;
}

function add(found: [number, number][], start: number, length: number): void {
  if (length === 0) return;
  const last = found.at(-1);
  if (last !== undefined && last[1] >= start) last[1] = Math.max(last[1], start + length);
  else found.push([start, start + length]);
}

/**
 * How long the longest of the words is that stands somewhere in a text; 0 of none. Not by trying all that begin alike: keys of one maker
 * are thousands that do, and in hexadecimal six characters are two or three of theirs.
 */
function createLongest(words: readonly string[], beginning: number): (text: string, start: number) => number {
  const sorted = [...new Set(words)].sort();
  const ranges = new Map<string, { first: number; last: number; most: number }>();
  /** Of each word the longest other one that it begins with. */
  const within = new Int32Array(sorted.length).fill(-1);
  for (const [at, word] of sorted.entries()) {
    const key = word.slice(0, beginning);
    const range = ranges.get(key) ?? { first: at, last: at, most: 0 };
    ranges.set(key, range);
    range.last = at;
    range.most = Math.max(range.most, word.length);
    let before = at - 1;
    while (before >= range.first && !word.startsWith(sorted[before] ?? '')) before = within[before] ?? -1;
    within[at] = before >= range.first ? before : -1;
  }
  return (text, start) => {
    const range = ranges.get(text.slice(start, start + beginning));
    if (range === undefined) return 0;
    // What the text goes on with begins with the last word that is not after it, or with one that this word begins with.
    const rest = text.slice(start, start + range.most);
    let [low, high] = [range.first - 1, range.last];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((sorted[middle] ?? '') <= rest) low = middle;
      else high = middle - 1;
    }
    for (let at = low; at >= range.first; at = within[at] ?? -1) {
      const word = sorted[at] ?? '';
      if (rest.startsWith(word)) return word.length;
    }
    return 0;
  };
}

/** Two Han characters are a word. */
const SHORT_BEGINNING = 2;

/** One walk for words of any length, in small and in capital letters. */
function createShortWalk(words: readonly string[]): Walk {
  const folded = words.map(inOneCase);
  const most = folded.reduce((longest, word) => Math.max(longest, word.length), 0);
  const longest = createLongest(folded, SHORT_BEGINNING);
  const table = new Uint8Array(TABLE_MASK + 1);
  for (const word of folded) table[pairOf(word.charCodeAt(0), word.charCodeAt(1))] = 1;
  return (text) => {
    const found: [number, number][] = [];
    let code = caseOf(text.charCodeAt(0));
    for (let at = 1; at < text.length; at++) {
      const before = code;
      code = caseOf(text.charCodeAt(at));
      if (table[pairOf(before, code)] === 1) add(found, at - 1, longest(inOneCase(text.slice(at - 1, at - 1 + most)), 0));
    }
    return found;
  };
}

function pairOf(first: number, second: number): number {
  return ((first << SHIFT) ^ second) & TABLE_MASK;
}

/** As long as it was, whatever the letters. */
function inOneCase(text: string): string {
  return text.replace(/./gs, (character) => String.fromCharCode(caseOf(character.charCodeAt(0))));
}

/** Of a character in small and in capital letters the same, as an expression that ignores case has it: none becomes two, none ASCII. */
function caseOf(code: number): number {
  let folded = cases[code] ?? 0;
  if (folded > 0) return folded;
  const upper = String.fromCharCode(code).toUpperCase();
  folded = upper.length > 1 || (code >= 0x80 && upper.charCodeAt(0) < 0x80) ? code : upper.charCodeAt(0);
  cases[code] = folded;
  return folded;
}

/** What was asked for so far. */
const cases = new Uint16Array(0x10000);
