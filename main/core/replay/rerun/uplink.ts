import type { RerunPace } from '../../../../preload/contract/replay.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import { createSilence, framesOf, type WireFormat } from './frames.ts';
import type { RecordedConversation, RecordedCue } from './recording.ts';

/** A capture that is further behind than this is not caught up with, as a DMA ring loses what nobody fetched. */
const MAX_BEHIND_US = 1_000_000;
/** Before an utterance's first sound, so that its beginning is heard as it was. */
const PREROLL_US = 500_000;
/** After the last thing that happened. */
const TAIL_US = 500_000;

export interface UplinkDeps {
  clock: Clock;
  pace: RerunPace;
  format: WireFormat;
  /** One frame's packet; `isRecorded` false: silence, put in where nothing recorded is due. */
  send(packet: Uint8Array, isRecorded: boolean): void;
  cue(cue: RecordedCue): void;
  /** The first and last sound of an utterance go out. */
  onSpeech(kind: 'started' | 'ended', index: number): void;
  /** Whether utterance `index` may begin, or, of the one after the last, whether all of it is over. */
  mayGoOn(index: number): boolean;
  onProgress(doneUs: number, totalUs: number): void;
}

/**
 * The recorded microphone of a virtual device: a packet each frame interval on absolute deadlines, the recorded ones in their order and
 * at their distance, silence in between and for as long as something is waited for.
 */
export class RecordedUplink {
  readonly #deps: UplinkDeps;
  readonly #frames: readonly (Uint8Array | null)[];
  readonly #cues: RecordedCue[];
  readonly #speech: readonly { from: number; to: number; hold: number }[];
  readonly #silence: ReturnType<typeof createSilence>;
  readonly #ended = Promise.withResolvers<void>();
  readonly packets: number;
  readonly exactPackets: number;
  /** Of the recording that is heard again. */
  readonly totalUs: number;
  filledFrames = 0;
  sentPackets = 0;
  #position = 0;
  /** The utterance that is next to begin. */
  #next = 0;
  #speaking: number | null = null;
  #cancel: (() => void) | null = null;

  constructor(recorded: RecordedConversation, deps: UplinkDeps) {
    this.#deps = deps;
    const frameUs = deps.format.frameMs * 1000;
    const { frames, packets, exactPackets } = framesOf(recorded.packets, deps.format);
    const frameAt = (us: number) => Math.max(0, Math.floor(us / frameUs));
    const { speech } = recorded;
    // Silence in which nothing happened any more is not waited through again.
    const length = speech.length === 0 ? frames.length : Math.min(frames.length, frameAt(recorded.lastUs + TAIL_US) + 1);
    this.#frames = frames.slice(0, length);
    this.packets = packets;
    this.exactPackets = exactPackets;
    this.totalUs = length * frameUs;
    this.#cues = recorded.cues.filter(({ atUs }) => atUs <= this.totalUs + TAIL_US).sort((one, other) => one.atUs - other.atUs);
    this.#silence = createSilence(deps.format);
    let free = 0;
    this.#speech = speech
      .filter(({ startUs }) => startUs < this.totalUs)
      .map(({ startUs, endUs }) => {
        const hold = Math.max(free, frameAt(startUs - PREROLL_US));
        const to = Math.max(frameAt(startUs), Math.min(frameAt(endUs), length - 1));
        free = to + 1;
        return { from: Math.max(hold, frameAt(startUs)), to, hold };
      });
    const [first] = this.#speech;
    if (deps.pace === 'turns' && first !== undefined) this.#position = first.hold;
  }

  /** Resolves when everything has been said and, as `mayGoOn` has it, answered. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  start(): void {
    this.#tickAt(this.#deps.clock.nowUs());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#silence.close();
  }

  #tickAt(atUs: MonoUs): void {
    const { clock, format } = this.#deps;
    this.#cancel = clock.at(atUs, () => {
      const nowUs = clock.nowUs();
      const fromUs = nowUs - atUs > MAX_BEHIND_US ? nowUs : atUs;
      this.#tickAt((fromUs + format.frameMs * 1000) as MonoUs);
      this.#frame();
    });
  }

  #frame(): void {
    const { pace, mayGoOn } = this.#deps;
    if (this.#position >= this.#frames.length) {
      this.#tellCues(Number.POSITIVE_INFINITY);
      this.#fill();
      if (mayGoOn(this.#speech.length)) this.#finish();
      return;
    }
    const next = this.#speech[this.#next];
    if (pace === 'turns' && next !== undefined && this.#position === next.hold && !mayGoOn(this.#next)) {
      this.#fill();
      return;
    }
    this.#say();
  }

  #say(): void {
    const { format, send, onProgress, onSpeech } = this.#deps;
    const at = this.#position;
    this.#tellCues(at * format.frameMs * 1000);
    const next = this.#speech[this.#next];
    if (next !== undefined && at >= next.from) {
      this.#speaking = this.#next;
      this.#next += 1;
      onSpeech('started', this.#speaking);
    }
    const packet = this.#frames[at];
    if (packet == null) this.#fill();
    else {
      this.sentPackets += 1;
      send(packet, true);
    }
    this.#position += 1;
    if (this.#speaking !== null && at >= (this.#speech[this.#speaking]?.to ?? at)) {
      onSpeech('ended', this.#speaking);
      this.#speaking = null;
    }
    onProgress(this.#position * format.frameMs * 1000, this.totalUs);
  }

  #fill(): void {
    this.filledFrames += 1;
    this.#deps.send(this.#silence.next(), false);
  }

  #tellCues(untilUs: number): void {
    for (let cue = this.#cues[0]; cue !== undefined && cue.atUs <= untilUs; cue = this.#cues[0]) {
      this.#cues.shift();
      this.#deps.cue(cue);
    }
  }

  #finish(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#ended.resolve();
  }
}
