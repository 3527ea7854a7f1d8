/** In place: the discrete Fourier transform of `re` + i `im`, whose length is a power of two; divided by it on the way back. */
export function transform(re: Float64Array, im: Float64Array, isInverse = false): void {
  const size = re.length;
  if (size !== im.length || (size & (size - 1)) !== 0) throw new RangeError(`not a power of two: ${size}`);
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j] as number, re[i] as number];
      [im[i], im[j]] = [im[j] as number, im[i] as number];
    }
  }
  const { cosines, sines } = turnsOf(size);
  for (let span = 2; span <= size; span *= 2) {
    const half = span / 2;
    const step = size / span;
    for (let from = 0; from < size; from += span) {
      for (let k = 0; k < half; k++) {
        const cosine = cosines[k * step] as number;
        const sine = (isInverse ? -1 : 1) * (sines[k * step] as number);
        const a = from + k;
        const b = a + half;
        const real = (re[b] as number) * cosine + (im[b] as number) * sine;
        const imaginary = (im[b] as number) * cosine - (re[b] as number) * sine;
        re[b] = (re[a] as number) - real;
        im[b] = (im[a] as number) - imaginary;
        re[a] = (re[a] as number) + real;
        im[a] = (im[a] as number) + imaginary;
      }
    }
  }
  if (!isInverse) return;
  for (let i = 0; i < size; i++) {
    re[i] = (re[i] as number) / size;
    im[i] = (im[i] as number) / size;
  }
}

export function powerOfTwoAtLeast(length: number): number {
  let size = 1;
  while (size < length) size *= 2;
  return size;
}

const known = new Map<number, { cosines: Float64Array; sines: Float64Array }>();
const KEPT = 4;

function turnsOf(size: number): { cosines: Float64Array; sines: Float64Array } {
  let turns = known.get(size);
  if (turns === undefined) {
    turns = { cosines: new Float64Array(size / 2), sines: new Float64Array(size / 2) };
    for (let k = 0; k < size / 2; k++) {
      turns.cosines[k] = Math.cos((2 * Math.PI * k) / size);
      turns.sines[k] = Math.sin((2 * Math.PI * k) / size);
    }
    const [oldest] = known.keys();
    if (known.size >= KEPT && oldest !== undefined) known.delete(oldest);
    known.set(size, turns);
  }
  return turns;
}
