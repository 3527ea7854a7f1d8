/** A set of characters: a bit for each of ASCII, one for all others, one for the text's end. */
export type Characters = bigint;

/** How many of a text's characters are looked at. More tell hardly more lines apart. */
export const LOOKED_AT = 4;

export const OTHER = 128;
export const END = 129;
const NONE: Characters = 0n;
export const ANY: Characters = (1n << 130n) - 1n;
const SOME: Characters = (1n << 129n) - 1n;
/** The pattern is not anchored or has what is not read here: it may begin with anything. */
const unknown: readonly Characters[] = Array.from({ length: LOOKED_AT }, () => ANY);

/**
 * What can stand at each of the first places of a text that the pattern matches; never too little. It lets a table of patterns be
 * looked up by how a text begins instead of being tried from the top.
 */
export function beginningOf({ source, flags }: RegExp): readonly Characters[] {
  // A named group, or a reference to a group.
  if (/\(\?<[^=!]|\\[1-9k]/.test(source)) return unknown;
  const reader = new PatternReader(source, flags.includes('i'));
  const { characters, lengths } = reader.alternatives();
  if (!reader.isAnchored) return unknown;
  // Where the match can be over, anything follows.
  return characters.map((some, place) => ((lengths & ((2 << place) - 1)) === 0 ? some : ANY));
}

/** What a part of a pattern matches. */
interface Part {
  /** For each place, what can stand there. */
  characters: readonly Characters[];
  /** Bit n: it can be n characters long; bit LOOKED_AT: so long or longer. */
  lengths: number;
}

const empty: Part = { characters: Array.from({ length: LOOKED_AT }, () => NONE), lengths: 1 };
const one = (some: Characters): Part => ({ characters: [some, ...empty.characters.slice(1)], lengths: 2 });

function either(a: Part, b: Part): Part {
  return { characters: a.characters.map((some, place) => some | (b.characters[place] ?? NONE)), lengths: a.lengths | b.lengths };
}

function then(a: Part, b: Part): Part {
  const characters = [...a.characters];
  let lengths = a.lengths & (1 << LOOKED_AT);
  for (let length = 0; length < LOOKED_AT; length++) {
    if ((a.lengths & (1 << length)) === 0) continue;
    for (let place = length; place < LOOKED_AT; place++)
      characters[place] = (characters[place] ?? NONE) | (b.characters[place - length] ?? NONE);
    const sums = b.lengths << length;
    lengths |= sums & ((2 << LOOKED_AT) - 1);
    if (sums >> LOOKED_AT !== 0) lengths |= 1 << LOOKED_AT;
  }
  return { characters, lengths };
}

function repeated(part: Part, least: number, most: number): Part {
  let found = empty;
  for (let times = 0; times < Math.min(least, LOOKED_AT); times++) found = then(found, part);
  for (let times = least; times < Math.min(most, LOOKED_AT); times++) found = either(found, then(found, part));
  return found;
}

class PatternReader {
  readonly #source: string;
  readonly #flags: string;
  #at = 0;
  #depth = 0;
  /** Every alternative begins with `^`. */
  isAnchored = true;

  constructor(source: string, isCaseIgnored: boolean) {
    this.#source = source;
    this.#flags = isCaseIgnored ? 'i' : '';
  }

  /** Up to a closing parenthesis or the end. */
  alternatives(): Part {
    let found = this.#sequence();
    while (this.#source[this.#at] === '|') {
      this.#at++;
      found = either(found, this.#sequence());
    }
    return found;
  }

  #sequence(): Part {
    if (this.#depth === 0 && this.#source[this.#at] !== '^') this.isAnchored = false;
    let found = empty;
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] ?? '')) found = then(found, this.#repeatedAtom());
    return found;
  }

  #repeatedAtom(): Part {
    const atom = this.#atom();
    const found = /^(?:([?*+])|\{(\d+)(,?)(\d*)\})\??/.exec(this.#source.slice(this.#at, this.#at + 16));
    if (found === null) return atom;
    this.#at += found[0].length;
    const [, sign, least, comma, most] = found;
    if (sign === '?') return repeated(atom, 0, 1);
    if (sign !== undefined) return repeated(atom, sign === '*' ? 0 : 1, Number.POSITIVE_INFINITY);
    return repeated(atom, Number(least), comma === '' ? Number(least) : most === '' ? Number.POSITIVE_INFINITY : Number(most));
  }

  #atom(): Part {
    const character = this.#source[this.#at++] ?? '';
    if (character === '(') return this.#group();
    if (character === '[') return this.#class();
    if (character === '\\') return this.#escape();
    if (character === '^' || character === '$') return empty;
    return one(character === '.' ? SOME : this.#letter(character));
  }

  #group(): Part {
    const kind = /^\?(?:[:=!]|<[=!])/.exec(this.#source.slice(this.#at, this.#at + 3))?.[0] ?? '';
    this.#at += kind.length;
    this.#depth++;
    const found = this.alternatives();
    this.#depth--;
    this.#at++;
    // To look ahead or behind takes nothing.
    return kind === '' || kind === '?:' ? found : empty;
  }

  #escape(): Part {
    const sequence = /^(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/s.exec(this.#source.slice(this.#at, this.#at + 5))?.[0] ?? '';
    this.#at += sequence.length;
    if (sequence === 'b' || sequence === 'B') return empty;
    return one(this.#members(`\\${sequence}`, /^[DSWsu]/.test(sequence)));
  }

  #class(): Part {
    const rest = /^(?:\\.|[^\]\\])*\]/s.exec(this.#source.slice(this.#at))?.[0] ?? '';
    this.#at += rest.length;
    // oxlint-disable-next-line no-control-regex
    return one(this.#members(`[${rest}`, /^\^|\\[DSWsu]|[^\0-\x7f]/.test(rest)));
  }

  #letter(character: string): Characters {
    if (character > '\x7f') return 1n << BigInt(OTHER);
    const other = this.#flags === 'i' ? swapped(character) : character;
    return (1n << BigInt(character.charCodeAt(0))) | (1n << BigInt(other.charCodeAt(0)));
  }

  /** What a class or an escape stands for. */
  #members(source: string, hasOthers: boolean): Characters {
    const key = `${source}/${this.#flags}`;
    let members = known.get(key);
    if (members === undefined) {
      const member = new RegExp(`^${source}$`, this.#flags);
      members = hasOthers ? 1n << BigInt(OTHER) : NONE;
      for (let code = 0; code < 128; code++) if (member.test(String.fromCharCode(code))) members |= 1n << BigInt(code);
      known.set(key, members);
    }
    return members;
  }
}

/** Classes that were read before: a few dozen stand in hundreds of patterns. */
const known = new Map<string, Characters>();

function swapped(character: string): string {
  return character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase();
}
