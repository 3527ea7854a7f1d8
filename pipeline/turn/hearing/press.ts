import type { SpeechEnd } from '../speech-detector.ts';
import { LevelHistory } from './level-history.ts';

/** What a button says of the stream. All calls are synchronous and in order. */
export interface PressListener {
  pressed(onsetUs: number, mediaUs: number): void;
  /** `speechMs`: since the first sample. */
  continued(pcm: Int16Array, speechMs: number): void;
  /** The last sound, or the last sample where nothing was loud, was at `mediaUs`; undefined: nothing came at all. */
  released(mediaUs: number | undefined, reason: SpeechEnd): void;
}

/** Push-to-talk: everything between press and release is the user's, and no detector is asked. */
export class Press {
  readonly #listener: PressListener;
  #levels = new LevelHistory();
  #span: { startUs: number; lastUs: number } | undefined;
  #isDown = false;

  constructor(listener: PressListener) {
    this.#listener = listener;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  begin(onsetUs: number, mediaUs: number): void {
    if (this.#isDown) return;
    this.#isDown = true;
    this.#span = undefined;
    this.#levels = new LevelHistory();
    this.#listener.pressed(onsetUs, mediaUs);
  }

  continued(pcm: Int16Array, mediaUs: number): void {
    const lastUs = mediaUs + (pcm.length / 16) * 1000;
    this.#span = { startUs: this.#span?.startUs ?? mediaUs, lastUs };
    this.#levels.push(pcm, mediaUs);
    this.#listener.continued(pcm, (lastUs - this.#span.startUs) / 1000);
  }

  end(reason: SpeechEnd): void {
    if (!this.#isDown) return;
    this.#isDown = false;
    this.#listener.released(this.#span && this.#levels.acousticEndUs({ ...this.#span, isTrailing: true }), reason);
  }
}
