const MOST = 3;

/** Of the names there are those that were likely meant, the likeliest first: a letter or two wrong in each five, or a part of one. */
export function nearNames(wanted: string, names: readonly string[]): string[] {
  const typed = wanted.toLowerCase();
  return names
    .map((name) => ({ name, distance: distance(typed, name.toLowerCase()) }))
    .filter(
      ({ name, distance: steps }) =>
        steps <= Math.max(1, (2 * name.length) / 5) || (typed.length > 2 && name.toLowerCase().includes(typed)),
    )
    .toSorted((one, other) => one.distance - other.distance)
    .slice(0, MOST)
    .map(({ name }) => name);
}

/** How many letters have to be put in, taken out or changed. */
function distance(from: string, to: string): number {
  const others = Array.from(to);
  let row = Array.from({ length: others.length + 1 }, (_, i) => i);
  for (const [i, letter] of Array.from(from).entries()) {
    const next = [i + 1];
    for (const [k, other] of others.entries())
      next.push(Math.min((next[k] ?? 0) + 1, (row[k + 1] ?? 0) + 1, (row[k] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}
