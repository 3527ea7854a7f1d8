import { createRedact, type Found, type Redact, type RedactOptions, redactJson } from './redact.ts';

/** A text that others go on from, and what it is known by. */
export interface Piece {
  key: number;
  text: string;
}

/** Hears what lies across pieces, where it stands in the joined text and how that reads, with the key of the piece that it begins in. */
type OnCrossing = (found: readonly Found[], redacted: string, key: number) => void;

/** Where pieces are joined anew, with so many characters of the ones before: longer than what is looked for. */
const JOINED_CHARACTERS = 64 * 1024;
const MARGIN_CHARACTERS = 4096;

/**
 * What goes may begin in one piece of a text and end in another: the pieces that read differently when they are read as one, by their
 * keys. In any case what goes of a piece by itself goes.
 */
export class CrossingPieces {
  readonly found = new Map<number, string>();
  readonly #onFound: OnCrossing | undefined;
  readonly #redact: Redact;
  #spans: readonly Found[] = [];

  constructor(options: RedactOptions, onFound?: OnCrossing) {
    this.#onFound = onFound;
    const note = (found: readonly Found[]) => {
      this.#spans = found;
    };
    this.#redact = createRedact(options, onFound === undefined ? undefined : note);
  }

  /** Pieces in order, all of them; `between`: what may have stood between each two. */
  read(pieces: readonly Piece[], between: '' | ' ' = ''): void {
    let from = 0;
    for (let size = 0, at = 0; at < pieces.length; at++) {
      size += (pieces[at]?.text.length ?? 0) + between.length;
      if (size < JOINED_CHARACTERS && at < pieces.length - 1) continue;
      this.#join(pieces.slice(from, at + 1), between);
      size = 0;
      from = at + 1;
      while (from > 0 && size < MARGIN_CHARACTERS) size += pieces[--from]?.text.length ?? 0;
    }
  }

  #join(pieces: readonly Piece[], between: string): void {
    if (pieces.length < 2) return;
    const whole = pieces.map(({ text }) => text).join(between);
    this.#spans = [];
    const redacted = this.#redact(whole);
    if (redacted === whole) return;
    const spans = this.#spans;
    let at = 0;
    for (const { key, text } of pieces) {
      const end = at + text.length;
      const alone = this.found.get(key) ?? this.#redact(text);
      const both = maskedAsEither(alone, redacted.slice(at, end));
      if (both !== alone) {
        this.found.set(key, both);
        // Told with the piece that it begins in.
        const own = spans.filter(({ start, end: spanEnd }) => start >= at && start < end && spanEnd > end);
        if (own.length > 0) this.#onFound?.(own, redacted, key);
      }
      at = end + between.length;
    }
  }
}

/** Two readings of one text: what is blacked out in either. */
function maskedAsEither(one: string, other: string): string {
  if (one === other) return one;
  let both = '';
  for (let at = 0; at < one.length; at++) both += other[at] === '*' ? '*' : one[at];
  return both;
}

/** A shorter piece of what goes is part of other words too: it goes only where a value begins or ends with it, as the text does. */
const SHORTEST_PIECE = 4;

/** Blacks out in what was read from a text (a message, facts) all that is blacked out in the text itself. */
export function redactAlike(text: string, redacted: string, value: unknown): unknown {
  const hidden = new Set<string>();
  for (let at = 0; at < text.length; at++) {
    if (text[at] === redacted[at]) continue;
    const start = at;
    while (at < text.length && text[at] !== redacted[at]) at++;
    hidden.add(text.slice(start, at));
  }
  const longest = [...hidden].sort((one, other) => other.length - one.length);
  const long = longest.filter((piece) => piece.length >= SHORTEST_PIECE);
  const short = longest.filter((piece) => piece.length < SHORTEST_PIECE);
  const redactLong = (found: string) => long.reduce((left, piece) => left.replaceAll(piece, '*'.repeat(piece.length)), found);
  return redactJson((found) => short.reduce(maskedAtEdges, redactLong(found)), value, redactLong);
}

/** Asterisks at the edges are what has been blacked out there, or the piece's neighbours that were asterisks before. */
function maskedAtEdges(value: string, piece: string): string {
  const stars = '*'.repeat(piece.length);
  let start = 0;
  while (value[start] === '*') start++;
  const begun = value.startsWith(piece, start) ? `${value.slice(0, start)}${stars}${value.slice(start + piece.length)}` : value;
  let end = begun.length;
  while (begun[end - 1] === '*') end--;
  return begun.endsWith(piece, end) ? `${begun.slice(0, end - piece.length)}${stars}${begun.slice(end)}` : begun;
}
