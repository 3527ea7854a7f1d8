/** Peak of the sound, well above what a quiet room or Opus's noise would be. */
const PEAK = 9000;
const PITCH_HZ = 160;
const SYLLABLES_PER_SECOND = 5;

/** Syllables and pitch come out even in a second, which is all that has to be made. */
const seconds = new Map<number, Int16Array>();

/** What a scripted voice sounds like: a hum with harmonics and syllables, the same samples every time, without a gap of silence in it. */
export function scriptedSound(durationMs: number, sampleRate: number): Int16Array {
  const second = seconds.get(sampleRate) ?? secondOf(sampleRate);
  seconds.set(sampleRate, second);
  const sound = new Int16Array(Math.round((durationMs * sampleRate) / 1000));
  for (let at = 0; at < sound.length; at += second.length) sound.set(second.subarray(0, sound.length - at), at);
  return sound;
}

function secondOf(sampleRate: number): Int16Array {
  return Int16Array.from({ length: sampleRate }, (_, index) => {
    const phase = (2 * Math.PI * PITCH_HZ * index) / sampleRate;
    const voice = Math.sin(phase) + 0.5 * Math.sin(2 * phase) + 0.3 * Math.sin(5 * phase);
    const syllable = 0.75 + 0.25 * Math.cos((2 * Math.PI * SYLLABLES_PER_SECOND * index) / sampleRate);
    return Math.round((PEAK * voice * syllable) / 1.8);
  });
}
