export interface Passage {
  /** The headings it stands under, '>' between them; empty without. */
  heading: string;
  text: string;
}

/** A passage that is longer than this is cut at a sentence, characters. */
const LONGEST = 600;
const heading = /^(#{1,6})\s+(.+?)\s*#*$/u;
const sentenceEnd = /(?<=[。！？；!?;]|\.\s)/u;

/** A text or Markdown file as passages, one after the other: paragraphs under their headings, short neighbours together. */
export function* passagesOf(text: string): Generator<Passage> {
  const headings: string[] = [];
  let waiting = '';
  const passage = (): Passage => {
    const trimmed = waiting.trim();
    waiting = '';
    return { heading: headings.filter(Boolean).join(' > '), text: trimmed };
  };
  for (const paragraph of paragraphsOf(text)) {
    const found = heading.exec(paragraph);
    if (found) {
      if (waiting !== '') yield passage();
      const level = found[1]?.length ?? 1;
      headings.length = Math.min(headings.length, level - 1);
      headings[level - 1] = found[2] ?? '';
      continue;
    }
    for (const part of partsOf(paragraph)) {
      if (waiting !== '' && waiting.length + part.length > LONGEST) yield passage();
      waiting += waiting === '' ? part : `\n${part}`;
    }
  }
  if (waiting !== '') yield passage();
}

/** Headings, and what stands between empty lines and headings. */
function* paragraphsOf(text: string): Generator<string> {
  let paragraph = '';
  for (const line of linesOf(text)) {
    const isHeading = heading.test(line);
    if (line.trim() !== '' && !isHeading) {
      paragraph += paragraph === '' ? line : `\n${line}`;
      continue;
    }
    if (paragraph !== '') yield paragraph;
    paragraph = '';
    if (isHeading) yield line;
  }
  if (paragraph !== '') yield paragraph;
}

function* linesOf(text: string): Generator<string> {
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end;
    yield text.slice(from, to).replace(/\r$/u, '');
    from = to + 1;
  }
}

function partsOf(paragraph: string): string[] {
  if (paragraph.length <= LONGEST) return [paragraph];
  const parts: string[] = [];
  let part = '';
  for (const sentence of paragraph.split(sentenceEnd)) {
    if (part !== '' && part.length + sentence.length > LONGEST) {
      parts.push(part);
      part = '';
    }
    part += sentence;
    for (; part.length > LONGEST; part = part.slice(LONGEST)) parts.push(part.slice(0, LONGEST));
  }
  return part.trim() === '' ? parts : [...parts, part];
}
