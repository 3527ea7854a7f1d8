import { compilePattern } from '../../../preload/contract/log-pattern.ts';
import type { LogPattern } from '../../../preload/contract/logs.ts';

/** Keeps of the lines (1) of a text those in which the pattern is found, or is not. Each line ends in a line feed. */
export type LineSearch = (text: string, lines: Uint8Array, isWanted: boolean) => void;

/** Throws TalkError 'bad-request' for an expression that is none. */
export function createLineSearch(pattern: LogPattern): LineSearch {
  const expression = compilePattern(pattern);
  // An expression does not find half a surrogate pair inside a whole one.
  if (!pattern.isRegexp && pattern.isCaseSensitive && pattern.text.isWellFormed()) {
    const { text: wanted } = pattern;
    const next = (text: string, from: number) => text.indexOf(wanted, from);
    return (text, lines, isWanted) => markFound(text, lines, isWanted, wanted.includes('\n') ? () => -1 : next, null);
  }
  const rewritten = withinLines(expression.source);
  if (rewritten === null) return (text, lines, isWanted) => markEach(text, lines, isWanted, expression);
  const whole = new RegExp(rewritten.source, `${expression.flags}gm`);
  const next = (text: string, from: number) => {
    whole.lastIndex = from;
    return whole.test(text) ? whole.lastIndex : -1;
  };
  return (text, lines, isWanted) => markFound(text, lines, isWanted, next, rewritten.hasAnchors ? expression : null);
}

/**
 * Searches the whole text at once and asks only the lines in which something is found, which is several times as fast as asking
 * each: `next` gives a place in the line of the next match.
 *
 * It finds what asking each line alone would. (1) A match never leaves its line: the rewritten expression has nothing that matches a
 * line feed. (2) Where a line matches alone, it also matches within the text: the same characters are there to be matched; at the
 * line's ends stand line feeds, at which `^` and `$` hold in multiline mode and which, like the ends of a text, are no word
 * characters for \b and \B; and nothing else looks beyond what it matches, as lookaround is not searched for in this way. So the
 * search, which begins at or before each line, cannot pass over a line that matches. (3) A line that matches only within the text,
 * since in multiline mode `^` and `$` also hold at a CR or U+2028 inside it, is asked again alone (`alone`).
 */
function markFound(
  text: string,
  lines: Uint8Array,
  isWanted: boolean,
  next: (text: string, from: number) => number,
  alone: RegExp | null,
): void {
  let lineFrom = 0;
  let line = 0;
  while (lineFrom < text.length) {
    const at = next(text, lineFrom);
    if (at < 0) break;
    let lineEnd = text.indexOf('\n', lineFrom);
    while (lineEnd < at) {
      if (isWanted) lines[line] = 0;
      line++;
      lineFrom = lineEnd + 1;
      lineEnd = text.indexOf('\n', lineFrom);
      // An expression that matches nothing at all is found at the very end too.
      if (lineEnd < 0) return;
    }
    const isFound = alone === null || lines[line] === 0 || alone.test(text.slice(lineFrom, lineEnd));
    if (isFound !== isWanted) lines[line] = 0;
    line++;
    lineFrom = lineEnd + 1;
  }
  if (isWanted) lines.fill(0, line);
}

function markEach(text: string, lines: Uint8Array, isWanted: boolean, expression: RegExp): void {
  let from = 0;
  for (let line = 0; line < lines.length; line++) {
    const end = text.indexOf('\n', from);
    if (lines[line] === 1 && expression.test(text.slice(from, end)) !== isWanted) lines[line] = 0;
    from = end + 1;
  }
}

/** What \s stands for, without the line feed. */
const space = '\\t\\v\\f\\r \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff';
/** Escapes that match no line feed, or none at all of their own. */
const harmless = /[dwSbBtrfv^$\\.*+?()[\]{}|/-]/;

/**
 * An expression that finds the same in a line and cannot match a line feed; null when that is not easily had (lookaround, back
 * references, escapes by number). `hasAnchors`: it holds `^` or `$`.
 */
export function withinLines(source: string): { source: string; hasAnchors: boolean } | null {
  let rewritten = '';
  let hasAnchors = false;
  // Anything may stand before what is looked for anyway, and trying it at every place of a line would take its length squared.
  let at = /^(?:\.\*\??)*/.exec(source)?.[0].length ?? 0;
  while (at < source.length) {
    const character = source[at] as string;
    if (character === '[') {
      const group = classAt(source, at);
      if (group === null) return null;
      rewritten += group.source;
      at = group.end;
      continue;
    }
    if (character === '(' && source[at + 1] === '?' && !/^\(\?(?::|<[^=!])/.test(source.slice(at, at + 4))) return null;
    if (character === '\n') return null;
    if (character === '^' || character === '$') hasAnchors = true;
    if (character !== '\\') {
      rewritten += character;
      at++;
      continue;
    }
    const escaped = source[at + 1] ?? '';
    if (escaped === 's') rewritten += `[${space}]`;
    else if (harmless.test(escaped)) rewritten += character + escaped;
    else return null;
    at += 2;
  }
  return { source: rewritten, hasAnchors };
}

/** The class that begins at `start`, without the line feed. */
function classAt(source: string, start: number): { source: string; end: number } | null {
  const isNegated = source[start + 1] === '^';
  let at = start + (isNegated ? 2 : 1);
  let members = '';
  for (; source[at] !== ']'; at++) {
    const character = source[at];
    if (character === undefined) return null;
    // A range from a control character may go over the line feed; beside \s a dash stands for itself, which it would not beside what \s becomes.
    if (character < ' ' || (!isNegated && /^(?:\\[tbs]-|-\\s)/.test(source.slice(at, at + 3)))) return null;
    if (character !== '\\') {
      members += character;
      continue;
    }
    const escaped = source[++at] ?? '';
    if (isNegated) members += character + escaped;
    else if (escaped === 's') members += space;
    else if (harmless.test(escaped) && escaped !== 'B') members += character + escaped;
    else return null;
  }
  return { source: isNegated ? `[^${members}\\n]` : `[${members}]`, end: at + 1 };
}
