/** [from, to, SGR code] over the text without its escape sequences. */
export type ColourSpan = [number, number, number];

const ESC = '\x1b';
/** What may follow an ESC: CSI (colours among them), OSC up to its end, and the two-byte escapes. */
// oxlint-disable-next-line no-control-regex
const escapeRest = /\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]/y;

/**
 * Takes terminal escapes out of text and says what was coloured. Remembers the colours in force from line to line: the
 * TWeTalk SDK ends a line and only then resets, at the start of the next (reference/twetalk.md §10).
 */
export class AnsiReader {
  /** The SGR code in force of each group (foreground, bold, …), so that a new foreground replaces the old. */
  readonly #active = new Map<string, number>();

  read(coded: string): { text: string; colours: ColourSpan[] | undefined } {
    let escapeAt = coded.indexOf(ESC);
    if (escapeAt < 0 && this.#active.size === 0) return { text: coded, colours: undefined };
    let text = '';
    let from = 0;
    let colours: ColourSpan[] | undefined;
    const add = (to: number) => {
      if (to === from) return;
      const start = text.length;
      text = start === 0 ? coded.slice(from, to) : text + coded.slice(from, to);
      for (const code of this.#active.values()) colours = withSpan(colours, start, text.length, code);
    };
    for (; escapeAt >= 0; escapeAt = coded.indexOf(ESC, from)) {
      add(escapeAt);
      const colourEnd = endOfColour(coded, escapeAt);
      if (colourEnd >= 0) {
        this.#select(coded.slice(escapeAt + 2, colourEnd));
        from = colourEnd + 1;
        continue;
      }
      from = escapeAt + 1;
      escapeRest.lastIndex = from;
      const rest = escapeRest.exec(coded);
      // An ESC that begins nothing stays in the text.
      if (rest === null) {
        from = escapeAt;
        add(escapeAt + 1);
        from = escapeAt + 1;
        continue;
      }
      from = escapeRest.lastIndex;
      if (rest[2] === 'm') this.#select(rest[1] ?? '');
    }
    add(coded.length);
    return { text, colours };
  }

  #select(parameters: string): void {
    for (const { group, code } of selections(parameters)) {
      if (group === null) this.#active.clear();
      else if (code === null) this.#active.delete(group);
      else this.#active.set(group, code);
    }
  }
}

/** Where the m of `ESC [ … m` stands, which nearly every escape of a log is; −1 when it is another. */
function endOfColour(coded: string, escapeAt: number): number {
  if (coded.charCodeAt(escapeAt + 1) !== 0x5b) return -1;
  let at = escapeAt + 2;
  while (coded.charCodeAt(at) >= 0x30 && coded.charCodeAt(at) <= 0x3f) at++;
  return coded.charCodeAt(at) === 0x6d ? at : -1;
}

/** Sets (or with null resets) the code of a group; without a group everything is reset. */
interface Selection {
  group: string | null;
  code: number | null;
}

/** Boards use a handful of colours, thousands of times. */
const known = new Map<string, readonly Selection[]>();
const MAX_KNOWN = 256;

function selections(parameters: string): readonly Selection[] {
  let found = known.get(parameters);
  if (found === undefined) {
    found = readSelections(parameters);
    if (known.size < MAX_KNOWN) known.set(parameters, found);
  }
  return found;
}

function readSelections(parameters: string): Selection[] {
  const found: Selection[] = [];
  const codes = parameters.split(/[;:]/).map(Number);
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      // An extended colour has no single code; its parameters must not be taken for codes.
      index += codes[index + 1] === 5 ? 2 : 4;
      found.push({ group: code === 38 ? 'foreground' : 'background', code: null });
    } else if (code === 0) found.push({ group: null, code: null });
    else if (code === 39) found.push({ group: 'foreground', code: null });
    else if (code === 49) found.push({ group: 'background', code: null });
    else if (code === 22) found.push({ group: 'weight', code: null });
    else if (code >= 23 && code <= 29) found.push({ group: String(code - 20), code: null });
    else {
      const group = groupOf(code);
      if (group !== null) found.push({ group, code });
    }
  }
  return found;
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
