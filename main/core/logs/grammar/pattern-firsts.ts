/**
 * The ASCII characters that text matched by an anchored pattern can begin with; null when that is not plain to see. It lets a table of
 * rules be looked up by a text's first letter instead of being tried from the top.
 */
export function firstsOf({ source, flags }: RegExp): ReadonlySet<string> | null {
  if (!source.startsWith('^') || source.includes('(?<')) return null;
  const reader = new PatternReader(source, 1);
  const found = reader.alternatives();
  // After a bar outside of groups comes an alternative that is not anchored.
  if (found.isAny || found.canBeEmpty || reader.hasTopLevelBar) return null;
  if (!flags.includes('i')) return found.firsts;
  return new Set([...found.firsts].flatMap((first) => [first.toLowerCase(), first.toUpperCase()]));
}

/** How what a part of a pattern matches begins. */
interface Beginning {
  firsts: ReadonlySet<string>;
  /** With any character: a class that is not read, or a dot. */
  isAny: boolean;
  /** It also matches nothing: what follows it may begin the match. */
  canBeEmpty: boolean;
}

const ascii = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
const oneOf = (firsts: Iterable<string>): Beginning => ({ firsts: new Set(firsts), isAny: false, canBeEmpty: false });
const any: Beginning = { firsts: new Set(), isAny: true, canBeEmpty: false };
const nothing: Beginning = { firsts: new Set(), isAny: false, canBeEmpty: true };
const digits = oneOf('0123456789');
const wordCharacters = oneOf(ascii.filter((character) => /\w/.test(character)));
/** Classes of ranges and plain characters; others are taken for any. */
const plainClass = /^(?:[a-z]-[a-z]|[A-Z]-[A-Z]|\d-\d|\\d|\\w|[\w <>+$#=:-])+$/;

class PatternReader {
  readonly #source: string;
  #at: number;
  #depth = 0;
  hasTopLevelBar = false;

  constructor(source: string, at: number) {
    this.#source = source;
    this.#at = at;
  }

  /** Up to a closing parenthesis or the end. */
  alternatives(): Beginning {
    const found = [this.#sequence()];
    while (this.#source[this.#at] === '|') {
      if (this.#depth === 0) this.hasTopLevelBar = true;
      this.#at++;
      found.push(this.#sequence());
    }
    return {
      firsts: new Set(found.flatMap(({ firsts }) => [...firsts])),
      isAny: found.some(({ isAny }) => isAny),
      canBeEmpty: found.some(({ canBeEmpty }) => canBeEmpty),
    };
  }

  #sequence(): Beginning {
    let found = nothing;
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] ?? '')) {
      const part = this.#part();
      if (!found.canBeEmpty) continue;
      found = { ...part, firsts: new Set([...found.firsts, ...part.firsts]), isAny: found.isAny || part.isAny };
    }
    return found;
  }

  /** One character, class or group, with what says how often. */
  #part(): Beginning {
    const atom = this.#atom();
    const times = /^(?:[?*+]|\{\d+(?:,\d*)?\})?\??/.exec(this.#source.slice(this.#at, this.#at + 12))?.[0] ?? '';
    this.#at += times.length;
    return /^(?:[?*]|\{0)/.test(times) ? { ...atom, canBeEmpty: true } : atom;
  }

  #atom(): Beginning {
    const character = this.#source[this.#at++] ?? '';
    if (character === '(') return this.#group();
    if (character === '[') return this.#class();
    if (character === '\\') return this.#escape();
    if ('^$'.includes(character)) return nothing;
    return character === '.' ? any : oneOf([character]);
  }

  #group(): Beginning {
    const look = /^\?([:=!])/.exec(this.#source.slice(this.#at, this.#at + 2))?.[1];
    if (look !== undefined) this.#at += 2;
    this.#depth++;
    const found = this.alternatives();
    this.#depth--;
    this.#at++;
    return look === '=' || look === '!' ? nothing : found;
  }

  #escape(): Beginning {
    const letter = this.#source[this.#at++] ?? '';
    if (letter === 'd') return digits;
    if (letter === 'w') return wordCharacters;
    if (letter === 'b') return nothing;
    if (letter === 'u') this.#at += 4;
    return /\w/.test(letter) ? any : oneOf([letter]);
  }

  #class(): Beginning {
    const rest = /^(?:\\.|[^\]\\])*\]/s.exec(this.#source.slice(this.#at))?.[0] ?? '';
    this.#at += rest.length;
    const inside = rest.slice(0, -1);
    if (!plainClass.test(inside)) return any;
    const member = new RegExp(`[${inside}]`);
    return oneOf(ascii.filter((character) => member.test(character)));
  }
}
