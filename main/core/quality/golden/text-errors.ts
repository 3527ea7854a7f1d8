import type { ErrorCount, TextErrors, TextPiece } from '../../../../preload/contract/quality.ts';
import { align, type Step } from './align.ts';
import { type SpokenUnit, spokenUnits } from './spoken-units.ts';

/** A wanted text beside another: what was counted, how alike they are, and the two in one. */
export interface ComparedText {
  errors: TextErrors;
  /** 1 − edits / the longer one's units; 1 of two empty texts. The same in both directions. */
  similarity: number;
  pieces: TextPiece[];
}

/** `golden` is the reference: deletions are units of it that the candidate lacks. */
export function compareTexts(golden: string, candidate: string): ComparedText {
  const [a, b] = [spokenUnits(golden), spokenUnits(candidate)];
  const steps = editSteps(a, b);
  const errors = countErrors(a, b, steps);
  const longer = Math.max(a.length, b.length);
  return {
    errors,
    similarity: longer === 0 ? 1 : 1 - editsOf(errors.mixed) / longer,
    pieces: piecesOf({ text: golden.normalize('NFC'), units: a }, { text: candidate.normalize('NFC'), units: b }, steps),
  };
}

export function editsOf({ substitutions, deletions, insertions }: Omit<ErrorCount, 'rate'>): number {
  return substitutions + deletions + insertions;
}

/** Of several texts as if they were one. */
export function sumOfErrors(all: readonly TextErrors[]): TextErrors {
  const sum = (pick: (errors: TextErrors) => ErrorCount) =>
    withRate(
      all.map(pick).reduce(
        (total, each) => ({
          reference: total.reference + each.reference,
          substitutions: total.substitutions + each.substitutions,
          deletions: total.deletions + each.deletions,
          insertions: total.insertions + each.insertions,
        }),
        nothingCounted(),
      ),
    );
  return { words: sum(({ words }) => words), characters: sum(({ characters }) => characters), mixed: sum(({ mixed }) => mixed) };
}

/** Of as many edits those are taken that leave more in place; so little that it never adds up to an edit. */
const SUBSTITUTION = 1 + 1e-6;

/** What begins and ends alike needs no table. */
function editSteps(a: readonly SpokenUnit[], b: readonly SpokenUnit[]): Step[] {
  const isSame = (i: number, j: number) => a[i]?.text === b[j]?.text;
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && isSame(head, head)) head++;
  let tail = 0;
  while (tail < shorter - head && isSame(a.length - 1 - tail, b.length - 1 - tail)) tail++;
  const middle = align(a.length - head - tail, b.length - head - tail, (i, j) => (isSame(head + i, head + j) ? 0 : SUBSTITUTION), 1);
  return [
    ...Array.from({ length: head }, (_, i) => ({ a: i, b: i })),
    ...middle.map((step) => ({ a: step.a === null ? null : step.a + head, b: step.b === null ? null : step.b + head })),
    ...Array.from({ length: tail }, (_, i) => ({ a: a.length - tail + i, b: b.length - tail + i })),
  ];
}

type Counted = Omit<ErrorCount, 'rate'>;

function nothingCounted(): Counted {
  return { reference: 0, substitutions: 0, deletions: 0, insertions: 0 };
}

function withRate(counted: Counted): ErrorCount {
  const edits = editsOf(counted);
  return { ...counted, rate: edits === 0 ? 0 : counted.reference === 0 ? null : edits / counted.reference };
}

/** An edit belongs to what it was done to: a substitution and a deletion to the wanted unit, an insertion to what was put in. */
function countErrors(a: readonly SpokenUnit[], b: readonly SpokenUnit[], steps: readonly Step[]): TextErrors {
  const hasCharacters = [...a, ...b].some(({ kind }) => kind === 'character');
  const counts = { words: nothingCounted(), characters: nothingCounted(), mixed: nothingCounted() };
  const countOf = ({ kind }: SpokenUnit) =>
    kind === 'character' || (kind === 'number' && hasCharacters) ? counts.characters : counts.words;
  for (const step of steps) {
    const [wanted, came] = [step.a === null ? undefined : a[step.a], step.b === null ? undefined : b[step.b]];
    const unit = wanted ?? came;
    if (unit === undefined) continue;
    for (const count of [countOf(unit), counts.mixed]) {
      if (wanted !== undefined) count.reference++;
      if (wanted === undefined) count.insertions++;
      else if (came === undefined) count.deletions++;
      else if (wanted.text !== came.text) count.substitutions++;
    }
  }
  return { words: withRate(counts.words), characters: withRate(counts.characters), mixed: withRate(counts.mixed) };
}

interface ReadText {
  text: string;
  units: readonly SpokenUnit[];
}

/** What stands between units goes with the unit before it, at the beginning with the first. */
function piecesOf(golden: ReadText, candidate: ReadText, steps: readonly Step[]): TextPiece[] {
  const pieces: TextPiece[] = [];
  const put = (kind: TextPiece['kind'], { text, units }: ReadText, i: number) => {
    const written = text.slice(i === 0 ? 0 : units[i]?.from, units[i + 1]?.from ?? text.length);
    const last = pieces.at(-1);
    if (last?.kind === kind) last.text += written;
    else pieces.push({ kind, text: written });
  };
  let waiting: number[] = [];
  const settle = () => {
    for (const i of waiting) put('candidate', candidate, i);
    waiting = [];
  };
  for (const { a, b } of steps) {
    const isSame = a !== null && b !== null && golden.units[a]?.text === candidate.units[b]?.text;
    if (isSame) {
      settle();
      put('same', golden, a);
      continue;
    }
    // All that went before all that came: a sentence that changed reads as two, not as a shuffle of words.
    if (a !== null) put('golden', golden, a);
    if (b !== null) waiting.push(b);
  }
  settle();
  return pieces;
}
