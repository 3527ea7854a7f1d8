/** As characters, and as its bytes taken for characters. Escapes of any kind are read by `readEscapes`. */
export function plainForms(text: string): string[] {
  return [...new Set([text, Buffer.from(text).toString('latin1')])];
}

/** What is the same in base64 wherever in it the bytes begin, in both its alphabets, and hexadecimal as it is printed. */
export function encodedForms(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // A character at an edge holds bits of a neighbour too.
    return whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  const hex = [bytes.toString('hex'), (bytes.toString('hex').match(/../g) ?? []).join(' ')];
  return [
    ...base64,
    ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')),
    ...hex,
    ...hex.map((form) => form.toUpperCase()),
  ];
}

type Span = [start: number, end: number];

/** Escapes within escapes: JSON in JSON in an address. */
const MOST_DEPTH = 5;
const [BACKSLASH, PERCENT, SMALL_U, SMALL_X] = [0x5c, 0x25, 0x75, 0x78];
const controls = new Map(
  Object.entries({ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }).map(([name, control]) => [name.charCodeAt(0), control]),
);

/**
 * A text with its escapes read until there is none, whoever wrote them: of JSON (backslashes, `\uXXXX`) and C, as often as they were
 * escaped, of addresses (`%XX`, each a byte; + is a space). So all spellings of a secret are one, and its own escapes are read alike.
 */
export function unescaped(text: string): string {
  return readingOf(text).text;
}

/** Where `find` finds something in a text's lines with escapes as those are read, by the places in the text. */
export type Escapes = (find: (read: string) => readonly Span[]) => Span[];

/** A text's escapes, read when somebody first looks into them and then no more: many look for different things. */
export function readEscapes(text: string): Escapes {
  let stretches: readonly Stretch[] | undefined;
  return (find) => {
    stretches ??= stretchesOf(text);
    return stretches.flatMap(({ start, text: read, origin }) =>
      find(read).map(([from, to]): Span => [start + origin(from), start + origin(to)]),
    );
  };
}

/** Lines with escapes, as they are read. */
interface Stretch extends Reading {
  start: number;
}

function stretchesOf(text: string): Stretch[] {
  const stretches: Stretch[] = [];
  const next = escapesIn(text);
  for (let at = next(0); at < text.length; ) {
    const start = text.lastIndexOf('\n', at) + 1;
    let end = lineEnd(text, at);
    at = next(end);
    // Lines that follow each other are read together.
    while (at < text.length && at < lineEnd(text, end + 1)) {
      end = lineEnd(text, at);
      at = next(end);
    }
    stretches.push({ start, ...readingOf(text.slice(start, end)) });
  }
  return stretches;
}

/** Where the next escape is from somewhere on, each time further on; the text's length where there is none any more. */
function escapesIn(text: string): (from: number) => number {
  const placeOf = (what: string, from: number) => {
    const at = text.indexOf(what, from);
    return at < 0 ? text.length : at;
  };
  let [backslash, percent] = [-1, -1];
  return (from) => {
    if (backslash < from) backslash = placeOf('\\', from);
    if (percent < from) percent = placeOf('%', from);
    while (percent < backslash && characterOf(text, percent + 1, 2) === undefined) percent = placeOf('%', percent + 1);
    return Math.min(backslash, percent);
  };
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

interface Reading {
  text: string;
  /** Where a character was, of the place of it now. */
  origin: (at: number) => number;
}

function readingOf(text: string): Reading {
  const steps: Reading[] = [];
  let read = text;
  while (steps.length < MOST_DEPTH && escapesIn(read)(0) < read.length) {
    const step = readOnce(read);
    steps.push(step);
    read = step.text;
  }
  return { text: read.replaceAll('+', ' '), origin: (at) => steps.reduceRight((place, step) => step.origin(place), at) };
}

function readOnce(text: string): Reading {
  const parts: string[] = [];
  /** From `places[i]` on characters stand one for one as from `origins[i]` on. */
  const places: number[] = [];
  const origins: number[] = [];
  let place = 0;
  let from = 0;
  /** Where backslashes begin that belong to the next character. */
  let dropped = -1;
  const put = (part: string, origin: number) => {
    if (part === '') return;
    parts.push(part);
    places.push(place);
    origins.push(dropped < 0 ? origin : dropped);
    if (dropped >= 0 && part.length > 1) {
      places.push(place + 1);
      origins.push(origin + 1);
    }
    place += part.length;
    dropped = -1;
  };
  // By hand: an expression takes several times as long, and a board that prints JSON prints little else.
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code !== BACKSLASH && code !== PERCENT) {
      at++;
      continue;
    }
    const start = at;
    let character: string | undefined;
    if (code === PERCENT) {
      character = characterOf(text, start + 1, 2);
      if (character === undefined) {
        at++;
        continue;
      }
      at += 3;
    } else {
      while (text.charCodeAt(at) === BACKSLASH) at++;
      const kind = text.charCodeAt(at);
      const digits = kind === SMALL_U ? 4 : kind === SMALL_X ? 2 : 0;
      character = digits === 0 ? controls.get(kind) : characterOf(text, at + 1, digits);
      if (character !== undefined) at += 1 + digits;
    }
    put(text.slice(from, start), from);
    from = at;
    if (character !== undefined) put(character, start);
    else if (dropped < 0) dropped = start;
  }
  put(text.slice(from), from);
  places.push(place);
  origins.push(dropped < 0 ? text.length : dropped);
  return { text: parts.join(''), origin: (at) => originOf(places, origins, at) };
}

/** The character whose code stands there in so many hexadecimal digits. */
function characterOf(text: string, at: number, digits: number): string | undefined {
  let code = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = digitOf(text.charCodeAt(i));
    if (digit < 0) return undefined;
    code = code * 16 + digit;
  }
  return String.fromCharCode(code);
}

function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const small = code | 0x20;
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : -1;
}

function originOf(places: readonly number[], origins: readonly number[], at: number): number {
  let [low, high] = [0, places.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((places[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return (origins[low] ?? 0) + at - (places[low] ?? 0);
}
