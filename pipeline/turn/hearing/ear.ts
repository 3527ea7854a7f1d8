import type { NoiseStream, NoiseSuppressor } from '../../engines/noise/engine.ts';
import type { VadEngine, VadStream } from '../../engines/vad/engine.ts';
import type { SpeechDetector, SpeechEnd } from '../speech-detector.ts';
import { CleanSignal } from './clean-signal.ts';
import type { Press } from './press.ts';

/** Audio waiting to be listened to: above the alarm it is told, above the limit the oldest is dropped and counted. */
const LAG_ALARM_US = 500_000;
const BACKLOG_LIMIT_US = 10_000_000;
/** How often, in media time, it is asked in silence what to listen with. */
const LOOK_US = 500_000;
/** So often in a row more audio waits than the time before. */
const GROWTHS_BEHIND = 2;
/** A detector that failed so often within an utterance does not know that it ended. */
const FAILURES_END = 8;

/** What to listen with; taken when nothing is being said. */
export interface EarParts {
  vad: VadEngine;
  noise: NoiseSuppressor | undefined;
  /** The button decides, not the detector. */
  isPressToTalk: boolean;
}

export interface EarOptions {
  parts(): EarParts;
  detector: SpeechDetector;
  press: Press;
  /** The signal as listened to, where noise is taken off: 16 kHz mono that begins at `mediaUs`. */
  onClean(pcm: Int16Array, mediaUs: number): void;
  /** Behind by more than 500 ms of audio; told once until it has caught up. */
  onLag(lagUs: number): void;
  /** Audio that could not wait any longer; told once a stretch, when it has caught up. */
  onDropped(pieces: number): void;
  /** Told once until the engine works again. */
  onError(engine: string, error: unknown): void;
}

interface Piece {
  pcm: Int16Array;
  mediaUs: number;
}
type Mark = { kind: 'press'; onsetUs: number; mediaUs: number } | { kind: 'release'; reason: SpeechEnd } | { kind: 'stall' };

/**
 * Audio to speech, in order and never blocking the caller: noise suppression, windows, the detector, or between a button's press and
 * release everything. What it listens with is exchanged between utterances.
 */
export class Ear {
  readonly #options: EarOptions;
  readonly #backlog: (Piece | Mark)[] = [];
  #backlogSamples = 0;
  #isLagging = false;
  #dropped = 0;
  #isWorking = false;
  #isClosed = false;
  #parts: EarParts | undefined;
  #lookedUs = Number.NEGATIVE_INFINITY;
  #vad: VadStream | undefined;
  #vadEngine: VadEngine | undefined;
  #noise: CleanSignal | undefined;
  #noiseBrokenUntilUs = Number.NEGATIVE_INFINITY;
  #lookedLagUs = 0;
  #growths = 0;
  #failures = 0;
  readonly #failing = new Set<string>();
  #pending: Int16Array = new Int16Array(0);
  #pendingMediaUs = 0;

  constructor(options: EarOptions) {
    this.#options = options;
  }

  hear(pcm: Int16Array, mediaUs: number): void {
    if (this.#isClosed) return;
    this.#backlogSamples += pcm.length;
    this.#push({ pcm, mediaUs });
    while (this.#lagUs > BACKLOG_LIMIT_US) {
      const oldest = this.#backlog.findIndex((item) => 'pcm' in item);
      const [piece] = this.#backlog.splice(oldest, 1);
      if (piece && 'pcm' in piece) this.#backlogSamples -= piece.pcm.length;
      this.#dropped += 1;
    }
    if (!this.#isLagging && this.#lagUs > LAG_ALARM_US) {
      this.#isLagging = true;
      this.#options.onLag(this.#lagUs);
    }
  }

  /** The board has stopped sending: what it said until now is all. */
  stalled(): void {
    this.#push({ kind: 'stall' });
  }

  /** What is heard from here on is the user's, until `release`. */
  press(onsetUs: number, mediaUs: number): void {
    this.#push({ kind: 'press', onsetUs, mediaUs });
  }

  release(reason: SpeechEnd): void {
    this.#push({ kind: 'release', reason });
  }

  close(): void {
    this.#isClosed = true;
    this.#caughtUp();
    this.#backlog.length = 0;
    this.#vad?.close();
    this.#noise?.close();
  }

  #caughtUp(): void {
    this.#isLagging = false;
    const dropped = this.#dropped;
    this.#dropped = 0;
    if (dropped > 0) this.#options.onDropped(dropped);
  }

  get #lagUs(): number {
    return (this.#backlogSamples / 16) * 1000;
  }

  #push(item: Piece | Mark): void {
    if (this.#isClosed) return;
    this.#backlog.push(item);
    if (!this.#isWorking) void this.#work();
  }

  /** One at a time; ends when the backlog is empty and is started again by the next piece. */
  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let next = this.#backlog.shift(); next && !this.#isClosed; next = this.#backlog.shift()) {
      try {
        if ('pcm' in next) {
          this.#backlogSamples -= next.pcm.length;
          await this.#listen(next);
        } else await this.#mark(next);
      } catch (error) {
        // Whoever listens has a fault: the conversation goes on with the next piece.
        this.#tell('hearing', error);
      }
    }
    this.#caughtUp();
    this.#isWorking = false;
  }

  async #mark(mark: Mark): Promise<void> {
    const { press, detector } = this.#options;
    // What the suppressor still holds belongs to it.
    if (press.isDown || !detector.isIdle) await this.#flush();
    if (this.#isClosed) return;
    if (mark.kind === 'press') {
      // What was being said when the button became the one that decides is a stretch of its own.
      detector.end('released');
      press.begin(mark.onsetUs, mark.mediaUs);
      // A board with a button may send nothing but what is said while it is down.
      await this.#choose(mark.mediaUs);
    } else if (press.isDown) {
      if (mark.kind === 'release') press.end(mark.reason);
    } else detector.end(mark.kind === 'stall' ? 'stalled' : mark.reason);
  }

  async #listen({ pcm, mediaUs }: Piece): Promise<void> {
    await this.#look(mediaUs);
    const noise = this.#noise;
    if (!noise || this.#isClosed) {
      if (!this.#isClosed) await this.#detect(pcm, mediaUs);
      return;
    }
    try {
      for (const piece of await noise.process(pcm, mediaUs)) await this.#clean(piece);
      this.#failing.delete(noise.id);
    } catch (error) {
      // It is better to hear noise than nothing.
      this.#noiseBrokenUntilUs = mediaUs + BACKLOG_LIMIT_US;
      this.#dropNoise(error);
      if (!this.#isClosed) await this.#detect(pcm, mediaUs);
    }
  }

  async #clean({ pcm, mediaUs }: Piece): Promise<void> {
    if (this.#isClosed) return;
    this.#options.onClean(pcm, mediaUs);
    await this.#detect(pcm, mediaUs);
  }

  /** Between utterances: is anything else to be listened with from now on? */
  async #look(mediaUs: number): Promise<void> {
    const { detector, press } = this.#options;
    if (press.isDown || !detector.isIdle || (this.#parts && Math.abs(mediaUs - this.#lookedUs) < LOOK_US)) return;
    await this.#choose(mediaUs);
  }

  async #choose(mediaUs: number): Promise<void> {
    this.#lookedUs = mediaUs;
    this.#parts = this.#options.parts();
    const { vad, noise } = this.#parts;
    if (this.#fallsBehind() && this.#noise) this.#noiseBrokenUntilUs = mediaUs + BACKLOG_LIMIT_US;
    const wanted = mediaUs >= this.#noiseBrokenUntilUs ? noise : undefined;
    if (this.#noise?.engine !== wanted) {
      await this.#flush();
      this.#noise?.close();
      this.#noise = undefined;
      if (wanted && !this.#isClosed) await this.#openNoise(wanted, mediaUs);
    }
    if (this.#vadEngine !== vad) {
      this.#vad?.close();
      this.#vad = undefined;
      this.#vadEngine = vad;
      this.#pending = new Int16Array(0);
    }
  }

  /** A suppressor that cannot keep up is left out for a while; one that only took its time to begin catches up. */
  #fallsBehind(): boolean {
    const lagUs = this.#lagUs;
    this.#growths = lagUs > LAG_ALARM_US && lagUs > this.#lookedLagUs ? this.#growths + 1 : 0;
    this.#lookedLagUs = lagUs;
    return this.#growths >= GROWTHS_BEHIND;
  }

  async #openNoise(engine: NoiseSuppressor, mediaUs: number): Promise<void> {
    try {
      const stream: NoiseStream = await engine.open();
      if (this.#isClosed) stream.close();
      else this.#noise = new CleanSignal(engine, stream);
    } catch (error) {
      this.#noiseBrokenUntilUs = mediaUs + BACKLOG_LIMIT_US;
      this.#tell(engine.id, error);
    }
  }

  async #flush(): Promise<void> {
    if (!this.#noise) return;
    try {
      const rest = await this.#noise.flush();
      if (rest) await this.#clean(rest);
    } catch (error) {
      this.#dropNoise(error);
    }
  }

  #dropNoise(error: unknown): void {
    if (!this.#noise) return;
    const { id } = this.#noise;
    this.#noise.close();
    this.#noise = undefined;
    this.#tell(id, error);
  }

  async #detect(pcm: Int16Array, mediaUs: number): Promise<void> {
    const { press } = this.#options;
    if (press.isDown) {
      press.continued(pcm, mediaUs);
      return;
    }
    if (this.#parts?.isPressToTalk) return;
    const pendingEndUs = this.#pendingMediaUs + (this.#pending.length / 16) * 1000;
    // After a gap the rest of a window is not worth joining to what follows, and the detector begins anew.
    if (this.#pending.length === 0 || mediaUs > pendingEndUs + 1) {
      if (mediaUs > pendingEndUs + LOOK_US) this.#vad?.reset();
      // What comes may never fill a window: that nothing came before it is known now.
      this.#options.detector.passOver(mediaUs);
      this.#pending = new Int16Array(0);
      this.#pendingMediaUs = mediaUs;
    }
    const joined = new Int16Array(this.#pending.length + pcm.length);
    joined.set(this.#pending);
    joined.set(pcm, this.#pending.length);
    this.#pending = joined;
    await this.#windows();
  }

  async #windows(): Promise<void> {
    const { detector } = this.#options;
    const id = this.#vadEngine?.id ?? 'vad';
    try {
      this.#vad ??= await this.#vadEngine?.open();
    } catch (error) {
      this.#pending = new Int16Array(0);
      this.#tell(id, error);
      return;
    }
    const stream = this.#vad;
    if (!stream) return;
    if (this.#isClosed) {
      stream.close();
      return;
    }
    while (this.#pending.length >= stream.frameSamples) {
      const window = this.#pending.slice(0, stream.frameSamples);
      const windowUs = this.#pendingMediaUs;
      this.#pending = this.#pending.subarray(stream.frameSamples);
      this.#pendingMediaUs += (stream.frameSamples / 16) * 1000;
      try {
        const probability = await stream.process(window);
        if (this.#isClosed) return;
        this.#failures = 0;
        this.#failing.delete(id);
        detector.push(window, windowUs, probability);
      } catch (error) {
        // The window is lost, the conversation goes on.
        this.#tell(id, error);
        if (this.#isClosed) return;
        if (++this.#failures === FAILURES_END) detector.end('stalled');
      }
    }
  }

  #tell(engine: string, error: unknown): void {
    if (this.#isClosed || this.#failing.has(engine)) return;
    this.#failing.add(engine);
    this.#options.onError(engine, error);
  }
}
