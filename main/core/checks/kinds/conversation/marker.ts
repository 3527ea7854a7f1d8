const SAMPLE_RATE = 16_000;
/** Within what every telephone codec keeps, and no multiples of one another. */
const FREQUENCIES_HZ = [620, 1010, 1470];
const TONE_MS = 350;
const PAUSE_MS = 120;
const FADE_MS = 20;
const LEVEL = 0.3;
const WINDOW = 1600;
/** Of a window's power, in one frequency: a voice or noise has its power in many. */
const LEAST_SHARE = 0.4;
const LEAST_LEVEL = 0.003;

/** Three tones, one after another, `times` over: what a call's other end says, so that it can be told from everything else. */
export function markerSound(times: number): Int16Array {
  const tone = (TONE_MS * SAMPLE_RATE) / 1000;
  const step = tone + (PAUSE_MS * SAMPLE_RATE) / 1000;
  const fade = (FADE_MS * SAMPLE_RATE) / 1000;
  const pcm = new Int16Array(step * FREQUENCIES_HZ.length * times);
  for (let index = 0; index < FREQUENCIES_HZ.length * times; index++) {
    const frequency = FREQUENCIES_HZ[index % FREQUENCIES_HZ.length] ?? 0;
    for (let i = 0; i < tone; i++) {
      const envelope = Math.min(1, i / fade, (tone - i) / fade);
      pcm[index * step + i] = Math.round(32_767 * LEVEL * envelope * Math.sin((2 * Math.PI * frequency * i) / SAMPLE_RATE));
    }
  }
  return pcm;
}

/** How many of the three tones can be heard in it, each for a tenth of a second at least. */
export function markerTones(pcm: Int16Array): number {
  return FREQUENCIES_HZ.filter((frequency) => isHeard(pcm, frequency)).length;
}

function isHeard(pcm: Int16Array, frequency: number): boolean {
  for (let from = 0; from + WINDOW <= pcm.length; from += WINDOW / 2) {
    const window = pcm.subarray(from, from + WINDOW);
    if (shareOf(window, frequency) >= LEAST_SHARE) return true;
  }
  return false;
}

/** Of the window's power, that of one frequency (Goertzel); 0 of what is as good as silence. */
function shareOf(window: Int16Array, frequency: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * frequency) / SAMPLE_RATE);
  let [before, last, power] = [0, 0, 0];
  for (const sample of window) {
    const value = sample / 32_768;
    power += value * value;
    [before, last] = [last, value + coefficient * last - before];
  }
  const mean = power / window.length;
  if (Math.sqrt(mean) < LEAST_LEVEL) return 0;
  const tone = (last * last + before * before - coefficient * last * before) / (window.length / 2) ** 2 / 2;
  return tone / mean;
}
