import type { Settings } from '../../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { CompletenessModel } from '../../engines/completeness/engine.ts';
import { type EndpointWait, endpointWait, PauseMemory } from '../endpointing.ts';
import type { ListeningHost } from '../listening.ts';
import type { SpeechEnd } from '../speech-detector.ts';
import type { Telling } from '../telling.ts';
import { joinParts } from '../words.ts';
import { Judgement } from './judgement.ts';

/** A partial transcript that has not changed for so long may be the final one. */
const STABLE_US = 200_000;
/** Who goes on so soon after they were answered had not ended (reference/voice.md §2.2). */
const PREMATURE_US = 1_500_000;

export interface UsersTurnOptions {
  clock: Clock;
  language: string;
  model: CompletenessModel;
  telling: Pick<Telling, 'event'>;
  host: Pick<ListeningHost, 'recognised' | 'endpoint' | 'mayBeComplete' | 'userTurnId'>;
  /** What was heard last, for models that listen. */
  audio(): Int16Array | undefined;
  /** The model gave no answer. */
  onModelError?(error: unknown): void;
}

type Turns = Settings['turns'];

/** One stretch of the user's speech, recognised. */
export interface RecognisedStretch {
  turnId: number;
  text: string;
  isFailed: boolean;
  emotion?: string;
  endUs: number;
  end: SpeechEnd;
  /** Other stretches of the turn are still being spoken or recognised. */
  isOutstanding: boolean;
}

/**
 * When the user's turn is over: its stretches so far, and the silence that is waited for since the last of them ended. The wait is
 * always counted from the end of speech; a transcript that comes after it commits at once.
 */
export class UsersTurn {
  readonly #options: UsersTurnOptions;
  readonly #judgement: Judgement;
  readonly #pauses = new PauseMemory();
  #turnId = 0;
  #parts: string[] = [];
  #endUs: number | undefined;
  #committedUs: number | undefined;
  #turns: Turns | undefined;
  #cancelStable: (() => void) | undefined;
  #cancelEndpoint: (() => void) | undefined;
  #isOpen = false;
  #mayGoOn = false;
  #isDue = false;
  #reason = '';
  #told = '';

  constructor(options: UsersTurnOptions) {
    this.#options = options;
    const { model, language, onModelError } = options;
    this.#judgement = new Judgement({
      model,
      language,
      onAnswer: () => this.#reconsider(),
      ...(onModelError && { onError: onModelError }),
    });
  }

  /** The silence that ends the stretch under way, whose text so far is `partial`; a model that listens is asked only in a pause. */
  stretchWait(turns: Turns, partial: string, isPause: boolean): EndpointWait {
    const text = partial === '' ? '' : this.#said(this.#options.host.userTurnId(), partial);
    return this.#wait(turns, text, 'stretch', isPause);
  }

  /** Told when it changes. */
  tell(wait: EndpointWait, turnId: number): void {
    const key = `${turnId} ${wait.silenceMs} ${wait.reason} ${wait.completeness}`;
    if (key === this.#told) return;
    this.#told = key;
    this.#options.telling.event({ kind: 'endpoint.asked', turnId, ...wait });
  }

  /** Speech may go on: nothing is committed before that is known. */
  onset(): void {
    this.#mayGoOn = true;
  }

  falseOnset(): void {
    this.#mayGoOn = false;
    if (this.#isDue) this.#commit();
  }

  /** A stretch of the turn begins. */
  speechBegan(turnId: number, onsetUs: number): void {
    this.#mayGoOn = false;
    this.#isDue = false;
    this.#cancelEndpoint?.();
    if (this.#isOpen && turnId === this.#turnId && this.#endUs !== undefined) this.paused((onsetUs - this.#endUs) / 1000);
    this.#judgement.forget();
  }

  /** They paused, and went on. */
  paused(pauseMs: number): void {
    if (pauseMs > 0) this.#pauses.paused(pauseMs);
    this.#judgement.forget();
  }

  /** They cut the answer: was it given too soon? */
  interrupted(onsetUs: number): void {
    if (this.#committedUs === undefined || this.#endUs === undefined) return;
    if (onsetUs - this.#committedUs <= PREMATURE_US) this.#pauses.cutOff((onsetUs - this.#endUs) / 1000);
  }

  partial(turnId: number, text: string): void {
    const { clock, host } = this.#options;
    this.#cancelStable?.();
    this.#cancelStable = clock.at((clock.nowUs() + STABLE_US) as MonoUs, () => {
      const said = this.#said(turnId, text);
      host.mayBeComplete(said, this.completeness(said) ?? 0.5);
    });
  }

  recognised(turns: Turns, stretch: RecognisedStretch): void {
    const { clock, host } = this.#options;
    const { turnId, text, isFailed, emotion, end } = stretch;
    this.#cancelStable?.();
    if (turnId !== this.#turnId) this.#parts = [];
    this.#turnId = turnId;
    if (text !== '' || this.#parts.length === 0) this.#endUs = stretch.endUs;
    if (text !== '') this.#parts.push(text);
    const part = { text, isFailed, ...(emotion !== undefined && { emotion }) };
    if (stretch.isOutstanding) {
      this.#isOpen = true;
      host.recognised({ ...part, isComplete: false, reason: end });
      return;
    }
    const said = joinParts(this.#parts);
    const isForced = end === 'released' || end === 'too-long';
    const wait = isForced ? { silenceMs: 0, reason: end } : this.#wait(turns, said, 'turn');
    this.tell(wait, turnId);
    if (said === '' || isForced || turns.endpointing !== 'semantic' || this.#dueUs(wait) <= clock.nowUs()) {
      this.#close();
      host.recognised({ ...part, isComplete: true, reason: wait.reason });
      return;
    }
    this.#isOpen = true;
    this.#turns = turns;
    host.recognised({ ...part, isComplete: false, reason: wait.reason });
    host.mayBeComplete(said, wait.completeness ?? 0.5);
    this.#arm(wait);
  }

  /** How complete it sounds, 0..1, as far as is known now. */
  completeness(text: string): number | undefined {
    return this.#judgement.of(text)?.probability;
  }

  /** Something else took the turn. */
  discard(): void {
    this.#close();
    this.#committedUs = undefined;
    this.#mayGoOn = false;
  }

  #said(turnId: number, text: string): string {
    return joinParts([...(turnId === this.#turnId && this.#isOpen ? this.#parts : []), text]);
  }

  #wait(turns: Turns, text: string, of: 'stretch' | 'turn', isPause = true): EndpointWait {
    const audio = isPause ? this.#options.audio : undefined;
    const completeness = turns.endpointing === 'semantic' ? this.#judgement.of(text, audio) : undefined;
    return endpointWait(turns, { completeness, pauseMs: this.#pauses.waitMs(turns.vadSilenceMs), of });
  }

  /** From the end of speech; and never more than the wait itself from now, whatever instant that end was given. */
  #dueUs({ silenceMs }: EndpointWait): number {
    const nowUs = this.#options.clock.nowUs();
    return Math.min(this.#endUs ?? nowUs, nowUs) + silenceMs * 1000;
  }

  #arm(wait: EndpointWait): void {
    const { clock } = this.#options;
    this.#reason = wait.reason;
    this.#cancelEndpoint?.();
    const dueUs = Math.max(clock.nowUs(), Math.ceil(this.#dueUs(wait))) as MonoUs;
    this.#cancelEndpoint = clock.at(dueUs, () => {
      if (this.#mayGoOn) this.#isDue = true;
      else this.#commit();
    });
  }

  /** A later judgement has come while the endpoint is waited for. */
  #reconsider(): void {
    if (!this.#isOpen || !this.#cancelEndpoint || !this.#turns) return;
    const wait = this.#wait(this.#turns, joinParts(this.#parts), 'turn');
    this.tell(wait, this.#turnId);
    this.#arm(wait);
  }

  #commit(): void {
    this.#close();
    this.#options.host.endpoint(this.#reason);
  }

  #close(): void {
    this.#cancelStable?.();
    this.#cancelEndpoint?.();
    this.#cancelEndpoint = undefined;
    this.#isOpen = false;
    this.#isDue = false;
    this.#parts = [];
    this.#committedUs = this.#options.clock.nowUs();
  }
}
