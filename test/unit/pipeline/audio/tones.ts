/** A sine of `frequency` Hz at 16 kHz unless told. */
export function tone(frequency: number, samples: number, amplitude = 10_000, sampleRate = 16_000): Int16Array {
  return Int16Array.from({ length: samples }, (_, i) => Math.round(amplitude * Math.sin((2 * Math.PI * frequency * i) / sampleRate)));
}

export function rms(pcm: Int16Array): number {
  return Math.sqrt(pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length);
}
