import { encodedForms, plainForms, readEscapes, unescaped } from './text-forms.ts';

/** Shorter ones are in every text. */
export const SECRET_MINIMUM_CHARACTERS = 6;
/** How many characters the table looks at together. */
const WINDOW = 4;
const SHIFT = 5;
const TABLE_MASK = (1 << (WINDOW * SHIFT)) - 1;

/** Where secrets stand in texts: as [start, end) in order, joined where they touch. */
export type FindSecrets = (text: string) => [start: number, end: number][];

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

/** Finds words of the shortest secret's length and more, in texts and in what their escapes say. */
export function findWords(words: readonly string[]): FindSecrets {
  return createFind(words, plainForms);
}

function createFind(words: readonly string[], formsOf: (word: string) => string[]): FindSecrets {
  const long = words.filter((word) => word.length >= SECRET_MINIMUM_CHARACTERS);
  if (long.length === 0) return () => [];
  const forms = new Set(long.flatMap(formsOf));
  const find = createWalk([...forms].flatMap((form) => (form.includes(' ') ? [form, form.replaceAll(' ', '+')] : [form])));
  const findRead = createWalk([...new Set([...forms].map(unescaped))].filter((form) => form.length >= SECRET_MINIMUM_CHARACTERS));
  return (text) => {
    const found = find(text);
    const read = readEscapes(text, findRead);
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
function createWalk(words: readonly string[]): FindSecrets {
  const byBeginning = Map.groupBy(words, (word) => word.slice(0, SECRET_MINIMUM_CHARACTERS));
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
      const candidates = byBeginning.get(text.slice(start, start + SECRET_MINIMUM_CHARACTERS));
      if (candidates !== undefined) addLongest(found, text, start, candidates);
    }
    return found;
  };
}

/** Of the last four characters: what came before them has been shifted out. */
function next(hash: number, code: number): number {
  return ((hash << SHIFT) ^ code) & TABLE_MASK;
}

function addLongest(found: [number, number][], text: string, start: number, candidates: readonly string[]): void {
  let end = start;
  for (const secret of candidates) if (start + secret.length > end && text.startsWith(secret, start)) end = start + secret.length;
  if (end === start) return;
  const last = found.at(-1);
  if (last !== undefined && last[1] >= start) last[1] = Math.max(last[1], end);
  else found.push([start, end]);
}
