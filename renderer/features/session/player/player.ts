import type { Lab } from '../../../lib/lab.ts';
import { Fetching } from './fetching.ts';
import { type PlayerCommand, type PlayerReport, SAMPLE_RATE } from './messages.ts';
// oxlint-disable-next-line import/default -- what the bundler gives is the address of the file
import workletUrl from './player-worklet.ts?worker&url';
import { HOP } from './stretch.ts';
import { fastest, slowest, type Track, tracks } from './tracks.ts';
import { wavSamples } from './wav-samples.ts';

export interface PlayerSource {
  sessionId: string;
  conversationId: string;
}

export interface PlayerEvents {
  /** Once a frame while it plays: what is heard now, microseconds from the session's start. */
  onMove(us: number): void;
  /** `isWaiting`: it would play, and has no sound yet. */
  onState(state: { isPlaying: boolean; isWaiting: boolean }): void;
  onFailure(error: unknown): void;
}

const samplesPerMs = SAMPLE_RATE / 1000;
const sampleOf = (us: number) => Math.round((us / 1000) * samplesPerMs);
/** Levels change over some milliseconds: a jump would be heard as a click. */
const levelTimeS = 0.012;
const restMs = 500;
const blockUs = (HOP / SAMPLE_RATE) * 1e6;

interface Output {
  context: AudioContext;
  node: AudioWorkletNode;
  gains: Record<Track, GainNode>;
}

/**
 * Plays both tracks of a conversation in sync, as the two channels of one signal, at any speed with its pitch kept. Sound is fetched
 * in pieces ahead of where it plays; the position is read from the audio clock, never counted in frames.
 */
export class Player {
  readonly #lab: Lab;
  readonly #source: PlayerSource;
  readonly #events: PlayerEvents;
  readonly #fetching: Fetching<Int16Array<ArrayBuffer>>;
  readonly #levels: Record<Track, number> = { user: 1, agent: 1 };
  /** Fetched before there was an audio thread to give it to. */
  #held: PlayerCommand[] = [];
  #output: Output | null = null;
  #opening: Promise<Output> | null = null;
  #report: PlayerReport | null = null;
  #seeks = 0;
  #isWanted = false;
  #isWaiting = false;
  #isClosed = false;
  #rate = 1;
  #loop: { fromUs: number; toUs: number } | null = null;
  #isDenoised = false;
  #endUs = 0;
  #frame = 0;
  #movedUs: number | null = null;

  /** There is nothing to play until it is told where the sound ends. */
  constructor(lab: Lab, source: PlayerSource, events: PlayerEvents) {
    this.#lab = lab;
    this.#source = source;
    this.#events = events;
    this.#fetching = new Fetching(0, {
      fetch: ({ fromMs, toMs }) => this.#sound(fromMs * 1000, toMs * 1000),
      onPiece: ({ fromMs }, samples) => this.#send({ kind: 'piece', at: fromMs * samplesPerMs, samples }),
      onDrop: ({ fromMs }) => this.#send({ kind: 'drop', at: fromMs * samplesPerMs }),
      onFailure: (error) => this.#fail(error),
    });
  }

  /** The place it told last: a cursor that stands there was moved by nobody else. */
  get movedUs(): number | null {
    return this.#movedUs;
  }

  get isPlaying(): boolean {
    return this.#isWanted;
  }

  /** Fetches what would be heard first, so that it is there when somebody presses play. */
  prepare(us: number): void {
    if (!this.#isWanted && us < this.#endUs) this.#fetching.want(us / 1000, this.#rate, this.#loopMs());
  }

  play(fromUs: number): void {
    if (this.#isClosed) return;
    this.#isWanted = true;
    this.#events.onState({ isPlaying: true, isWaiting: false });
    this.seek(fromUs);
    this.#open()
      .then((output) => {
        // Stopped before it had begun: the speaker is let go.
        if (!this.#isWanted) return this.#isClosed ? undefined : output.context.suspend();
        this.#send({ kind: 'play' });
        this.#frame ||= requestAnimationFrame(this.#tick);
        return output.context.resume();
      })
      .catch((error: unknown) => this.#fail(error));
  }

  stop(): void {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#isWaiting = false;
    this.#send({ kind: 'pause' });
    this.#events.onState({ isPlaying: false, isWaiting: false });
    // After the last block has faded out, the speaker can be let go.
    setTimeout(() => {
      if (!this.#isWanted && !this.#isClosed) void this.#output?.context.suspend();
    }, restMs);
  }

  /** While it plays, it goes on from there without a click. */
  seek(us: number): void {
    this.#seeks += 1;
    this.#send({ kind: 'seek', at: sampleOf(us) });
    this.#fetching.want(us / 1000, this.#rate, this.#loopMs());
  }

  setRate(rate: number): void {
    this.#rate = Math.min(fastest, Math.max(slowest, rate));
    this.#send({ kind: 'rate', rate: this.#rate });
  }

  /** Null: to the end and no further. */
  setLoop(range: { fromUs: number; toUs: number } | null): void {
    this.#loop = range;
    this.#send({ kind: 'loop', loop: range === null ? null : { from: sampleOf(range.fromUs), to: sampleOf(range.toUs) } });
  }

  setLevel(track: Track, level: number): void {
    this.#levels[track] = level;
    const output = this.#output;
    output?.gains[track].gain.setTargetAtTime(level, output.context.currentTime, levelTimeS);
  }

  /** The user as listened to, where that was recorded. */
  setDenoised(isDenoised: boolean): void {
    if (isDenoised === this.#isDenoised) return;
    this.#isDenoised = isDenoised;
    this.#fetching.clear();
    this.#send({ kind: 'clear' });
    const us = this.#position();
    if (us !== null) this.#fetching.want(us / 1000, this.#rate, this.#loopMs());
  }

  /** A recording that goes on has another end every second. */
  setEnd(us: number): void {
    this.#endUs = us;
    this.#fetching.endMs = Math.floor(us / 1000);
    this.#send({ kind: 'end', at: sampleOf(us) });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isWanted = false;
    cancelAnimationFrame(this.#frame);
    this.#fetching.clear();
    const output = await this.#opening?.catch(() => null); // it never opened: there is nothing to close
    await output?.context.close();
  }

  /** What the audio thread goes round. */
  #loopNow(): { fromUs: number; toUs: number } | null {
    if (this.#loop === null) return null;
    const { fromUs } = this.#loop;
    const toUs = Math.min(Math.max(this.#loop.toUs, fromUs + blockUs), this.#endUs);
    return toUs - fromUs >= blockUs ? { fromUs, toUs } : null;
  }

  #loopMs(): { fromMs: number; toMs: number } | null {
    return this.#loop === null ? null : { fromMs: this.#loop.fromUs / 1000, toMs: this.#loop.toUs / 1000 };
  }

  async #sound(fromUs: number, toUs: number): Promise<Int16Array<ArrayBuffer>> {
    const { sessionId: id, conversationId } = this.#source;
    // Never cancelled: a piece takes a few milliseconds, and a job that is given up can cost its thread.
    const { wav } = await this.#lab.call('sessions.audio', { id, conversationId, fromUs, toUs, isDenoised: this.#isDenoised });
    return wavSamples(wav);
  }

  #send(command: PlayerCommand): void {
    const node = this.#output?.node;
    if (node !== undefined) node.port.postMessage(command, command.kind === 'piece' ? [command.samples.buffer] : []);
    else this.#hold(command);
  }

  /** Who only looks around a session never gives the audio thread anything: what is dropped must not be held for it. */
  #hold(command: PlayerCommand): void {
    if (command.kind === 'drop' || command.kind === 'clear')
      this.#held = this.#held.filter((each) => each.kind !== 'piece' || (command.kind === 'drop' && each.at !== command.at));
    else if (command.kind === 'end') this.#held = [...this.#held.filter(({ kind }) => kind !== 'end'), command];
    else this.#held.push(command);
  }

  #open(): Promise<Output> {
    // What failed is tried anew at the next press.
    this.#opening ??= this.#start().catch((error: unknown) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  async #start(): Promise<Output> {
    const context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });
    // Before the audio thread's module: a context is resumed only in what the user did.
    const running = context.resume();
    try {
      await context.audioWorklet.addModule(workletUrl);
    } catch (error) {
      running.catch(() => undefined); // whether it ran says nothing any more
      await context.close();
      throw error;
    }
    const node = new AudioWorkletNode(context, 'talkbench-recording', { numberOfInputs: 0, outputChannelCount: [2] });
    const splitter = context.createChannelSplitter(2);
    const gains = { user: context.createGain(), agent: context.createGain() };
    node.connect(splitter);
    for (const [index, track] of tracks.entries()) {
      gains[track].gain.value = this.#levels[track];
      splitter.connect(gains[track], index);
      gains[track].connect(context.destination);
    }
    node.port.onmessage = ({ data }: MessageEvent<PlayerReport>) => this.#hear(data);
    this.#output = { context, node, gains };
    const held = this.#held;
    this.#held = [];
    this.#send({ kind: 'end', at: sampleOf(this.#endUs) });
    for (const command of held) this.#send(command);
    await running;
    return this.#output;
  }

  #hear(report: PlayerReport): void {
    if (report.seeks !== this.#seeks) return;
    this.#report = report;
    if (!this.#isWanted) return;
    if (report.state === 'ended') {
      this.#move(this.#endUs);
      this.stop();
      return;
    }
    const isWaiting = report.state === 'waiting';
    if (isWaiting !== this.#isWaiting) {
      this.#isWaiting = isWaiting;
      this.#events.onState({ isPlaying: true, isWaiting });
    }
  }

  /** What leaves the speaker now. */
  #position(): number | null {
    const [report, context] = [this.#report, this.#output?.context];
    if (report === null || context === undefined) return null;
    const elapsedS = report.state === 'playing' ? context.currentTime - report.atS - (context.outputLatency || 0) : 0;
    const us = (report.position / samplesPerMs) * 1000 + elapsedS * 1_000_000 * this.#rate;
    const loop = this.#loopNow();
    if (loop !== null && us >= loop.toUs && report.position < sampleOf(loop.toUs))
      return loop.fromUs + ((us - loop.fromUs) % (loop.toUs - loop.fromUs));
    return Math.min(Math.max(0, us), this.#endUs);
  }

  readonly #tick = (): void => {
    this.#frame = 0;
    if (!this.#isWanted) return;
    const us = this.#report?.seeks === this.#seeks ? this.#position() : null;
    if (us !== null) {
      this.#fetching.want(us / 1000, this.#rate, this.#loopMs());
      this.#move(us);
    }
    this.#frame = requestAnimationFrame(this.#tick);
  };

  #move(us: number): void {
    this.#movedUs = Math.round(us);
    this.#events.onMove(this.#movedUs);
  }

  #fail(error: unknown): void {
    // What was only fetched ahead is asked for again when it is to be played, and then what is wrong is told.
    if (this.#isClosed || !this.#isWanted) return;
    this.stop();
    this.#events.onFailure(error);
  }
}
