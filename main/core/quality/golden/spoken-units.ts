/**
 * Text as it is spoken, in units that can be counted. Left out: punctuation, symbols, spaces, markup; told apart by nothing: case,
 * full and half width (NFKC), how a number is written. Numbers are read: 二十五 and 25 are one unit "25", 1,200 is 1200, 三点五 and
 * 3.5 are three units. Units are
 *
 * - a character of a script without spaces (Han, kana, Thai, Lao, Khmer, Burmese),
 * - a word of any other, with the apostrophe inside it (don't),
 * - a number, which counts as a character where the text has any character, else as a word.
 *
 * Not told to be the same: traditional and simplified characters, numbers in English words, % and 百分之, synonyms.
 */
export interface SpokenUnit {
  text: string;
  kind: 'word' | 'character' | 'number';
  /** Where it stands in the text it was read from (after NFC). */
  from: number;
  to: number;
}

const spaceless = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}`;
const letter = String.raw`(?:(?![${spaceless}])[\p{L}\p{M}\p{N}])`;
const unitShape = new RegExp(
  [
    String.raw`(?<digits>\p{Nd}+(?:,\p{Nd}{3}(?!\p{Nd}))*)`,
    '(?<numerals>[〇零一二两三四五六七八九十百千万亿]+)',
    String.raw`(?<character>[${spaceless}]\p{M}*)`,
    `(?<word>${letter}+(?:['’]${letter}+)*)`,
    String.raw`(?<point>[.．](?=\p{Nd}))`,
  ].join('|'),
  'gu',
);

export function spokenUnits(text: string): SpokenUnit[] {
  const units: SpokenUnit[] = [];
  for (const match of text.normalize('NFC').matchAll(unitShape)) {
    const { digits, numerals, character, word } = match.groups ?? {};
    const place = { from: match.index, to: match.index + match[0].length };
    if (digits !== undefined) units.push({ text: folded(digits).replaceAll(',', ''), kind: 'number', ...place });
    else if (numerals !== undefined) for (const unit of readNumerals(numerals, match.index)) units.push(unit);
    else if (character !== undefined) units.push({ text: folded(character), kind: 'character', ...place });
    else if (word !== undefined) units.push({ text: folded(word).replaceAll('’', "'"), kind: 'word', ...place });
    else if (isNumberBefore(units, match.index)) units.push({ text: '点', kind: 'number', ...place });
  }
  return units.map((unit, i) => (unit.text === '点' && isBetweenNumbers(units, i) ? { ...unit, kind: 'number' } : unit));
}

function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function isNumberBefore(units: readonly SpokenUnit[], at: number): boolean {
  const last = units.at(-1);
  return last?.kind === 'number' && last.to === at;
}

function isBetweenNumbers(units: readonly SpokenUnit[], i: number): boolean {
  return units[i - 1]?.kind === 'number' && units[i + 1]?.kind === 'number';
}

function readNumerals(run: string, from: number): SpokenUnit[] {
  const value = numberIn(run);
  if (value !== null) return [{ text: value, kind: 'number', from, to: from + run.length }];
  return run.split('').map((text, i) => ({ text, kind: 'character', from: from + i, to: from + i + 1 }));
}

const digitValues: Readonly<Record<string, number>> = {
  〇: 0,
  零: 0,
  一: 1,
  二: 2,
  两: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
};
const unitValues: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1000 };
const groupValues: Readonly<Record<string, number>> = { 万: 1e4, 亿: 1e8 };

/** The number as digits; null for what is none (千万 of 千万不要 is no 10,000,000). */
function numberIn(run: string): string | null {
  const numerals = run.split('');
  if (numerals.every((numeral) => numeral in digitValues)) return numerals.map((numeral) => digitValues[numeral]).join('');
  let total = 0;
  let group = 0;
  let digit: number | null = null;
  let lastUnit = Number.POSITIVE_INFINITY;
  let hasZero = false;
  for (const [i, numeral] of numerals.entries()) {
    const [digitValue, unitValue, groupValue] = [digitValues[numeral], unitValues[numeral], groupValues[numeral]];
    if (digitValue !== undefined) {
      if (digit !== null && digit !== 0) return null;
      digit = digitValue;
      hasZero ||= digitValue === 0;
    } else if (unitValue !== undefined) {
      if (unitValue >= lastUnit) return null;
      if ((digit === null || digit === 0) && !(unitValue === 10 && (i === 0 || digit === 0))) return null;
      group += (digit || 1) * unitValue;
      [digit, lastUnit, hasZero] = [null, unitValue, false];
    } else if (groupValue !== undefined) {
      group += digit ?? 0;
      if (group === 0) return null;
      total = groupValue === 1e8 ? (total + group) * groupValue : total + group * groupValue;
      [group, digit, lastUnit, hasZero] = [0, null, Number.POSITIVE_INFINITY, false];
    }
  }
  // 一百二 is 120, 一百零二 is 102.
  const isShort = digit !== null && !hasZero && lastUnit !== Number.POSITIVE_INFINITY && lastUnit > 10;
  return String(total + group + (digit ?? 0) * (isShort ? lastUnit / 10 : 1));
}
