import { LevelHistory } from './hearing/level-history.ts';

/** Why an utterance was taken for ended: silence, no more packets, too much of it, or a button let go. */
export type SpeechEnd = 'silence' | 'stalled' | 'too-long' | 'released';

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
  /** Within the utterance there was a silence of so many ms, and speech goes on. */
  paused?(pauseMs: number): void;
  /** The last speech sample was at `mediaUs` (U1). */
  ended(mediaUs: number, reason: SpeechEnd): void;
}

export interface DetectorSettings {
  threshold: number;
  minimumSpeechMs: number;
  prerollMs: number;
  longestMs: number;
}

export interface SpeechDetectorOptions {
  /** As they stand now: asked from time to time while there is silence, never within an utterance. */
  settings(): DetectorSettings;
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
/** Silences shorter than this are the gaps between sounds. */
const PAUSE_US = 100_000;
const SETTINGS_EVERY_WINDOWS = 32; // about a second

/** Probabilities to utterances: hysteresis, minimum speech, pre-roll, and the acoustic end by loudness. */
export class SpeechDetector {
  readonly #options: SpeechDetectorOptions;
  readonly #levels = new LevelHistory();
  #settings: DetectorSettings;
  #windowsSinceSettings = 0;
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
    this.#settings = options.settings();
  }

  /** Nothing is being said: whatever listens may be exchanged. */
  get isIdle(): boolean {
    return this.#state === 'silence';
  }

  /** One VAD window (16 kHz mono) that begins at `mediaUs`, and its speech probability. */
  push(pcm: Int16Array, mediaUs: number, probability: number): void {
    const { listener } = this.#options;
    const endUs = mediaUs + (pcm.length / 16) * 1000;
    this.passOver(mediaUs);
    this.#endUs = endUs;
    this.#levels.push(pcm, mediaUs);
    if (this.#state === 'silence' && ++this.#windowsSinceSettings >= SETTINGS_EVERY_WINDOWS) this.#readSettings();
    const { threshold, longestMs } = this.#settings;
    const isSpeech = probability >= (this.#state === 'silence' ? threshold : Math.max(0.01, threshold - HYSTERESIS));
    if (this.#state === 'speech') {
      if (isSpeech) {
        const pauseUs = mediaUs - this.#lastSpeechUs;
        if (pauseUs >= PAUSE_US) listener.paused?.(pauseUs / 1000);
        this.#lastSpeechUs = endUs;
      }
      listener.continued(pcm, (this.#lastSpeechUs - this.#startUs) / 1000);
      // The listener may have restarted us.
      if (this.#state !== 'speech') return;
      if (!isSpeech && endUs - this.#lastSpeechUs >= this.#options.silenceMs() * 1000) this.end('silence');
      else if (endUs - this.#startUs >= longestMs * 1000) this.end('too-long');
      return;
    }
    this.#keep(pcm);
    if (isSpeech) this.#advanceOnset(mediaUs, endUs);
    else if (this.#state === 'onset' && endUs - this.#lastSpeechUs >= FALSE_ONSET_US) this.#discardOnset();
  }

  /** Ends the utterance under way now, for instance because the board stopped sending. */
  end(reason: SpeechEnd): void {
    if (this.#state === 'onset') this.#discardOnset();
    if (this.#state !== 'speech') return;
    this.#state = 'silence';
    this.#readSettings();
    const span = { startUs: this.#startUs, lastUs: this.#lastSpeechUs, isTrailing: false };
    this.#options.listener.ended(this.#levels.acousticEndUs(span), reason);
  }

  /** Forgets the run under way without telling: speech that goes on will be a new onset. The pre-roll stays. */
  restart(): void {
    this.#state = 'silence';
    this.#speechFrames = 0;
    this.#isOnsetTold = false;
    this.#readSettings();
  }

  #readSettings(): void {
    this.#settings = this.#options.settings();
    this.#windowsSinceSettings = 0;
  }

  /** Nothing was heard up to `mediaUs` (a board that paused, half duplex): that is silence, and what came before is no pre-roll. */
  passOver(mediaUs: number): void {
    if (mediaUs - this.#endUs < FALSE_ONSET_US) return;
    if (this.#state === 'onset') this.#discardOnset();
    if (this.#state === 'speech' && mediaUs - this.#lastSpeechUs >= this.#options.silenceMs() * 1000) this.end('silence');
    this.#takePreroll();
    this.#levels.skip();
  }

  #advanceOnset(mediaUs: number, endUs: number): void {
    const { listener } = this.#options;
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
    const isConfirmed = this.#voicedUs >= this.#settings.minimumSpeechMs * 1000;
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
    // While an onset is being confirmed, what came since it began is kept besides the pre-roll, with the silences in it.
    const onsetMs = this.#state === 'onset' ? (this.#endUs - this.#startUs) / 1000 : 0;
    const keptMs = this.#settings.prerollMs + onsetMs + FALSE_ONSET_US / 1000;
    while (this.#prerollSamples - (this.#preroll[0]?.length ?? 0) >= keptMs * 16)
      this.#prerollSamples -= this.#preroll.shift()?.length ?? 0;
  }

  /** The pre-roll and the run that was confirmed, no more. */
  #takePreroll(): Int16Array {
    const all = new Int16Array(this.#prerollSamples);
    let at = 0;
    for (const part of this.#preroll) {
      all.set(part, at);
      at += part.length;
    }
    this.#preroll = [];
    this.#prerollSamples = 0;
    const wantedSamples = Math.round((this.#endUs - this.#startUs) * 0.016) + this.#settings.prerollMs * 16;
    return all.subarray(Math.max(0, all.length - wantedSamples));
  }
}
