import { rmsDb, SILENCE_DB } from '../../../pipeline/audio/levels.ts';
import type { LiveAudio } from '../../../pipeline/boards/twetalk/live-audio.ts';
import type { LiveAudioChoice, LiveAudioState } from '../../../preload/contract/audio.ts';
import { LIVE_SAMPLE_RATE } from '../../../preload/contract/live-audio-format.ts';
import type { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { AudioSource, SourceEvents } from './source.ts';

/** After the speaker's last sample: what is still in the sound card's buffers and between the walls. */
const ECHO_TAIL_US = 300_000;
const METER_US = 100_000;
const SAMPLE_US = 1_000_000 / LIVE_SAMPLE_RATE;
/** Of one meter reading, as much as is looked at: what comes in a burst is not all of it louder. */
const METER_SAMPLES = LIVE_SAMPLE_RATE / 10;

export interface BoardAudioDeps {
  clock: Clock;
  name: string;
  choice: LiveAudioChoice;
  /** Opens what is chosen; the events are this board's. */
  open: (events: SourceEvents) => Promise<AudioSource>;
  onState: (state: LiveAudioState) => void;
}

/**
 * A board's real microphone and speaker: who may be heard when (push-to-talk, half duplex), how loud it is, what was lost. Everything is
 * silence that must not go up: the board goes on sending, as one in continuous mode does.
 */
export class BoardAudio implements LiveAudio, AsyncDisposable {
  readonly #deps: BoardAudioDeps;
  #source: AudioSource | null = null;
  #onCaptured: ((pcm: Int16Array) => void) | null = null;
  #state: LiveAudioState;
  #playsUntilUs = Number.NEGATIVE_INFINITY;
  #heard: Int16Array = new Int16Array(0);
  #played: Int16Array = new Int16Array(0);
  #cancelMeter: (() => void) | null = null;

  private constructor(deps: BoardAudioDeps) {
    const { name, choice } = deps;
    const { source, mode, duplex = source === 'browser' ? 'full' : 'half' } = choice;
    this.#deps = deps;
    this.#state = {
      ...{ name, source, mode, duplex, state: 'waiting', isPressed: false, isMuted: mode === 'push-to-talk' },
      ...{ inputDb: SILENCE_DB, outputDb: SILENCE_DB, droppedInputMs: 0, droppedOutputMs: 0, input: null, output: null, error: null },
    };
  }

  /** Rejects with what `open` rejects with. */
  static async open(deps: BoardAudioDeps): Promise<BoardAudio> {
    const audio = new BoardAudio(deps);
    audio.#source = await deps.open({
      onCaptured: (pcm) => audio.#captured(pcm),
      onDropped: (direction, samples) => audio.#dropped(direction, samples),
      onDevices: (input, output) => audio.#set({ input, output }),
      onRestarting: (error) => audio.#lost('restarting', error),
      onFailed: (error) => audio.#lost('failed', error),
    });
    audio.#meter();
    deps.onState(audio.#state);
    return audio;
  }

  get state(): LiveAudioState {
    return this.#state;
  }

  listen(onCaptured: ((pcm: Int16Array) => void) | null): void {
    this.#onCaptured = onCaptured;
  }

  play(pcm: Int16Array): void {
    // Who holds the button is not talked over.
    if (this.#state.isPressed) return;
    this.#playsUntilUs = Math.max(this.#playsUntilUs, this.#deps.clock.nowUs() + pcm.length * SAMPLE_US);
    this.#played = pcm.slice(-METER_SAMPLES);
    this.#source?.play(pcm);
  }

  hush(): void {
    this.#playsUntilUs = Number.NEGATIVE_INFINITY;
    this.#source?.hush();
  }

  press(isDown: boolean): void {
    if (isDown) this.hush();
    this.#set({ isPressed: isDown, isMuted: this.#isMuted(isDown) });
  }

  async close(): Promise<void> {
    this.#cancelMeter?.();
    this.#cancelMeter = null;
    this.#onCaptured = null;
    const source = this.#source;
    this.#source = null;
    await source?.close();
    this.#set({ state: 'closed', inputDb: SILENCE_DB, outputDb: SILENCE_DB });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #isMuted(isPressed: boolean): boolean {
    const { mode, duplex } = this.#state;
    if (mode === 'push-to-talk') return !isPressed;
    return duplex === 'half' && this.#deps.clock.nowUs() < this.#playsUntilUs + ECHO_TAIL_US;
  }

  #captured(pcm: Int16Array): void {
    this.#heard = pcm.slice(-METER_SAMPLES);
    if (this.#state.state !== 'running') this.#set({ state: 'running', error: null });
    this.#onCaptured?.(this.#isMuted(this.#state.isPressed) ? new Int16Array(pcm.length) : pcm);
  }

  #dropped(direction: 'input' | 'output', samples: number): void {
    const ms = (samples * 1000) / LIVE_SAMPLE_RATE;
    const { droppedInputMs, droppedOutputMs } = this.#state;
    this.#set(direction === 'input' ? { droppedInputMs: droppedInputMs + ms } : { droppedOutputMs: droppedOutputMs + ms });
  }

  #lost(state: 'restarting' | 'failed', error: TalkError): void {
    this.#set({ state, error: error.value, inputDb: SILENCE_DB, outputDb: SILENCE_DB });
  }

  /** Ten times a second; told only when something moved. */
  #meter(): void {
    const { clock } = this.#deps;
    this.#cancelMeter = clock.at((clock.nowUs() + METER_US) as MonoUs, () => {
      const levels = {
        inputDb: Math.round(rmsDb(this.#heard)),
        outputDb: Math.round(rmsDb(this.#played)),
        isMuted: this.#isMuted(this.#state.isPressed),
      };
      this.#heard = new Int16Array(0);
      this.#played = new Int16Array(0);
      const { inputDb, outputDb, isMuted } = this.#state;
      if (inputDb !== levels.inputDb || outputDb !== levels.outputDb || isMuted !== levels.isMuted) this.#set(levels);
      this.#meter();
    });
  }

  #set(change: Partial<LiveAudioState>): void {
    this.#state = { ...this.#state, ...change };
    this.#deps.onState(this.#state);
  }
}
