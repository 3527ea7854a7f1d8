/** What voice activity detection says of a stream, in media time. All calls are synchronous and in order. */
export interface SpeechListener {
  /** A run of speech may have begun at `mediaUs`; not confirmed yet. */
  onset(mediaUs: number): void;
  /** That run was too short to be speech. */
  falseOnset(): void;
  /** Speech is confirmed: it began at `mediaUs`; `preroll` is the audio from shortly before it up to now. */
  started(mediaUs: number, preroll: Int16Array): void;
  /** More audio of the utterance, its silences included; `speechMs` is how long it has lasted without the last silence. */
  continued(pcm: Int16Array, speechMs: number): void;
  /** The last speech sample was at `mediaUs` (U1). */
  ended(mediaUs: number): void;
}

export interface SpeechDetectorOptions {
  threshold: number;
  minimumSpeechMs: number;
  prerollMs: number;
  /** Asked with each frame of silence: how much of it ends the utterance, ms. */
  silenceMs(): number;
  listener: SpeechListener;
}

/** Speech goes on down to this much below the threshold that starts it. */
const HYSTERESIS = 0.15;
/** Windows over the threshold before a reply is held. */
const ONSET_FRAMES = 2;
/** Silence that discards a run which was not confirmed. */
const FALSE_ONSET_US = 200_000;
/** How far before the last speech window the acoustic end is looked for. */
const REFINE_US = 400_000;
const LEVEL_WINDOW = 160;
const KEPT_LEVELS = 400; // 4 s of 10 ms windows

/**
 * Probabilities to utterances: hysteresis, minimum speech, pre-roll, and the acoustic end. Detectors trail speech by up to
 * some hundreds of milliseconds, so the end is refined by energy (reference/voice.md §2.1 U1): the last 10 ms window of
 * the last 400 ms that stands above the noise.
 */
export class SpeechDetector {
  readonly #options: SpeechDetectorOptions;
  readonly #levels: { endUs: number; rms: number }[] = [];
  #squares = 0;
  #measured = 0;
  #preroll: Int16Array[] = [];
  #prerollSamples = 0;
  #state: 'silence' | 'onset' | 'speech' = 'silence';
  #speechFrames = 0;
  #isOnsetTold = false;
  #startUs = 0;
  #voicedUs = 0;
  #lastSpeechUs = 0;
  /** End of the last window. */
  #endUs = 0;

  constructor(options: SpeechDetectorOptions) {
    this.#options = options;
  }

  /** One VAD window (16 kHz mono) that begins at `mediaUs`, and its speech probability. */
  push(pcm: Int16Array, mediaUs: number, probability: number): void {
    const { threshold, listener } = this.#options;
    const endUs = mediaUs + (pcm.length / 16) * 1000;
    if (mediaUs - this.#endUs >= FALSE_ONSET_US) this.#passOver(mediaUs);
    this.#endUs = endUs;
    this.#measure(pcm, mediaUs);
    const isSpeech = probability >= (this.#state === 'silence' ? threshold : Math.max(0.01, threshold - HYSTERESIS));
    if (this.#state === 'speech') {
      if (isSpeech) this.#lastSpeechUs = endUs;
      listener.continued(pcm, (this.#lastSpeechUs - this.#startUs) / 1000);
      if (!isSpeech && endUs - this.#lastSpeechUs >= this.#options.silenceMs() * 1000) this.end();
      return;
    }
    this.#keep(pcm);
    if (isSpeech) this.#advanceOnset(mediaUs, endUs);
    else if (this.#state === 'onset' && endUs - this.#lastSpeechUs >= FALSE_ONSET_US) this.#discardOnset();
  }

  /** Ends the utterance under way now, for instance because the board stopped sending. */
  end(): void {
    if (this.#state === 'onset') this.#discardOnset();
    if (this.#state !== 'speech') return;
    this.#state = 'silence';
    this.#options.listener.ended(this.#acousticEndUs());
  }

  /** Forgets the run under way without telling: speech that goes on will be a new onset. The pre-roll stays. */
  restart(): void {
    this.#state = 'silence';
    this.#speechFrames = 0;
    this.#isOnsetTold = false;
  }

  /** Nothing was heard up to `mediaUs` (a board that paused, half duplex): that is silence, and what came before is no pre-roll. */
  #passOver(mediaUs: number): void {
    if (this.#state === 'onset') this.#discardOnset();
    if (this.#state === 'speech' && mediaUs - this.#lastSpeechUs >= this.#options.silenceMs() * 1000) this.end();
    this.#takePreroll();
    this.#squares = 0;
    this.#measured = 0;
  }

  #advanceOnset(mediaUs: number, endUs: number): void {
    const { minimumSpeechMs, listener } = this.#options;
    if (this.#state === 'silence') {
      this.#state = 'onset';
      this.#startUs = mediaUs;
      this.#voicedUs = 0;
      this.#speechFrames = 0;
      this.#isOnsetTold = false;
    }
    this.#speechFrames += 1;
    this.#voicedUs += endUs - mediaUs;
    this.#lastSpeechUs = endUs;
    const isConfirmed = this.#voicedUs >= minimumSpeechMs * 1000;
    if (!this.#isOnsetTold && (isConfirmed || this.#speechFrames >= ONSET_FRAMES)) {
      this.#isOnsetTold = true;
      listener.onset(this.#startUs);
    }
    // The listener may have restarted us.
    if (!isConfirmed || this.#state !== 'onset') return;
    this.#state = 'speech';
    listener.started(this.#startUs, this.#takePreroll());
  }

  #discardOnset(): void {
    this.#state = 'silence';
    if (this.#isOnsetTold) this.#options.listener.falseOnset();
    this.#isOnsetTold = false;
  }

  #keep(pcm: Int16Array): void {
    this.#preroll.push(pcm);
    this.#prerollSamples += pcm.length;
    // While an onset is being confirmed, what came since it began is kept besides the pre-roll.
    const keptMs = this.#options.prerollMs + this.#options.minimumSpeechMs + FALSE_ONSET_US / 1000;
    while (this.#prerollSamples - (this.#preroll[0]?.length ?? 0) >= keptMs * 16)
      this.#prerollSamples -= this.#preroll.shift()?.length ?? 0;
  }

  #takePreroll(): Int16Array {
    const all = Int16Array.from(this.#preroll.flatMap((part) => [...part]));
    this.#preroll = [];
    this.#prerollSamples = 0;
    return all;
  }

  /** Levels in windows of 10 ms, which need not divide the detector's windows. */
  #measure(pcm: Int16Array, mediaUs: number): void {
    for (const [index, sample] of pcm.entries()) {
      this.#squares += sample * sample;
      this.#measured += 1;
      if (this.#measured < LEVEL_WINDOW) continue;
      this.#levels.push({ endUs: mediaUs + ((index + 1) / 16) * 1000, rms: Math.sqrt(this.#squares / LEVEL_WINDOW) });
      this.#squares = 0;
      this.#measured = 0;
    }
    if (this.#levels.length > KEPT_LEVELS) this.#levels.splice(0, this.#levels.length - KEPT_LEVELS);
  }

  #acousticEndUs(): number {
    const lastUs = this.#lastSpeechUs;
    const silence = this.#levels.filter(({ endUs }) => endUs > lastUs).map(({ rms }) => rms);
    const speech = this.#levels.filter(({ endUs }) => endUs > this.#startUs && endUs <= lastUs);
    const noise = silence.toSorted((a, b) => a - b)[Math.floor(silence.length / 10)] ?? 0;
    const peak = speech.reduce((most, { rms }) => Math.max(most, rms), 0);
    // Noise + 10 dB, or −40 dBFS; for quiet speech 25 dB under its own peak.
    const audible = Math.max(noise * 3.16, Math.min(327, peak * 0.056));
    const end = speech.findLast(({ endUs, rms }) => endUs > lastUs - REFINE_US && rms >= audible);
    return end?.endUs ?? lastUs;
  }
}
