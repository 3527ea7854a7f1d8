import { phrases } from './phrases.ts';

export type Direction = 'zh-en' | 'en-zh';

interface Table {
  entries: ReadonlyMap<string, string>;
  /** The most characters (zh) or words (en) of the entries that begin with that one: others need not be tried. */
  longestFrom: ReadonlyMap<string, number>;
}

const tables: Record<Direction, Table> = {
  'zh-en': tableOf('zh-en'),
  'en-zh': tableOf('en-zh'),
};

/** Of the other language's words, those that stand for nothing in Chinese. */
const silentWords = new Set(['a', 'an', 'the', 'is', 'are', 'am', 'to', 'of', 'do', 'does']);

const marks: Readonly<Record<string, string>> = { '。': '.', '！': '!', '？': '?', '，': ',', '；': ';', '：': ':', '、': ',', '…': '…' };
const backwards = Object.fromEntries(Object.entries(marks).map(([zh, en]) => [en, en === ',' ? '，' : zh]));
const chineseMark = /([。！？，；：、…])/u;
const englishMark = /([.!?,;:](?=\s|$)|…)/u;

function tableOf(direction: Direction): Table {
  const entries = new Map<string, string>();
  const longestFrom = new Map<string, number>();
  for (const [zh, en] of phrases) {
    const [from, to] = direction === 'zh-en' ? [zh, en] : [en, zh];
    const key = normalise(from, direction);
    if (key === '') continue;
    // Of several with the same words the first is the likeliest.
    if (!entries.has(key)) entries.set(key, to);
    const parts = direction === 'zh-en' ? Array.from(key) : key.split(' ');
    const first = parts[0] ?? '';
    longestFrom.set(first, Math.max(longestFrom.get(first) ?? 0, parts.length));
  }
  return { entries, longestFrom };
}

function normalise(text: string, direction: Direction): string {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('’', "'")
    .replaceAll(/[^\p{L}\p{N}']+/gu, ' ')
    .trim();
  return direction === 'zh-en' ? plain.replaceAll(' ', '') : plain;
}

/**
 * A translation by a table of phrases and words, in pieces as a model would give it; null when it knows nothing of the text. Whole
 * sentences first, then the longest entries from the left. What is in no entry stays as it was: it is not made up.
 */
export function translateByPhrases(text: string, direction: Direction): string[] | null {
  const parts = text.split(direction === 'zh-en' ? /([。！？，；：、…]|[.!?,;:](?=\s|$))/u : englishMark);
  const pieces: string[] = [];
  let hasKnown = false;
  let isSentenceStart = true;
  for (const [position, part] of parts.entries()) {
    if (part.trim() === '') continue;
    if (position % 2 === 1) {
      pieces.push(markOf(part, direction));
      isSentenceStart = /[。！？.!?…]/u.test(part);
      continue;
    }
    const clause = clauseOf(part.trim(), tables[direction], direction);
    hasKnown ||= clause.hasKnown;
    for (const [index, word] of clause.words.entries()) {
      const piece = placed(word, { direction, isFirst: pieces.length === 0, isSentenceStart: isSentenceStart && index === 0 });
      pieces.push(index === 0 && direction === 'en-zh' ? piece.trimStart() : piece);
    }
    isSentenceStart = false;
  }
  return hasKnown ? pieces : null;
}

function markOf(mark: string, direction: Direction): string {
  if (direction === 'zh-en') return marks[mark] ?? mark;
  return chineseMark.test(mark) ? mark : (backwards[mark] ?? mark);
}

function placed(
  word: string,
  { direction, isFirst, isSentenceStart }: { direction: Direction; isFirst: boolean; isSentenceStart: boolean },
): string {
  if (direction === 'en-zh') return word;
  return `${isFirst ? '' : ' '}${isSentenceStart ? word.charAt(0).toUpperCase() + word.slice(1) : word}`;
}

function clauseOf(clause: string, table: Table, direction: Direction): { words: string[]; hasKnown: boolean } {
  const whole = table.entries.get(normalise(clause, direction));
  if (whole !== undefined) return { words: direction === 'zh-en' ? whole.split(' ') : [whole], hasKnown: true };
  return direction === 'zh-en' ? chineseWords(clause, table) : englishWords(clause, table);
}

function chineseWords(clause: string, { entries, longestFrom }: Table): { words: string[]; hasKnown: boolean } {
  const characters = Array.from(clause.normalize('NFKC').toLowerCase());
  const words: string[] = [];
  let unknown = '';
  let hasKnown = false;
  const tellUnknown = () => {
    if (unknown.trim() !== '') words.push(unknown.trim());
    unknown = '';
  };
  for (let at = 0; at < characters.length; ) {
    let length = Math.min(longestFrom.get(characters[at] ?? '') ?? 0, characters.length - at);
    while (length > 0 && !entries.has(characters.slice(at, at + length).join(''))) length -= 1;
    if (length === 0) {
      unknown += characters[at++] ?? '';
      continue;
    }
    tellUnknown();
    const found = entries.get(characters.slice(at, at + length).join('')) ?? '';
    if (found !== '') words.push(found);
    hasKnown = true;
    at += length;
  }
  tellUnknown();
  return { words, hasKnown };
}

function englishWords(clause: string, { entries, longestFrom }: Table): { words: string[]; hasKnown: boolean } {
  const given = normalise(clause, 'en-zh').split(' ');
  const words: string[] = [];
  let hasKnown = false;
  for (let at = 0; at < given.length; ) {
    let length = Math.min(longestFrom.get(given[at] ?? '') ?? 0, given.length - at);
    while (length > 0 && !entries.has(given.slice(at, at + length).join(' '))) length -= 1;
    const word = given[at] ?? '';
    if (length === 0) {
      if (!silentWords.has(word)) words.push(/^[\p{L}\p{N}']+$/u.test(word) ? ` ${word}` : word);
      at += 1;
      continue;
    }
    const found = entries.get(given.slice(at, at + length).join(' ')) ?? '';
    if (found !== '') words.push(found);
    hasKnown = true;
    at += length;
  }
  return { words, hasKnown };
}
