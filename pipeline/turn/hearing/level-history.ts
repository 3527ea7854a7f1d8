const WINDOW_SAMPLES = 160;
const KEPT_WINDOWS = 400; // 4 s
/** How far before the last speech window the acoustic end is looked for. */
const REFINE_US = 400_000;

/** Loudness of what was heard last, in windows of 10 ms, which need not divide the pieces it comes in. */
export class LevelHistory {
  readonly #levels: { endUs: number; rms: number }[] = [];
  #squares = 0;
  #measured = 0;

  /** 16 kHz mono that begins at `mediaUs`, right behind what came before unless `skip` was called. */
  push(pcm: Int16Array, mediaUs: number): void {
    let squares = this.#squares;
    let measured = this.#measured;
    for (let index = 0; index < pcm.length; index += 1) {
      const sample = pcm[index] ?? 0;
      squares += sample * sample;
      measured += 1;
      if (measured < WINDOW_SAMPLES) continue;
      this.#levels.push({ endUs: mediaUs + ((index + 1) / 16) * 1000, rms: Math.sqrt(squares / WINDOW_SAMPLES) });
      squares = 0;
      measured = 0;
    }
    this.#squares = squares;
    this.#measured = measured;
    if (this.#levels.length > KEPT_WINDOWS) this.#levels.splice(0, this.#levels.length - KEPT_WINDOWS);
  }

  /** What follows does not follow on. */
  skip(): void {
    this.#squares = 0;
    this.#measured = 0;
  }

  /**
   * End of the last 10 ms of speech that began at `startUs` (reference/voice.md §2.1 U1). Detectors trail speech by up to some hundreds
   * of milliseconds, so from `lastUs` back it is the last window that stands above the noise: that of the silence behind it, or, where
   * none is known (a button let go), the quietest of what was said.
   */
  acousticEndUs({ startUs, lastUs, isTrailing }: { startUs: number; lastUs: number; isTrailing: boolean }): number {
    const silence = this.#levels.filter(({ endUs }) => endUs > lastUs).map(({ rms }) => rms);
    const speech = this.#levels.filter(({ endUs }) => endUs > startUs && endUs <= lastUs);
    const quiet = (isTrailing ? speech.map(({ rms }) => rms) : silence).toSorted((a, b) => a - b);
    const noise = quiet[Math.floor(quiet.length / 10)] ?? 0;
    const peak = speech.reduce((most, { rms }) => Math.max(most, rms), 0);
    // Noise + 10 dB, or −40 dBFS; for quiet speech 25 dB under its own peak. What never rose above its own noise is all speech.
    const audible = Math.max(Math.min(noise * 3.16, peak * 0.25), Math.min(327, peak * 0.056));
    const earliestUs = isTrailing ? startUs : lastUs - REFINE_US;
    const end = speech.findLast(({ endUs, rms }) => endUs > earliestUs && rms >= audible);
    return end?.endUs ?? lastUs;
  }
}
