import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { ListenMode } from '../../gateways/xiaozhi/messages.ts';
import { asObject } from '../../json-object.ts';
import { MainLoop } from './main-loop.ts';
import { Player } from './player.ts';

export type BoardState = 'idle' | 'connecting' | 'listening' | 'speaking';

const valid: Record<BoardState, readonly BoardState[]> = {
  idle: ['connecting', 'listening', 'speaking'],
  connecting: ['idle', 'listening'],
  listening: ['speaking', 'idle'],
  speaking: ['listening', 'idle'],
};

/** So many packets within so short a time make an ESP32-C3 restart (§4.4, 10). */
const BURST_PACKETS = 5;
const BURST_US = 20_000;
/** Whoever pressed the button has waited long enough by then (§4.4, 5). */
const STUCK_US = 3_000_000;

export interface ApplicationDeps {
  clock: Clock;
  decode: (packet: Uint8Array) => Int16Array;
  /** A message of the session. */
  send: (message: Record<string, unknown>) => void;
  /** Closes the channel: a press while it listens. */
  closeChannel: () => void;
  onState: (state: BoardState) => void;
  onPlayed: (pcm: Int16Array, atUs: MonoUs) => void;
  onAudible: (atUs: MonoUs) => void;
  /** What a real board would have stumbled over, and how. */
  onViolation: (what: string) => void;
  /** An ESP32-C3, which bursts restart. */
  isC3?: boolean;
}

/**
 * The firmware's application: its states, its main loop and its audio queue, with all that a server can do wrong to them
 * (reference/voice.md §4.4). It drops and truncates what the real one does, and says so.
 */
export class Application {
  readonly #deps: ApplicationDeps;
  readonly #loop: MainLoop;
  readonly #player: Player;
  #state: BoardState = 'idle';
  #mode: ListenMode = 'auto';
  #isMicrophoneOn = false;
  /** Of packets that came since the change to Speaking and before the queue is emptied for it. */
  #isResetDue = false;
  /** What was on its way when the reply was aborted is nobody's fault. */
  #isAborted = false;
  readonly #arrivals: MonoUs[] = [];
  #cancelStuck: (() => void) | null = null;
  /** Idle, and everything that follows from it done. */
  #isAtRest = true;
  readonly #resting: (() => void)[] = [];

  constructor(deps: ApplicationDeps) {
    this.#deps = deps;
    this.#loop = new MainLoop(deps.clock, () => this.#stateChanged());
    this.#player = new Player({
      clock: deps.clock,
      decode: deps.decode,
      onPlayed: deps.onPlayed,
      onAudible: deps.onAudible,
      onUndecodable: () => deps.onViolation('a packet that cannot be decoded'),
    });
  }

  get state(): BoardState {
    return this.#state;
  }

  get mode(): ListenMode {
    return this.#mode;
  }

  /** Whether what the microphone hears is sent. */
  get isMicrophoneOn(): boolean {
    return this.#isMicrophoneOn;
  }

  get isPlaying(): boolean {
    return this.#player.isPlaying;
  }

  /** Resolves when it is idle and has done what follows from that: before, nobody gets it to connect. */
  atRest(): Promise<void> {
    return this.#isAtRest ? Promise.resolve() : new Promise((resolve) => this.#resting.push(resolve));
  }

  connecting(mode: ListenMode): void {
    this.#mode = mode;
    this.#set('connecting');
  }

  /** The channel is open: what the user did to open it goes on. */
  opened(): void {
    this.#loop.schedule(() => this.#listen());
  }

  channelClosed(): void {
    this.#loop.schedule(() => {
      this.#cancelStuck?.();
      this.#set('idle');
    });
  }

  /** The button. In manual mode it is held, see `release`. */
  press(mode: ListenMode = this.#mode): void {
    this.#loop.schedule(() => {
      this.#mode = mode;
      if (this.#state === 'speaking') {
        this.#abort();
        // A held button goes on to listen at once; a tapped one waits for the server.
        if (mode === 'manual') this.#listen();
        else this.#cancelStuck ??= this.#after(STUCK_US, () => this.#stuck());
      } else if (this.#state === 'listening') {
        if (mode !== 'manual') this.#deps.closeChannel();
      } else if (this.#state === 'idle') this.#listen();
    });
  }

  /** Of a held button. */
  release(): void {
    this.#loop.schedule(() => {
      if (this.#state !== 'listening') return;
      this.#deps.send({ type: 'listen', state: 'stop' });
      this.#set('idle');
    });
  }

  wakeWord(text: string): void {
    this.#loop.schedule(() => {
      if (this.#state !== 'speaking') return;
      this.#abort('wake_word_detected');
      this.#deps.send({ type: 'listen', state: 'detect', text });
      if (this.#mode === 'realtime') this.#player.reset();
      this.#listen();
    });
  }

  /** A packet from the server, on the network's own task. */
  audio(packet: Uint8Array): void {
    const nowUs = this.#deps.clock.nowUs();
    this.#arrivals.push(nowUs);
    if (this.#arrivals.length > BURST_PACKETS) this.#arrivals.shift();
    if (this.#arrivals.length === BURST_PACKETS && nowUs - (this.#arrivals[0] ?? nowUs) <= BURST_US) {
      this.#deps.onViolation(`${BURST_PACKETS} packets within ${BURST_US / 1000} ms: a C3 restarts`);
      this.#arrivals.length = 0;
      if (this.#deps.isC3 === true) {
        this.#player.reset();
        this.#deps.closeChannel();
        return;
      }
    }
    if (this.#isAborted && this.#state !== 'speaking') return;
    if (this.#state !== 'speaking') this.#deps.onViolation(`a packet while ${this.#state}: dropped`);
    else if (this.#isResetDue) this.#deps.onViolation('a packet before the decoder was reset: cleared');
    else if (!this.#player.push(packet)) this.#deps.onViolation('a packet to a full queue: dropped');
  }

  message(message: Record<string, unknown>): void {
    switch (message.type) {
      case 'tts':
        this.#tts(message);
        return;
      case 'alert':
        for (const field of ['status', 'message', 'emotion']) {
          if (typeof message[field] !== 'string') this.#deps.onViolation(`an alert without ${field}: ignored`);
        }
        return;
      case 'stt':
      case 'llm':
      case 'mcp':
      case 'system':
      case 'custom':
        return;
      default:
        this.#deps.onViolation(`a message of unknown type ${String(message.type)}`);
    }
  }

  stop(): void {
    this.#loop.stop();
    this.#cancelStuck?.();
    this.#player.reset();
    this.#isMicrophoneOn = false;
    this.#set('idle');
    for (const resolve of this.#resting.splice(0)) resolve();
  }

  #tts(message: Record<string, unknown>): void {
    if (message.state === 'start') {
      this.#loop.schedule(() => {
        this.#isAborted = false;
        this.#set('speaking');
      });
    } else if (message.state === 'stop') {
      this.#loop.schedule(() => {
        this.#cancelStuck?.();
        this.#cancelStuck = null;
        this.#isAborted = false;
        if (this.#state !== 'speaking') return;
        this.#set(this.#mode === 'manual' ? 'idle' : 'listening');
      });
    } else if (message.state === 'sentence_start') {
      if (asObject(message) === null || typeof message.text !== 'string') this.#deps.onViolation('a sentence without text');
    }
  }

  #abort(reason?: string): void {
    this.#isAborted = true;
    this.#deps.send({ type: 'abort', ...(reason !== undefined && { reason }) });
  }

  #stuck(): void {
    if (this.#state === 'speaking') this.#deps.onViolation('no tts stop after an abort: stuck in Speaking');
  }

  /** Goes to Listening; the message goes when the change is acted on. */
  #listen(): void {
    this.#set('listening');
  }

  #set(state: BoardState): void {
    if (state === this.#state) return;
    if (!valid[this.#state].includes(state)) {
      this.#deps.onViolation(`${this.#state} to ${state}: no such change`);
      return;
    }
    this.#state = state;
    this.#isAtRest = false;
    this.#isResetDue = state === 'speaking';
    this.#deps.onState(state);
    this.#loop.stateChanged();
  }

  /** In the pass after the change. */
  #stateChanged(): void {
    switch (this.#state) {
      case 'speaking':
        if (this.#mode !== 'realtime') this.#isMicrophoneOn = false;
        this.#player.reset();
        this.#isResetDue = false;
        return;
      case 'listening':
        // A microphone that never went off says nothing of it.
        if (this.#isMicrophoneOn) return;
        if (this.#mode === 'auto') void this.#player.drained().then(() => this.#startListening());
        else this.#startListening();
        return;
      case 'connecting':
        return;
      case 'idle': {
        this.#isMicrophoneOn = false;
        this.#isAtRest = true;
        for (const resolve of this.#resting.splice(0)) resolve();
        const lost = this.#player.isPlaying ? this.#player.reset() : 0;
        if (lost > 0) this.#deps.onViolation(`${lost} packets of a reply were cut off`);
      }
    }
  }

  #startListening(): void {
    if (this.#state !== 'listening' || this.#isMicrophoneOn) return;
    if (this.#mode !== 'realtime') this.#player.reset();
    this.#deps.send({ type: 'listen', state: 'start', mode: this.#mode });
    this.#isMicrophoneOn = true;
  }

  #after(us: number, callback: () => void): () => void {
    const { clock } = this.#deps;
    return clock.at((clock.nowUs() + us) as MonoUs, callback);
  }
}
