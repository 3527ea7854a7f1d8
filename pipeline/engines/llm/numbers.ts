const hanDigits: Record<string, number> = { 零: 0, 〇: 0, 一: 1, 二: 2, 两: 2, 三: 3, 四: 4, 五: 5, 六: 6, 七: 7, 八: 8, 九: 9 };

const englishUnits = [
  ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen'],
  ...['fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'],
];
const englishTens = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const hanOrder = '零一二三四五六七八九';

/** The first whole number 0–999 said in `text`, in digits, Chinese or English words; null when there is none. */
export function numberIn(text: string): number | null {
  const digits = /\d{1,3}/.exec(text);
  if (digits !== null) return Number(digits[0]);
  const han = /[零〇一二两三四五六七八九十百]+/.exec(text);
  if (han !== null) return hanNumber(han[0]);
  return englishNumber(text.toLowerCase());
}

function hanNumber(words: string): number {
  let total = 0;
  let digit = 0;
  for (const [index, character] of Array.from(words).entries()) {
    if (character === '百') total += (digit || 1) * 100;
    // 十 alone is ten; 二十 is twenty.
    else if (character === '十') total += (index === 0 ? 1 : digit || 1) * 10;
    else {
      digit = hanDigits[character] ?? 0;
      continue;
    }
    digit = 0;
  }
  return total + digit;
}

function englishNumber(text: string): number | null {
  let total: number | null = null;
  for (const word of text.split(/[^a-z]+/)) {
    const tens = englishTens.indexOf(word);
    const unit = englishUnits.indexOf(word);
    if (word === 'hundred') total = (total ?? 1) * 100;
    else if (tens >= 0) total = (total ?? 0) + (tens + 2) * 10;
    else if (unit >= 0) total = (total ?? 0) + unit;
    else if (total !== null && word !== 'and') break;
  }
  return total;
}

/** 0–99 as it is said, for counting aloud. */
export function numberWords(value: number, language: 'zh' | 'en'): string {
  const [tens, unit] = [Math.floor(value / 10), value % 10];
  if (language === 'en') {
    const small = englishUnits[value];
    if (small !== undefined) return small;
    return unit === 0 ? (englishTens[tens - 2] ?? '') : `${englishTens[tens - 2] ?? ''}-${englishUnits[unit] ?? ''}`;
  }
  const unitWord = unit === 0 && value > 0 ? '' : (hanOrder[unit] ?? '');
  return tens === 0 ? (hanOrder[unit] ?? '') : `${tens === 1 ? '' : (hanOrder[tens] ?? '')}十${unitWord}`;
}
