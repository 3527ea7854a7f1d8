/** [from, to, SGR code] over the text without its escape sequences. */
export type ColourSpan = [number, number, number];

const ESC = '\x1b';
const ZERO = 0x30;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
/** What may follow an ESC: CSI (colours among them), OSC up to its end, and the two-byte escapes. */
// oxlint-disable-next-line no-control-regex
const escapeRest = /\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]/y;

/**
 * Takes terminal escapes out of text and says what was coloured. Remembers the colours in force from line to line: the
 * TWeTalk SDK ends a line and only then resets, at the start of the next (reference/twetalk.md §10).
 */
export class AnsiReader {
  /** The SGR codes in force, one of each group (foreground, bold, …): a new foreground replaces the old. */
  readonly #active: Selection[] = [];

  read(coded: string): { text: string; colours: ColourSpan[] | undefined } {
    let escapeAt = coded.indexOf(ESC);
    if (escapeAt < 0 && this.#active.length === 0) return { text: coded, colours: undefined };
    let text = '';
    let from = 0;
    let colours: ColourSpan[] | undefined;
    for (; escapeAt >= 0; escapeAt = coded.indexOf(ESC, from)) {
      if (escapeAt > from) {
        colours = this.#coloured(colours, text.length, text.length + escapeAt - from);
        text = joined(text, coded, from, escapeAt);
      }
      from = this.#escapeEnd(coded, escapeAt);
      if (from > escapeAt) continue;
      // An ESC that begins nothing stays in the text.
      from = escapeAt + 1;
      colours = this.#coloured(colours, text.length, text.length + 1);
      text += ESC;
    }
    if (coded.length > from) {
      colours = this.#coloured(colours, text.length, text.length + coded.length - from);
      text = joined(text, coded, from, coded.length);
    }
    return { text, colours };
  }

  /** Behind the escape that begins there, having done what it says; there, if none does. */
  #escapeEnd(coded: string, escapeAt: number): number {
    const colourEnd = endOfColour(coded, escapeAt);
    if (colourEnd >= 0) {
      this.#select(coded, escapeAt + 2, colourEnd);
      return colourEnd + 1;
    }
    escapeRest.lastIndex = escapeAt + 1;
    const rest = escapeRest.exec(coded);
    if (rest === null) return escapeAt;
    if (rest[2] === 'm') this.#select(rest[1] ?? '', 0, rest[1]?.length ?? 0);
    return escapeRest.lastIndex;
  }

  /** Parameters `from` … before `to`: numbers, those left out 0. */
  #select(parameters: string, from: number, to: number): void {
    let code = 0;
    /** How many of the next belong to an extended colour; −1: that depends on the next. */
    let extension = 0;
    for (let at = from; at <= to; at++) {
      const digit = at === to ? SEMICOLON : parameters.charCodeAt(at);
      if (digit !== SEMICOLON && digit !== COLON) {
        code = digit < COLON ? code * 10 + digit - ZERO : Number.NaN;
        continue;
      }
      if (extension < 0) extension = code === 5 ? 1 : 3;
      else if (extension > 0) extension--;
      else if (this.#apply(code)) extension = -1;
      code = 0;
    }
  }

  /** True when what follows tells the colour. An extended colour has no single code. */
  #apply(code: number): boolean {
    if (code === 0) while (this.#active.length > 0) this.#active.pop();
    else if (code === 38 || code === 39) this.#put('foreground', null);
    else if (code === 48 || code === 49) this.#put('background', null);
    else if (code === 22) this.#put('weight', null);
    else if (code >= 23 && code <= 29) this.#put(String(code - 20), null);
    else this.#put(groupOf(code), code);
    return code === 38 || code === 48;
  }

  /** Null resets the group. */
  #put(group: string | null, code: number | null): void {
    if (group === null) return;
    let at = 0;
    while (at < this.#active.length && this.#active[at]?.group !== group) at++;
    if (code !== null) this.#active[at] = { group, code };
    else if (at < this.#active.length) this.#active.splice(at, 1);
  }

  /** With what is in force over these characters of the text. */
  #coloured(colours: ColourSpan[] | undefined, from: number, to: number): ColourSpan[] | undefined {
    let spans = colours;
    for (let index = 0; index < this.#active.length; index++) spans = withSpan(spans, from, to, (this.#active[index] as Selection).code);
    return spans;
  }
}

function joined(text: string, coded: string, from: number, to: number): string {
  return text === '' ? coded.slice(from, to) : text + coded.slice(from, to);
}

/** Where the m of `ESC [ … m` stands, which nearly every escape of a log is; −1 when it is another. */
function endOfColour(coded: string, escapeAt: number): number {
  if (coded.charCodeAt(escapeAt + 1) !== 0x5b) return -1;
  let at = escapeAt + 2;
  while (coded.charCodeAt(at) >= 0x30 && coded.charCodeAt(at) <= 0x3f) at++;
  return coded.charCodeAt(at) === 0x6d ? at : -1;
}

interface Selection {
  group: string;
  code: number;
}

function withSpan(colours: ColourSpan[] | undefined, from: number, to: number, code: number): ColourSpan[] {
  if (colours === undefined) return [[from, to, code]];
  const last = colours.findLast((span) => span[2] === code);
  if (last?.[1] === from) last[1] = to;
  else colours.push([from, to, code]);
  return colours;
}

function groupOf(code: number): string | null {
  if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) return 'foreground';
  if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) return 'background';
  if (code === 1 || code === 2) return 'weight';
  return code >= 3 && code <= 9 ? String(code) : null;
}
