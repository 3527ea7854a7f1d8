/** Quieter than this is no speech: −44 dB, under every voice and over what resampling leaves behind. */
const SILENT = 200;
/** Left at both ends, 100 ms at 16 kHz: a recogniser that sees the first phone cut off mishears it. */
const MARGIN_SAMPLES = 1600;

/** Speech without the silence that a synthesiser puts before and after it. All of it is silent: nothing is left. */
export function trimSilence(pcm: Int16Array): Int16Array {
  const isLoud = (sample: number) => Math.abs(sample) > SILENT;
  const first = pcm.findIndex(isLoud);
  if (first < 0) return pcm.slice(0, 0);
  const last = pcm.findLastIndex(isLoud);
  return pcm.slice(Math.max(0, first - MARGIN_SAMPLES), last + 1 + MARGIN_SAMPLES);
}
