/** [from, to, SGR code] over the text without its escape sequences. */
export type ColourSpan = [number, number, number];

/** CSI (colours among them), OSC up to its end, and the two-byte escapes. */
// oxlint-disable-next-line no-control-regex
const escapeSequence = /\x1b(?:\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])/g;

/**
 * Takes terminal escapes out of text and says what was coloured. Remembers the colours in force from line to line: the
 * TWeTalk SDK ends a line and only then resets, at the start of the next (reference/twetalk.md §10).
 */
export class AnsiReader {
  /** The SGR code in force of each group (foreground, bold, …), so that a new foreground replaces the old. */
  readonly #active = new Map<string, number>();

  read(coded: string): { text: string; colours: ColourSpan[] | undefined } {
    if (this.#active.size === 0 && !coded.includes('\x1b')) return { text: coded, colours: undefined };
    let text = '';
    let from = 0;
    const colours: ColourSpan[] = [];
    const add = (piece: string) => {
      if (piece === '') return;
      for (const code of this.#active.values()) {
        const last = colours.findLast((span) => span[2] === code);
        if (last !== undefined && last[1] === text.length) last[1] += piece.length;
        else colours.push([text.length, text.length + piece.length, code]);
      }
      text += piece;
    };
    for (const match of coded.matchAll(escapeSequence)) {
      add(coded.slice(from, match.index));
      from = match.index + match[0].length;
      if (match[2] === 'm') this.#select(match[1] ?? '');
    }
    add(coded.slice(from));
    return { text, colours: colours.length > 0 ? colours : undefined };
  }

  #select(parameters: string): void {
    const codes = parameters.split(/[;:]/).map(Number);
    for (let index = 0; index < codes.length; index++) {
      const code = codes[index] ?? 0;
      if (code === 38 || code === 48) {
        // An extended colour has no single code; its parameters must not be taken for codes.
        index += codes[index + 1] === 5 ? 2 : 4;
        this.#active.delete(code === 38 ? 'foreground' : 'background');
      } else if (code === 0) this.#active.clear();
      else if (code === 39) this.#active.delete('foreground');
      else if (code === 49) this.#active.delete('background');
      else if (code === 22) this.#active.delete('weight');
      else if (code >= 23 && code <= 29) this.#active.delete(String(code - 20));
      else {
        const group = groupOf(code);
        if (group !== null) this.#active.set(group, code);
      }
    }
  }
}

function groupOf(code: number): string | null {
  if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) return 'foreground';
  if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) return 'background';
  if (code === 1 || code === 2) return 'weight';
  return code >= 3 && code <= 9 ? String(code) : null;
}
