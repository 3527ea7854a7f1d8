import { sleepUntil } from '../../../../pipeline/clock.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { AudioSource, SourceEvents } from '../../audio/source.ts';

const SAMPLE_RATE = 16_000;
/** What goes to the speaker at once: it takes no more than half a second ahead. */
const PIECE_SAMPLES = SAMPLE_RATE / 10;
export const AHEAD_US = 200_000;
/** What was heard is kept so long. */
const KEPT_SAMPLES = SAMPLE_RATE * 300;

export interface HostSoundDeps {
  clock: Clock;
  open(events: SourceEvents): Promise<AudioSource>;
}

/** The host's sound card beside a real board: its loudspeaker is what the board hears, its microphone hears the board. */
export class HostSound {
  readonly #clock: Clock;
  #source: AudioSource | null = null;
  #failed: TalkError | null = null;
  #heard: Int16Array[] = [];
  #heardSamples = 0;
  /** When the last sample that was heard was. */
  #untilUs = 0;

  private constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rejects with TalkError 'audio/…'. */
  static async open({ clock, open }: HostSoundDeps): Promise<HostSound> {
    const sound = new HostSound(clock);
    sound.#source = await open({
      onCaptured: (pcm) => sound.#captured(pcm),
      onDropped: () => {},
      onDevices: () => {},
      // What was heard before the gap would stand in the wrong place behind it.
      onRestarting: () => sound.#forget(),
      onFailed: (error) => {
        sound.#failed = error;
      },
    });
    return sound;
  }

  /** Resolves when the last sample has left the core; the sound card's own delay comes on top. */
  async play(pcm: Int16Array, signal: AbortSignal): Promise<{ startUs: number; endUs: number }> {
    const startUs = this.#clock.nowUs();
    const endUs = startUs + (pcm.length * 1_000_000) / SAMPLE_RATE;
    for (let at = 0; at < pcm.length; at += PIECE_SAMPLES) {
      const dueUs = startUs + (at * 1_000_000) / SAMPLE_RATE - AHEAD_US;
      if (dueUs > this.#clock.nowUs()) await this.#sleepUntil(dueUs, signal);
      this.#running().play(pcm.slice(at, at + PIECE_SAMPLES));
    }
    await this.#sleepUntil(endUs, signal);
    return { startUs, endUs: Math.round(endUs) };
  }

  /** From then until now; silence where nothing is known. */
  heard(fromUs: number): Int16Array {
    this.#running();
    const wanted = Math.max(0, Math.round(((this.#untilUs - fromUs) * SAMPLE_RATE) / 1_000_000));
    const all = new Int16Array(wanted);
    let at = wanted;
    for (let index = this.#heard.length - 1; index >= 0 && at > 0; index--) {
      const piece = this.#heard[index] ?? new Int16Array(0);
      const part = piece.subarray(Math.max(0, piece.length - at));
      at -= part.length;
      all.set(part, at);
    }
    return all;
  }

  async close(): Promise<void> {
    await this.#source?.close();
  }

  #captured(pcm: Int16Array): void {
    this.#heard.push(pcm);
    this.#heardSamples += pcm.length;
    this.#untilUs = this.#clock.nowUs();
    if (this.#heardSamples < KEPT_SAMPLES * 2) return;
    while (this.#heardSamples > KEPT_SAMPLES) this.#heardSamples -= this.#heard.shift()?.length ?? 0;
  }

  #forget(): void {
    this.#heard = [];
    this.#heardSamples = 0;
  }

  #running(): AudioSource {
    if (this.#failed !== null) throw this.#failed;
    if (this.#source === null) throw new TalkError('audio/unavailable', {});
    return this.#source;
  }

  async #sleepUntil(atUs: number, signal: AbortSignal): Promise<void> {
    try {
      await sleepUntil(this.#clock, Math.ceil(atUs) as MonoUs, signal);
    } catch (error) {
      // Who has stopped listening is not talked to.
      this.#source?.hush();
      throw error;
    }
  }
}
