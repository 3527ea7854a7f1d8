import type { Lab } from '../../lib/lab.ts';

/** Audio is fetched in pieces this long, the next one while the present one plays. */
const pieceUs = 20_000_000;
/** How far ahead of its end the next piece is asked for. */
const fetchAheadS = 8;

export interface PlayerSource {
  sessionId: string;
  conversationId: string;
  /** Where the conversation's audio ends. */
  endUs: number;
}

export interface PlayerEvents {
  /** About once a frame while playing. */
  onMove(us: number): void;
  /** Played to the end, or was stopped. */
  onStop(): void;
  onFailure(error: unknown): void;
}

/**
 * Plays both tracks of a conversation in sync: they are the two channels of one buffer, so nothing can drift. Position is
 * read from the audio clock, never counted in frames.
 */
export class Player {
  readonly #lab: Lab;
  readonly #source: PlayerSource;
  readonly #events: PlayerEvents;
  readonly #levels = { user: 1, agent: 1 };
  #context: AudioContext | null = null;
  #gains: { user: GainNode; agent: GainNode } | null = null;
  #abort: AbortController | null = null;

  constructor(lab: Lab, source: PlayerSource, events: PlayerEvents) {
    this.#lab = lab;
    this.#source = source;
    this.#events = events;
  }

  setMuted(track: 'user' | 'agent', isMuted: boolean): void {
    this.#levels[track] = isMuted ? 0 : 1;
    if (this.#gains !== null) this.#gains[track].gain.value = this.#levels[track];
  }

  play(fromUs: number): void {
    this.stop();
    const abort = new AbortController();
    this.#abort = abort;
    this.#run(fromUs, abort.signal).catch((error: unknown) => {
      if (abort.signal.aborted) return;
      this.stop();
      this.#events.onFailure(error);
    });
  }

  stop(): void {
    if (this.#abort === null) return;
    this.#abort.abort();
    this.#abort = null;
    this.#events.onStop();
  }

  async close(): Promise<void> {
    this.stop();
    await this.#context?.close();
    this.#context = null;
  }

  async #run(fromUs: number, signal: AbortSignal): Promise<void> {
    const context = this.#openContext();
    await context.resume();
    let nextUs = fromUs;
    let anchor: { contextS: number; us: number } | null = null;
    let bufferedUntilS = 0;

    const frame = (): void => {
      if (signal.aborted || anchor === null) return;
      const us = anchor.us + (context.currentTime - anchor.contextS) * 1_000_000;
      if (us >= this.#source.endUs) {
        this.#events.onMove(this.#source.endUs);
        this.stop();
        return;
      }
      this.#events.onMove(Math.max(us, anchor.us));
      requestAnimationFrame(frame);
    };

    while (!signal.aborted && nextUs < this.#source.endUs) {
      const toUs = Math.min(nextUs + pieceUs, this.#source.endUs);
      const { sessionId: id, conversationId } = this.#source;
      const piece = await this.#lab.call('sessions.audio', { id, conversationId, fromUs: Math.round(nextUs), toUs }, { signal });
      const buffer = await context.decodeAudioData(piece.wav.slice().buffer);
      if (signal.aborted) return;
      const isFirst = anchor === null;
      anchor ??= { contextS: context.currentTime + 0.05, us: piece.fromUs };
      const startS = anchor.contextS + (piece.fromUs - anchor.us) / 1_000_000;
      this.#schedule(context, buffer, startS, signal);
      if (isFirst) requestAnimationFrame(frame);
      bufferedUntilS = startS + buffer.duration;
      nextUs = toUs;
      await this.#wait((bufferedUntilS - context.currentTime - fetchAheadS) * 1000, signal);
    }
  }

  #openContext(): AudioContext {
    if (this.#context !== null) return this.#context;
    const context = new AudioContext();
    const [user, agent] = [context.createGain(), context.createGain()];
    user.gain.value = this.#levels.user;
    agent.gain.value = this.#levels.agent;
    user.connect(context.destination);
    agent.connect(context.destination);
    this.#context = context;
    this.#gains = { user, agent };
    return context;
  }

  #schedule(context: AudioContext, buffer: AudioBuffer, startS: number, signal: AbortSignal): void {
    if (this.#gains === null) return;
    const source = context.createBufferSource();
    const splitter = context.createChannelSplitter(2);
    source.buffer = buffer;
    source.connect(splitter);
    splitter.connect(this.#gains.user, 0);
    splitter.connect(this.#gains.agent, 1);
    // A piece that arrives late starts inside itself, so that what is heard stays where the cursor is.
    const lateS = Math.max(0, context.currentTime - startS);
    source.start(Math.max(startS, context.currentTime), lateS);
    signal.addEventListener('abort', () => source.stop(), { once: true });
    source.onended = () => splitter.disconnect();
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    if (ms <= 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
    });
  }
}
