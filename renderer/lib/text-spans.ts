/** A stretch of a text that looks one way: `[from, to, name]`, to not included. Marks may overlap and reach beyond the text. */
export type TextMark = readonly [from: number, to: number, name: string];

/** `names`: of every mark over this stretch, with spaces between, those given first first. */
export interface TextSpan {
  text: string;
  names: string;
}

/** Cuts a text at the borders of its marks. */
export function spansOf(text: string, marks: readonly TextMark[]): TextSpan[] {
  if (marks.length === 0) return [{ text, names: '' }];
  const clamp = (position: number): number => Math.min(Math.max(0, position), text.length);
  const borders = new Set([0, text.length]);
  for (const [from, to] of marks) borders.add(clamp(from)).add(clamp(to));
  const sorted = [...borders].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((from, index) => ({
    text: text.slice(from, sorted[index + 1]),
    names: marks.flatMap(([start, end, name]) => (from >= start && from < end ? name : [])).join(' '),
  }));
}

/** More marks than this in one text are not drawn: they would tell nothing, and each is an element. */
const maximumMarks = 200;

/** Every place of `text` where a global expression matches, as marks. */
export function marksOf(text: string, expression: RegExp, name: string): TextMark[] {
  const marks: TextMark[] = [];
  for (const match of text.matchAll(expression)) {
    if (match[0] !== '') marks.push([match.index, match.index + match[0].length, name]);
    if (marks.length === maximumMarks) break;
  }
  return marks;
}
