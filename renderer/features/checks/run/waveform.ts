/** The least and the greatest sample of each of so many stretches, -1..1: what a waveform draws. */
export function extremesOf(samples: Int16Array, columns: number): { least: Float32Array; greatest: Float32Array } {
  const least = new Float32Array(columns);
  const greatest = new Float32Array(columns);
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * samples.length) / columns);
    const to = Math.max(from + 1, Math.floor(((column + 1) * samples.length) / columns));
    for (let at = from; at < to && at < samples.length; at++) {
      const level = (samples[at] ?? 0) / 32_768;
      if (level < (least[column] ?? 0)) least[column] = level;
      if (level > (greatest[column] ?? 0)) greatest[column] = level;
    }
  }
  return { least, greatest };
}

/** Closed, for an SVG of `columns` by 2 with nothing in the middle. */
export function outlineOf({ least, greatest }: ReturnType<typeof extremesOf>): string {
  const above = [...greatest].map((level, x) => `${x === 0 ? 'M' : 'L'}${x} ${(1 - level).toFixed(3)}`);
  const below = [...least].map((level, x) => `L${x} ${(1 - level).toFixed(3)}`).reverse();
  return `${[...above, ...below].join('')}Z`;
}
