/** Letters of Latin's width that fit under all bars together. */
const mostLetters = 66;
/** What is as wide as it is high: Han characters, kana, and their punctuation. */
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
const ofLatin = 1.75;

/** As much of a name as fits under its bar; the reading has all of it. */
export function shortName(name: string, bars: number): string {
  const most = Math.max(5, mostLetters / bars);
  const letters = Array.from(name);
  const widths = letters.map((letter) => (wide.test(letter) ? ofLatin : 1));
  if (widths.reduce((sum, each) => sum + each, 0) <= most) return name;
  let left = most - 1;
  const fitting = widths.findIndex((each) => {
    left -= each;
    return left < 0;
  });
  return `${letters.slice(0, Math.max(1, fitting)).join('').trimEnd()}…`;
}
