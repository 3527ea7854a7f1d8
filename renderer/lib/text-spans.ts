/** A stretch of text that looks the same: colour of an ANSI code, and whether a search matched it. */
export interface TextSpan {
  text: string;
  sgr: number | null;
  isMatch: boolean;
}

/** Cuts `text` at the borders of colours (SGR codes over it) and matches, which may overlap. */
export function spansOf(
  text: string,
  colours: readonly (readonly [from: number, to: number, sgr: number])[],
  pattern: RegExp | null,
): TextSpan[] {
  const found = pattern === null ? [] : [...text.matchAll(pattern)].filter((match) => match[0] !== '');
  const hits = found.map((match): [number, number] => [match.index, match.index + match[0].length]);
  if (hits.length === 0 && colours.length === 0) return [{ text, sgr: null, isMatch: false }];
  const clamp = (position: number): number => Math.min(Math.max(0, position), text.length);
  const borders = new Set([0, text.length]);
  for (const [from, to] of [...hits, ...colours]) borders.add(clamp(from)).add(clamp(to));
  const sorted = [...borders].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((from, index) => ({
    text: text.slice(from, sorted[index + 1]),
    sgr: colours.find(([start, end]) => from >= start && from < end)?.[2] ?? null,
    isMatch: hits.some(([start, end]) => from >= start && from < end),
  }));
}
