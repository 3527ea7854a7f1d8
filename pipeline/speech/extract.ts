/** How much of a text its summary is, unless the prompt says how long. */
const SHARE = 0.3;
const LEAST_UNITS = 12;
const MOST_UNITS = 120;
const stopWords = new Set(
  'the a an and or of to in on for with is are was were be it its this that as at by from we you i he she they not 的 了 是 在 和 也 就 都 而 及 与 着 我 你 他 她 它 们 这 那 有 一'.split(
    ' ',
  ),
);

/** Han characters count one each, other words one each. */
export function unitsOf(text: string): string[] {
  return text.toLowerCase().match(/\p{Script=Han}|[\p{L}\p{N}']+/gu) ?? [];
}

/** '50字以内', 'within 20 words': the longest a summary may be, in units; null when the prompt does not say. */
export function limitOf(prompt: string): number | null {
  const found = /(\d{1,5})\s*(?:个)?(?:字|词|words?\b|characters?\b)/iu.exec(prompt);
  return found === null ? null : Math.max(1, Number(found[1]));
}

/**
 * The sentences of a text that say most of what is said in it, in their order, unchanged: an extract, no writing of its own. Never
 * more than the prompt allows, if that leaves room for a sentence; then its beginning.
 */
export function extractOf(text: string, prompt = ''): string {
  const sentences = text.match(/[^。！？!?\n]+?(?:[。！？!?\n]+|\.(?=\s|$)|$)/gu)?.map((sentence) => sentence.trim()) ?? [];
  const candidates = sentences
    .filter((sentence) => unitsOf(sentence).length > 0)
    .map((sentence, position) => ({ sentence, position, units: unitsOf(sentence) }));
  const counts = new Map<string, number>();
  for (const { units } of candidates) for (const unit of new Set(termsOf(units))) counts.set(unit, (counts.get(unit) ?? 0) + 1);
  const total = candidates.reduce((sum, { units }) => sum + units.length, 0);
  const limit = limitOf(prompt) ?? Math.max(LEAST_UNITS, Math.min(MOST_UNITS, Math.round(total * SHARE)));
  const scored = candidates
    .map((candidate) => ({ ...candidate, score: scoreOf(candidate, counts) }))
    .toSorted((a, b) => b.score - a.score || a.position - b.position);
  const chosen: typeof scored = [];
  let used = 0;
  for (const candidate of scored) {
    if (used + candidate.units.length > limit) continue;
    chosen.push(candidate);
    used += candidate.units.length;
  }
  const [best] = scored;
  if (best === undefined) return '';
  if (chosen.length === 0) return limitOf(prompt) === null ? best.sentence : shortened(best.sentence, limit);
  const isHan = /\p{Script=Han}/u.test(text);
  return chosen
    .toSorted((a, b) => a.position - b.position)
    .map(({ sentence }) => sentence)
    .join(isHan ? '' : ' ');
}

/** Pairs of Han characters, for single ones mean little; other words as they are. */
function termsOf(units: readonly string[]): string[] {
  return units.flatMap((unit, index) => {
    if (stopWords.has(unit)) return [];
    if (!/\p{Script=Han}/u.test(unit)) return [unit];
    const next = units[index + 1];
    return next !== undefined && /\p{Script=Han}/u.test(next) && !stopWords.has(next) ? [unit + next] : [];
  });
}

/** How often the rest says the same, per length; what stands first is likelier to be what it is about. */
function scoreOf({ units, position }: { units: readonly string[]; position: number }, counts: ReadonlyMap<string, number>): number {
  const terms = new Set(termsOf(units));
  const sum = [...terms].reduce((all, term) => all + (counts.get(term) ?? 0), 0);
  return sum / Math.sqrt(Math.max(4, units.length)) + (position === 0 ? 0.5 : 0);
}

function shortened(sentence: string, limit: number): string {
  let left = limit;
  let end = 0;
  for (const match of sentence.matchAll(/\p{Script=Han}|[\p{L}\p{N}']+/gu)) {
    if (left-- === 0) break;
    end = match.index + match[0].length;
  }
  return end < sentence.length ? `${sentence.slice(0, end)}…` : sentence;
}
