const piece = /[\p{Script=Han}]+|[\p{L}\p{N}]+/gu;
const han = /\p{Script=Han}/u;
/** Words that stand in every text and question. */
const common = new Set(
  'a an and are as at be by can do for from how i in is it me my of on or that the this to was what when which with you your'.split(' '),
);

/**
 * What a text is found by: words in lower case, Chinese as pairs of neighbouring characters (a single character alone), which need no
 * dictionary. "重置键 Reset" → 重置 置键 reset.
 */
export function termsOf(text: string): string[] {
  const terms: string[] = [];
  for (const [found] of text.normalize('NFKC').toLowerCase().matchAll(piece)) {
    for (const run of splitByScript(found)) {
      if (!han.test(run)) {
        if (!common.has(run)) terms.push(stem(run));
        continue;
      }
      const characters = Array.from(run);
      if (characters.length === 1) terms.push(run);
      for (let index = 1; index < characters.length; index += 1) terms.push(`${characters[index - 1]}${characters[index]}`);
    }
  }
  return terms;
}

/** "wifi网络" is a word and a Chinese run. */
function splitByScript(found: string): string[] {
  return found.match(/\p{Script=Han}+|[^\p{Script=Han}]+/gu) ?? [];
}

/** Plural and singular are one term; more than that English needs no knowledge of. */
function stem(word: string): string {
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word;
}
