import { textForms } from './text-forms.ts';

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
 * forms that texts take (`textForms`).
 */
export function findSecrets(secrets: readonly string[]): FindSecrets {
  let find = known.get(secrets);
  if (find === undefined) {
    find = createFind(secrets);
    known.set(secrets, find);
  }
  return find;
}

function createFind(secrets: readonly string[]): FindSecrets {
  const long = secrets.filter((secret) => secret.length >= SECRET_MINIMUM_CHARACTERS);
  if (long.length === 0) return () => [];
  const all = new Set(long.flatMap(textForms));
  const byBeginning = Map.groupBy(all, (secret) => secret.slice(0, SECRET_MINIMUM_CHARACTERS));
  // Which beginnings there can be, by their first characters: nearly every place of a text is passed over by one look into it.
  const table = new Uint8Array(TABLE_MASK + 1);
  for (const secret of all) {
    let hash = 0;
    for (let at = 0; at < WINDOW; at++) hash = next(hash, secret.charCodeAt(at));
    table[hash] = 1;
  }
  return (text) => {
    const found: [number, number][] = [];
    let hash = 0;
    for (let at = 0; at < text.length; at++) {
      hash = next(hash, text.charCodeAt(at));
      if (table[hash] === 0) continue;
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
