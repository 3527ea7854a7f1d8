import { builtin, fullNames, literalSuffix, operators, specialNames, standardNames } from './mangled-codes.ts';
import { lastPart, listed, packed, pointed, qualified, type Type, type, written } from './mangled-types.ts';

/**
 * C++ names as they are written in the source (Itanium C++ ABI §5.1), in the spelling of GNU c++filt. Covers what names of
 * functions and objects are made of; a name with an expression in it (rare outside of heavy metaprogramming) stays as it is.
 */
export function demangle(name: string): string {
  if (!name.startsWith('_Z')) return name;
  try {
    const reader = new MangledName(name);
    return reader.whole();
  } catch (error) {
    if (error instanceof NotUnderstood) return name;
    throw error;
  }
}

class NotUnderstood extends Error {}

/** A name, and what of it decides how the rest is written. */
interface Name {
  text: string;
  /** Its last part has template arguments: the function's return type is mangled too. */
  isTemplate: boolean;
  /** Constructors, destructors and conversions have no return type even so. */
  hasNoReturn: boolean;
  /** Qualifiers of a member function, written after its parameters. */
  suffix: string;
}

const MAX_DEPTH = 256;
/** Substitutions of substitutions grow without bound. */
const MAX_TEXT = 16_384;

class MangledName {
  readonly #text: string;
  #at = 2;
  #depth = 0;
  #substitutions: Type[] = [];
  #templateArguments: Type[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  whole(): string {
    const text = this.#encoding();
    const rest = this.#text.slice(this.#at);
    if (rest === '') return text;
    // Copies the optimiser made: `.isra.0`, `.constprop.1`.
    const clones = rest.match(/\.[a-zA-Z_]\w*(?:\.\d+)*|\.\d+/g);
    if (clones === null || clones.join('') !== rest) throw new NotUnderstood();
    return text + clones.map((clone) => ` [clone ${clone}]`).join('');
  }

  /** `isAround`: the function that something local is in, which is named without what it returns. */
  #encoding(isAround = false): string {
    return this.#nested(() => {
      const special = this.#special();
      if (special !== null) return special;
      const name = this.#name();
      if (this.#at >= this.#text.length || this.#peek('E') || this.#peek('.')) return name.text + name.suffix;
      const returned = name.isTemplate && !name.hasNoReturn ? this.#type() : null;
      const parameters = this.#parameters(() => this.#at >= this.#text.length || this.#peek('E') || this.#peek('.'));
      const signature = `${name.text}(${parameters})${name.suffix}`;
      if (returned === null || isAround) return signature;
      return `${returned.left}${/[*&(]$/.test(returned.left) && returned.right !== '' ? '' : ' '}${signature}${returned.right}`;
    });
  }

  #special(): string | null {
    const two = this.#text.slice(this.#at, this.#at + 2);
    const prefix = specialNames[two];
    if (prefix !== undefined) {
      this.#at += 2;
      return prefix + written(this.#type());
    }
    if (two === 'GV') {
      this.#at += 2;
      return `guard variable for ${this.#name().text}`;
    }
    if (two === 'Th' || two === 'Tv') {
      this.#at += 2;
      this.#match(two === 'Th' ? /n?\d+_/y : /n?\d+_n?\d+_/y);
      return `${two === 'Th' ? 'non-virtual' : 'virtual'} thunk to ${this.#encoding()}`;
    }
    return null;
  }

  #name(): Name {
    return this.#nested(() => {
      if (this.#take('N')) return this.#nestedName();
      if (this.#take('Z')) return this.#localName();
      if (this.#peek('S') && !this.#peek('St')) {
        const text = written(this.#substitution());
        if (!this.#peek('I')) throw new NotUnderstood();
        return plain(text + this.#templateArgumentList(true), true);
      }
      const isStandard = this.#take('St');
      const { text, hasNoReturn } = this.#unqualified('');
      const full = isStandard ? `std::${text}` : text;
      if (!this.#peek('I')) return { ...plain(full, false), hasNoReturn };
      this.#remember(full);
      return { ...plain(full + this.#templateArgumentList(true), true), hasNoReturn };
    });
  }

  #nestedName(): Name {
    let suffix = '';
    for (const [letter, word] of [
      ['r', ' restrict'],
      ['V', ' volatile'],
      ['K', ' const'],
    ] as const)
      if (this.#take(letter)) suffix = ` ${word.trim()}${suffix}`;
    if (this.#take('R')) suffix += ' &';
    else if (this.#take('O')) suffix += ' &&';
    let text = '';
    let last = '';
    let isTemplate = false;
    let hasNoReturn = false;
    while (!this.#take('E')) {
      isTemplate = false;
      if (this.#peek('St')) {
        this.#at += 2;
        text = 'std';
        last = 'std';
        continue; // never a substitution of its own
      }
      if (this.#peek('S')) {
        text = written(this.#substitution());
        text = fullNames[text] ?? text;
        last = lastPart(text);
        continue;
      }
      if (this.#peek('I')) {
        text += this.#templateArgumentList(true);
        isTemplate = true;
      } else if (this.#peek('T') && /^T\d*_/.test(this.#text.slice(this.#at))) {
        text = written(this.#templateParameter());
        last = text;
      } else {
        const part = this.#unqualified(last);
        text = text === '' ? part.text : `${text}::${part.text}`;
        last = part.text;
        hasNoReturn = part.hasNoReturn;
      }
      // The whole name is no substitution, only what leads to it.
      if (!this.#peek('E')) this.#remember(text);
    }
    if (text === '') throw new NotUnderstood();
    return { text, isTemplate, hasNoReturn, suffix };
  }

  #localName(): Name {
    const around = this.#encoding(true);
    this.#expect('E');
    if (this.#take('s')) {
      this.#discriminator();
      return plain(`${around}::string literal`, false);
    }
    if (this.#take('d')) this.#match(/\d*_/y);
    const name = this.#name();
    this.#discriminator();
    return { ...name, text: `${around}::${name.text}` };
  }

  #discriminator(): void {
    if (this.#peek('_')) this.#match(/_(?:\d|_\d+_)/y);
  }

  #unqualified(enclosing: string): { text: string; hasNoReturn: boolean } {
    this.#take('L'); // internal linkage
    let text: string;
    let hasNoReturn = false;
    const letter = this.#text[this.#at] ?? '';
    if (/\d/.test(letter)) text = this.#sourceName();
    else if (this.#take('Ul')) {
      const parameters = this.#parameters(() => this.#peek('E'));
      this.#expect('E');
      text = `{lambda(${parameters})#${this.#ordinal()}}`;
    } else if (this.#take('Ut')) text = `{unnamed type#${this.#ordinal()}}`;
    else if (letter === 'C' || (letter === 'D' && /^D[0-5]/.test(this.#text.slice(this.#at)))) {
      this.#match(letter === 'C' ? /C[1-5]/y : /D[0-5]/y);
      if (enclosing === '') throw new NotUnderstood();
      text = letter === 'C' ? enclosing : `~${enclosing}`;
      hasNoReturn = true;
    } else if (this.#take('cv')) {
      // Its parameters are named only after it.
      if (this.#peek('T')) throw new NotUnderstood();
      text = `operator ${written(this.#type())}`;
      hasNoReturn = true;
    } else if (this.#take('li')) text = `operator"" ${this.#sourceName()}`;
    else {
      const operator = operators[this.#text.slice(this.#at, this.#at + 2)];
      if (operator === undefined) throw new NotUnderstood();
      this.#at += 2;
      // Not to be read as one sign with the bracket of its template arguments.
      text = `operator${operator}${operator.endsWith('<') && this.#peek('I') ? ' ' : ''}`;
    }
    while (this.#take('B')) text += `[abi:${this.#sourceName()}]`;
    return { text, hasNoReturn };
  }

  #sourceName(): string {
    const length = Number(this.#match(/\d+/y));
    const text = this.#text.slice(this.#at, this.#at + length);
    if (length === 0 || text.length !== length) throw new NotUnderstood();
    this.#at += length;
    return text.startsWith('_GLOBAL__N_') ? '(anonymous namespace)' : text;
  }

  /** Lambdas and unnamed types count from one, the first without a number. */
  #ordinal(): number {
    const digits = this.#match(/\d*_/y).slice(0, -1);
    return digits === '' ? 1 : Number(digits) + 2;
  }

  #substitution(): Type {
    this.#expect('S');
    const standardName = standardNames[this.#text[this.#at] ?? ''];
    if (standardName !== undefined) {
      this.#at++;
      return type(standardName);
    }
    const digits = this.#match(/[0-9A-Z]*_/y).slice(0, -1);
    const known = this.#substitutions[digits === '' ? 0 : Number.parseInt(digits, 36) + 1];
    if (known === undefined) throw new NotUnderstood();
    return known;
  }

  #templateParameter(): Type {
    const digits = this.#match(/T\d*_/y).slice(1, -1);
    const known = this.#templateArguments[digits === '' ? 0 : Number(digits) + 1];
    if (known === undefined) throw new NotUnderstood();
    return known;
  }

  /** `isName`: later template parameters of this name speak of these arguments. */
  #templateArgumentList(isName: boolean): string {
    this.#expect('I');
    const found: Type[] = [];
    while (!this.#take('E')) found.push(this.#templateArgument());
    if (isName) this.#templateArguments = found;
    const text = listed(found);
    // Two closing brackets stand apart, as before C++11.
    return `<${text}${text.endsWith('>') && found.at(-1)?.pack?.length !== 0 ? ' ' : ''}>`;
  }

  #templateArgument(): Type {
    if (this.#take('J')) {
      const pack: Type[] = [];
      while (!this.#take('E')) pack.push(this.#templateArgument());
      return packed(pack);
    }
    if (this.#take('L')) return type(this.#literal());
    if (this.#peek('X')) throw new NotUnderstood();
    return this.#type();
  }

  #literal(): string {
    if (this.#take('_Z')) {
      const text = this.#encoding();
      this.#expect('E');
      return text;
    }
    const letter = this.#text[this.#at] ?? '';
    const kind = written(this.#type());
    const value = this.#match(/n?\d*/y).replace('n', '-');
    this.#expect('E');
    if (letter === 'b' && (value === '0' || value === '1')) return value === '1' ? 'true' : 'false';
    const suffix = literalSuffix[letter];
    return suffix === undefined ? `(${kind})${value}` : value + suffix;
  }

  #parameters(isEnd: () => boolean): string {
    const found: Type[] = [];
    while (!isEnd()) found.push(this.#type());
    const text = listed(found);
    return text === 'void' ? '' : text;
  }

  #type(): Type {
    return this.#nested(() => {
      const two = this.#text.slice(this.#at, this.#at + 2);
      const simple = builtin[two] ?? builtin[two[0] ?? ''];
      if (simple !== undefined) {
        this.#at += two in builtin ? 2 : 1;
        return type(simple); // builtin types are no substitutions
      }
      const made = this.#compoundType(two);
      if (made.isKnown !== true) this.#remember(made.type);
      return made.type;
    });
  }

  #compoundType(two: string): { type: Type; isKnown?: boolean } {
    switch (two[0] ?? '') {
      case 'r':
      case 'V':
      case 'K': {
        const qualifiers = this.#match(/r?V?K?/y);
        const inner = this.#type();
        const words = `${qualifiers.includes('K') ? ' const' : ''}${qualifiers.includes('V') ? ' volatile' : ''}${qualifiers.includes('r') ? ' restrict' : ''}`;
        return { type: qualified(inner, words) };
      }
      case 'P':
        this.#at++;
        return { type: pointed(this.#type(), '*') };
      case 'R':
        this.#at++;
        return { type: pointed(this.#type(), '&') };
      case 'O':
        this.#at++;
        return { type: pointed(this.#type(), '&&') };
      case 'F':
        return { type: this.#functionType() };
      case 'A': {
        this.#at++;
        const size = this.#peek('T') ? written(this.#templateParameter()) : this.#match(/\d*/y);
        this.#expect('_');
        const inner = this.#type();
        return { type: { left: inner.left, right: ` [${size}]${inner.right.trimStart()}` } };
      }
      case 'M': {
        this.#at++;
        const owner = written(this.#type());
        return { type: pointed(this.#type(), `${owner}::*`) };
      }
      case 'T': {
        const parameter = this.#templateParameter();
        if (!this.#peek('I')) return { type: parameter };
        this.#remember(parameter);
        return { type: type(written(parameter) + this.#templateArgumentList(false)) };
      }
      case 'S':
        if (two === 'St') break;
        return this.#substitutedType();
      case 'D':
        if (two !== 'Dp') throw new NotUnderstood();
        this.#at += 2;
        return { type: this.#type() };
      case 'u':
        this.#at++;
        return { type: type(this.#sourceName()) };
    }
    const saved = this.#templateArguments;
    const { text, suffix } = this.#name();
    this.#templateArguments = saved; // a type's own arguments are not what the function's parameters speak of
    return { type: type(text + suffix) };
  }

  #substitutedType(): { type: Type; isKnown?: boolean } {
    const known = this.#substitution();
    if (!this.#peek('I')) return { type: known, isKnown: true };
    return { type: type(written(known) + this.#templateArgumentList(false)) };
  }

  #functionType(): Type {
    this.#expect('F');
    this.#take('Y');
    const returned = this.#type();
    const parameters = this.#parameters(() => this.#peek('E') || this.#peek('RE') || this.#peek('OE'));
    const reference = this.#take('R') ? ' &' : this.#take('O') ? ' &&' : '';
    this.#expect('E');
    return { left: `${returned.left} `, right: `(${parameters})${reference}${returned.right}` };
  }

  #remember(made: Type | string): void {
    const kept = typeof made === 'string' ? type(made) : made;
    if (kept.left.length + kept.right.length > MAX_TEXT) throw new NotUnderstood();
    this.#substitutions.push(kept);
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new NotUnderstood();
    const value = read();
    this.#depth--;
    return value;
  }

  #peek(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at += text.length;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw new NotUnderstood();
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw new NotUnderstood();
    this.#at += found.length;
    return found;
  }
}

function plain(text: string, isTemplate: boolean): Name {
  return { text, isTemplate, hasNoReturn: false, suffix: '' };
}
