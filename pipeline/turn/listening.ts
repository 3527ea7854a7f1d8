import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import type { SttEngine, SttStream } from '../engines/stt/engine.ts';
import type { Endpointing } from './endpointing.ts';
import { type InterruptionPolicy, judge } from './interruption.ts';
import type { SpeechListener } from './speech-detector.ts';
import { asTalkError, raced, type StageScope } from './stage.ts';
import type { Telling } from './telling.ts';

const FINAL_LIMIT_US = 8_000_000;

/** One stretch of speech and its recognition. */
interface Utterance {
  readonly turnId: number;
  readonly onsetUs: number;
  /** owned: part of the user's turn · contending: spoken into a reply, not decided yet · dismissed: it was nothing. */
  standing: 'owned' | 'contending' | 'dismissed';
  readonly recogniser: Recogniser;
  readonly abort: AbortController;
  speechMs: number;
  partial: string | undefined;
  endUs: number | undefined;
}

/** What listening needs of the turn controller, which decides. */
export interface ListeningHost {
  /** A reply is being made or played. */
  isReplying(): boolean;
  mayInterrupt(): boolean;
  /** The id of the user's turn under way, or else of the one that would be next. */
  userTurnId(): number;
  beginUserTurn(turnId: number): void;
  /** The user went silent in their turn; the transcript is awaited. */
  speechEnded(endUs: number): void;
  /** A part of the user's turn was recognised; `isComplete`: nothing of it is outstanding. */
  recognised(part: { text: string; isFailed: boolean; isComplete: boolean }): void;
  /** Holds the reply for speech that began at `onsetUs`. */
  hold(onsetUs: number): void;
  /** The reply goes on: it was nothing. */
  release(reason: string): void;
  interrupt(reason: string, onsetUs: number): void;
}

export interface ListeningOptions {
  clock: Clock;
  stt: SttEngine;
  language: 'zh' | 'en';
  endpointing: Endpointing;
  policy: InterruptionPolicy;
  telling: Telling;
  signal: AbortSignal;
  clockUs(mediaUs: number): number;
  /** Has the detector take speech under way for a new onset. */
  restart(): void;
  host: ListeningHost;
}

/** Speech to transcripts, and the question whether speech during a reply interrupts it. */
export class Listening implements SpeechListener {
  readonly #options: ListeningOptions;
  readonly #unfinished = new Set<Utterance>();
  #current: Utterance | undefined;
  #cancelFalseTimer: (() => void) | undefined;
  #isHolding = false;

  constructor(options: ListeningOptions) {
    this.#options = options;
  }

  /** Silence that ends the utterance under way, ms. */
  silenceMs(): number {
    return this.#options.endpointing.silenceMs({ language: this.#options.language, partialText: this.#current?.partial ?? '' });
  }

  onset(mediaUs: number): void {
    const { host, clockUs } = this.#options;
    if (!host.isReplying() || !host.mayInterrupt()) return;
    this.#hold(clockUs(mediaUs));
  }

  falseOnset(): void {
    if (!this.#hasContender()) this.#release('too-short');
  }

  started(mediaUs: number, preroll: Int16Array): void {
    const { host, telling, clockUs } = this.#options;
    if (!this.#isHeard()) return;
    const isReplying = host.isReplying();
    const turnId = host.userTurnId();
    const onsetUs = clockUs(mediaUs);
    const abort = new AbortController();
    const utterance: Utterance = {
      turnId,
      onsetUs,
      standing: 'contending',
      recogniser: new Recogniser({
        engine: this.#options.stt,
        language: this.#options.language,
        onPartial: (text) => this.#onPartial(utterance, text),
        scope: this.#scope(turnId, abort),
      }),
      abort,
      speechMs: 0,
      partial: undefined,
      endUs: undefined,
    };
    this.#current = utterance;
    this.#unfinished.add(utterance);
    if (isReplying) this.#hold(onsetUs);
    else this.#own(utterance);
    telling.event({ kind: 'user.speech-started', mediaUs: Math.round(mediaUs), turnId }, onsetUs);
    utterance.recogniser.write(preroll);
  }

  continued(pcm: Int16Array, speechMs: number): void {
    const utterance = this.#current;
    if (!utterance) {
      // It began when nobody was to be heard; now somebody is.
      if (this.#isHeard()) this.#options.restart();
      return;
    }
    utterance.speechMs = speechMs;
    utterance.recogniser.write(pcm);
    this.#judge(utterance, utterance.partial, false);
  }

  ended(mediaUs: number): void {
    const utterance = this.#current;
    if (!utterance) return;
    this.#current = undefined;
    const { clock, telling, clockUs, host, policy } = this.#options;
    const endUs = clockUs(mediaUs);
    utterance.endUs = endUs;
    telling.event({ kind: 'user.speech-ended', mediaUs: Math.round(mediaUs), declaredUs: clock.nowUs(), turnId: utterance.turnId }, endUs);
    if (utterance.standing === 'owned') host.speechEnded(endUs);
    else this.#armFalseTimer(policy.falseTimeoutMs);
    void this.#finish(utterance);
  }

  /** The reply that was spoken into is over: speech under way is simply the user's turn. */
  replyEnded(): void {
    this.#isHolding = false;
    this.#cancelFalseTimer?.();
    this.#ownContenders();
  }

  /** Whatever is being said is not wanted any more: something else took the turn. */
  discard(): void {
    this.#isHolding = false;
    this.#cancelFalseTimer?.();
    this.#current = undefined;
    for (const utterance of this.#unfinished) {
      utterance.standing = 'dismissed';
      utterance.abort.abort();
      utterance.recogniser.close();
    }
    this.#unfinished.clear();
  }

  #scope(turnId: number, abort: AbortController): StageScope {
    const { clock, stt, telling, signal } = this.#options;
    return {
      clock,
      signal: AbortSignal.any([signal, abort.signal]),
      stage: 'stt',
      engine: stt.id,
      onLeak: (stage) => telling.event({ kind: 'stage.leaked', turnId, stage }),
    };
  }

  /** Whether speech that begins now counts. */
  #isHeard(): boolean {
    const { host } = this.#options;
    return !host.isReplying() || host.mayInterrupt();
  }

  #hasContender(): boolean {
    return [...this.#unfinished].some(({ standing }) => standing === 'contending');
  }

  #hold(onsetUs: number): void {
    this.#cancelFalseTimer?.();
    if (this.#isHolding) return;
    this.#isHolding = true;
    this.#options.host.hold(onsetUs);
  }

  #release(reason: string): void {
    if (!this.#isHolding) return;
    this.#isHolding = false;
    this.#cancelFalseTimer?.();
    this.#options.host.release(reason);
  }

  #armFalseTimer(timeoutMs: number): void {
    const { clock } = this.#options;
    this.#cancelFalseTimer?.();
    this.#cancelFalseTimer = clock.at((clock.nowUs() + timeoutMs * 1000) as MonoUs, () => this.#release('timeout'));
  }

  #own(utterance: Utterance): void {
    const { host, telling } = this.#options;
    utterance.standing = 'owned';
    host.beginUserTurn(utterance.turnId);
    if (utterance.partial) telling.message({ kind: 'user-transcript', text: utterance.partial, isFinal: false });
    if (utterance.endUs !== undefined && !this.#current) host.speechEnded(utterance.endUs);
  }

  #ownContenders(): void {
    for (const utterance of this.#unfinished) if (utterance.standing === 'contending') this.#own(utterance);
  }

  #judge(utterance: Utterance, text: string | undefined, isFinal: boolean): void {
    if (utterance.standing !== 'contending') return;
    const { host, policy } = this.#options;
    const verdict = judge(policy, { speechMs: utterance.speechMs, text, isFinal });
    if (verdict.kind === 'interrupt') {
      this.#isHolding = false;
      this.#cancelFalseTimer?.();
      host.interrupt(verdict.reason, utterance.onsetUs);
      this.#ownContenders();
    } else if (verdict.kind === 'resume') {
      utterance.standing = 'dismissed';
      if (!this.#hasContender()) this.#release(verdict.reason);
    }
  }

  #onPartial(utterance: Utterance, text: string): void {
    if (utterance.standing === 'dismissed' || utterance.abort.signal.aborted) return;
    utterance.partial = text;
    const { telling } = this.#options;
    telling.event({ kind: 'stt.partial', text, turnId: utterance.turnId });
    if (utterance.standing === 'owned') telling.message({ kind: 'user-transcript', text, isFinal: false });
    else this.#judge(utterance, text, false);
  }

  async #finish(utterance: Utterance): Promise<void> {
    const { telling, stt, host } = this.#options;
    const { turnId } = utterance;
    let text = '';
    let isFailed = false;
    try {
      const result = await utterance.recogniser.finish();
      text = result.text.trim();
      telling.event({ kind: 'stt.final', text, engine: stt.id, turnId, ...(result.score !== undefined && { score: result.score }) });
    } catch (error) {
      if (utterance.abort.signal.aborted || this.#options.signal.aborted) return;
      isFailed = true;
      const { value } = asTalkError(error, 'stt', stt.id);
      telling.event({ kind: 'engine.error', stage: 'stt', turnId, error: value });
      telling.message({ kind: 'error', error: value });
    } finally {
      utterance.recogniser.close();
    }
    if (!this.#unfinished.has(utterance)) return;
    this.#judge(utterance, text, true);
    this.#unfinished.delete(utterance);
    if (utterance.standing !== 'owned') return;
    if (!isFailed) telling.message({ kind: 'user-transcript', text, isFinal: true });
    const isComplete = ![...this.#unfinished].some(({ standing }) => standing === 'owned');
    host.recognised({ text, isFailed, isComplete });
  }
}

interface RecogniserOptions {
  engine: SttEngine;
  language: string;
  onPartial: (text: string) => void;
  scope: StageScope;
}

/** One recognition stream; audio that comes before the engine has opened it is kept. */
class Recogniser {
  readonly #opening: Promise<SttStream>;
  readonly #scope: StageScope;
  #early: Int16Array[] = [];
  #stream: SttStream | undefined;
  #isClosed = false;
  #fault: { error: unknown } | undefined;

  constructor({ engine, language, onPartial, scope }: RecogniserOptions) {
    this.#scope = scope;
    this.#opening = engine.open({ language, onPartial, signal: scope.signal }).then((stream) => {
      if (this.#isClosed) stream.close();
      this.#stream = stream;
      for (const pcm of this.#early.splice(0)) stream.write(pcm);
      return stream;
    });
    // Told when the utterance is finished.
    this.#opening.catch(() => undefined);
  }

  write(pcm: Int16Array): void {
    if (this.#isClosed || pcm.length === 0) return;
    if (!this.#stream) {
      this.#early.push(pcm);
      return;
    }
    try {
      this.#stream.write(pcm);
    } catch (error) {
      this.#fault ??= { error };
    }
  }

  async finish() {
    const stream = await raced(this.#opening, this.#scope, FINAL_LIMIT_US);
    if (this.#fault) throw this.#fault.error;
    return raced(stream.finish(), this.#scope, FINAL_LIMIT_US);
  }

  close(): void {
    this.#isClosed = true;
    this.#early = [];
    this.#stream?.close();
  }
}
