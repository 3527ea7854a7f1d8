import type { VoiceprintDevice, VoiceprintEngine } from '../../engines/voiceprint/engine.ts';

/** Speech after which a voice is asked for the first time, so that an interruption need not wait for its end. */
const ENOUGH_MS = 1000;
/** More is not listened to. */
const MOST_SAMPLES = 8000 * 16;

/** Whether one stretch of speech is the enrolled voice's. */
export class VoiceprintGate {
  readonly #engine: VoiceprintEngine;
  readonly #device: VoiceprintDevice;
  readonly #pcm: Int16Array[] = [];
  #samples = 0;
  #asking: Promise<boolean> | undefined;
  #isKnown = false;

  constructor(engine: VoiceprintEngine, device: VoiceprintDevice) {
    this.#engine = engine;
    this.#device = device;
  }

  /** The enrolled voice, as far as is known; nobody enrolled is everybody. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** `onKnown`: it is the enrolled voice after all. */
  hear(pcm: Int16Array, onKnown: () => void): void {
    if (this.#samples < MOST_SAMPLES) this.#pcm.push(pcm);
    this.#samples += pcm.length;
    if (this.#asking || this.#samples < ENOUGH_MS * 16) return;
    this.#asking = this.#ask();
    void this.#asking.then((isMatch) => isMatch && onKnown()).catch(() => undefined);
  }

  /** At the end of the stretch. Rejects with the engine's failure. */
  async verdict(): Promise<boolean> {
    // Short speech was not asked about yet; what was refused early gets its chance with all that was said.
    if (!this.#asking) return this.#ask();
    return (await this.#asking) || this.#ask();
  }

  async #ask(): Promise<boolean> {
    const pcm = new Int16Array(this.#pcm.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#pcm) {
      pcm.set(part, at);
      at += part.length;
    }
    const answer = await this.#engine.matches(this.#device, pcm);
    this.#isKnown = answer?.isMatch ?? true;
    return this.#isKnown;
  }
}
