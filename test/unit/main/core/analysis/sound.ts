import { uniformNumbers } from '../../../../../main/core/analysis/bootstrap.ts';

export const SAMPLE_RATE = 16_000;

/** A track with sound that wavers as syllables do at these [from, to) ms, over a room's noise. The same call gives the same track. */
export function track(lengthMs: number, spans: readonly (readonly [number, number])[], options: { noise?: number; rate?: number } = {}) {
  const { noise = 0.0005, rate = SAMPLE_RATE } = options;
  const random = uniformNumbers(7);
  const pcm = new Int16Array(Math.round((lengthMs * rate) / 1000));
  const around = () => 2 * random() - 1;
  for (let i = 0; i < pcm.length; i++) pcm[i] = Math.round(around() * noise * 32767);
  for (const [fromMs, toMs] of spans) {
    for (let i = Math.round((fromMs * rate) / 1000); i < Math.round((toMs * rate) / 1000); i++) {
      const atMs = (i * 1000) / rate;
      const edge = Math.min(1, (atMs - fromMs) / 4, (toMs - atMs) / 4);
      const syllable = 0.55 + 0.45 * Math.cos((2 * Math.PI * (atMs - fromMs)) / 180);
      pcm[i] = Math.round(around() * 0.3 * edge * syllable * 32767);
    }
  }
  return pcm;
}
