import type { ConversationSettings } from '../../preload/contract/settings.ts';
import type { Clock } from '../../preload/contract/time.ts';
import type { Engines } from '../conversation.ts';
import type { CompletenessModel } from '../engines/completeness/engine.ts';
import type { VoiceprintDevice } from '../engines/voiceprint/engine.ts';
import { HeldReply } from './hearing/held-reply.ts';
import type { PressListener } from './hearing/press.ts';
import { RecentAudio } from './hearing/recent-audio.ts';
import { UsersTurn } from './hearing/users-turn.ts';
import { Utterance } from './hearing/utterance.ts';
import { interruptionPolicy, judge } from './interruption.ts';
import type { SpeechEnd, SpeechListener } from './speech-detector.ts';
import type { Telling } from './telling.ts';
import { warmAnswering } from './warm.ts';

/** Silence after which a model that listens is asked: shorter ones are between sounds, and it has to answer before the wait is over. */
const PAUSE_MS = 150;

export type ReplyPhase = 'thinking' | 'speaking';

export interface RecognisedPart {
  text: string;
  isFailed: boolean;
  /** Nothing of the user's turn is outstanding. */
  isComplete: boolean;
  /** Why the utterance was taken for ended: 'vad-silence', 'dynamic', 'semantic', 'released', 'too-long' … */
  reason: string;
  /** The speaker's, where the engine tells it. */
  emotion?: string;
}

/** What listening needs of the turn controller, which decides. */
export interface ListeningHost {
  /** A reply is being made or played. */
  isReplying(): boolean;
  /** What the agent does: makes a reply of which nothing is heard yet, plays one (held or not), or neither. */
  phase(): ReplyPhase | undefined;
  /** Whether speech may interrupt the reply at all now: policy of the phase, greeting protection, AEC warm-up, half duplex. */
  mayInterrupt(): boolean;
  /** The id of the user's turn under way, or else of the one that would be next. */
  userTurnId(): number;
  beginUserTurn(turnId: number): void;
  /** The user went silent in their turn; the transcript is awaited. */
  speechEnded(endUs: number): void;
  /**
   * The user's turn so far, before the endpoint, on a stable partial or an early final; `completeness` 0..1. A preemptive
   * answer may be begun; it may be used only if the committed text is the same.
   */
  mayBeComplete(text: string, completeness: number): void;
  /** A part of the user's turn was recognised. */
  recognised(part: RecognisedPart): void;
  /** The user's turn is over although its last part was not called complete: what was recognised so far is all of it. */
  endpoint(reason: string): void;
  /** Holds the reply for speech that began at `onsetUs`. */
  hold(onsetUs: number): void;
  /** The reply goes on: it was nothing. */
  release(reason: string): void;
  interrupt(reason: string, onsetUs: number): void;
}

export interface ListeningOptions {
  clock: Clock;
  /** Asked at each utterance's beginning. */
  engines: () => Pick<Engines, 'stt' | 'voiceprint'> & Partial<Pick<Engines, 'llm' | 'tts'>>;
  model: CompletenessModel;
  language: 'zh' | 'en';
  device: VoiceprintDevice;
  /** As they stand now; read at each utterance's beginning. */
  settings: () => ConversationSettings;
  telling: Telling;
  signal: AbortSignal;
  clockUs(mediaUs: number): number;
  /** Has the detector take speech under way for a new onset. */
  restart(): void;
  /** A completeness model gave no answer; the rules' was taken. */
  onModelError?(error: unknown): void;
  /** What the user is asked for that cannot be had here. */
  onUnsupported(feature: string): void;
  host: ListeningHost;
}

/** Speech to transcripts, and the question whether speech during a reply interrupts it. */
export class Listening implements SpeechListener, PressListener {
  readonly #options: ListeningOptions;
  readonly #turn: UsersTurn;
  readonly #unfinished = new Set<Utterance>();
  #current: Utterance | undefined;
  readonly #held: HeldReply;
  readonly #audio: RecentAudio;
  #silentMs = 0;
  /** Those the last utterance began with: reading them is not for every packet. */
  #turns: ConversationSettings['turns'];

  constructor(options: ListeningOptions) {
    this.#options = options;
    this.#turns = options.settings().turns;
    const { clock, language, model, telling, host, signal, onModelError } = options;
    this.#held = new HeldReply(clock, host);
    this.#audio = new RecentAudio(model.audioMs);
    const audio = () => this.#audio.all;
    this.#turn = new UsersTurn({ clock, language, model, telling, host, audio, ...(onModelError && { onModelError }) });
    signal.addEventListener('abort', () => this.discard(), { once: true });
  }

  /** Silence that ends the utterance under way, ms. `isSilent`: it is being waited for, and told. */
  silenceMs(isSilent = true): number {
    const utterance = this.#current;
    const isPause = isSilent && utterance?.standing === 'owned' && this.#silentMs >= PAUSE_MS;
    const wait = this.#turn.stretchWait(this.#turns, utterance?.partial ?? '', isPause);
    // Speech into a reply is no turn yet: what it is, is judged by its words.
    if (isSilent && utterance?.standing === 'owned') this.#turn.tell(wait, utterance.turnId);
    return wait.silenceMs;
  }

  onset(mediaUs: number): void {
    const { host, clockUs } = this.#options;
    this.#turn.onset();
    if (!host.isReplying() || !host.mayInterrupt()) return;
    this.#held.hold(clockUs(mediaUs));
  }

  falseOnset(): void {
    this.#turn.falseOnset();
    if (!this.#hasContender()) this.#held.release('too-short');
  }

  started(mediaUs: number, preroll: Int16Array): void {
    if (!this.#isHeard()) return;
    this.#begin(this.#options.clockUs(mediaUs), mediaUs);
    this.#hear(preroll);
  }

  continued(pcm: Int16Array, speechMs: number): void {
    const utterance = this.#current;
    if (!utterance) {
      // It began when nobody was to be heard; now somebody is.
      if (this.#isHeard()) this.#options.restart();
      return;
    }
    this.#silentMs = speechMs > utterance.speechMs ? 0 : this.#silentMs + pcm.length / 16;
    utterance.speechMs = speechMs;
    this.#hear(pcm);
    this.#judge(utterance, utterance.partial, false);
  }

  paused(pauseMs: number): void {
    if (this.#current?.standing === 'owned') this.#turn.paused(pauseMs);
  }

  ended(mediaUs: number, reason: SpeechEnd): void {
    this.#end(this.#options.clockUs(mediaUs), mediaUs, reason);
  }

  pressed(onsetUs: number, mediaUs: number): void {
    const { host } = this.#options;
    // Whoever presses wants to speak: that is no question of policy.
    if (host.phase() !== undefined) host.interrupt('pressed', onsetUs);
    this.#begin(onsetUs, mediaUs);
  }

  released(mediaUs: number | undefined, reason: SpeechEnd): void {
    const { clock, clockUs } = this.#options;
    this.#end(mediaUs === undefined ? clock.nowUs() : clockUs(mediaUs), mediaUs ?? 0, reason);
  }

  /** The reply that was spoken into is over: speech under way is simply the user's turn. */
  replyEnded(): void {
    this.#held.forget();
    this.#ownContenders();
  }

  /** Whatever is being said is not wanted any more: something else took the turn. */
  discard(): void {
    this.#held.forget();
    this.#turn.discard();
    this.#current = undefined;
    for (const utterance of this.#unfinished) utterance.dismiss();
    this.#unfinished.clear();
  }

  #begin(onsetUs: number, mediaUs: number): void {
    const { host, clock, telling, device, language } = this.#options;
    const settings = this.#options.settings();
    const { isVoiceprintGated } = settings.frontEnd;
    const engines = this.#options.engines();
    this.#turns = settings.turns;
    const turnId = host.userTurnId();
    if (isVoiceprintGated && !engines.voiceprint) this.#options.onUnsupported('voiceprint');
    const utterance: Utterance = new Utterance({
      ...{ turnId, onsetUs, settings, language, device, clock, telling },
      stt: engines.stt,
      voiceprint: isVoiceprintGated ? engines.voiceprint : undefined,
      onPartial: (text) => this.#onPartial(utterance, text),
      onKnown: () => this.#judge(utterance, utterance.partial, false),
    });
    warmAnswering(engines, settings, language);
    this.#current = utterance;
    this.#unfinished.add(utterance);
    this.#audio.clear();
    this.#silentMs = 0;
    if (host.isReplying()) this.#held.hold(onsetUs);
    else this.#own(utterance);
    telling.event({ kind: 'user.speech-started', mediaUs: Math.round(mediaUs), turnId }, onsetUs);
  }

  #hear(pcm: Int16Array): void {
    if (!this.#current) return;
    this.#current.hear(pcm);
    this.#audio.push(pcm);
  }

  #end(endUs: number, mediaUs: number, reason: SpeechEnd): void {
    const utterance = this.#current;
    if (!utterance) return;
    this.#current = undefined;
    const { clock, telling, host } = this.#options;
    utterance.endUs = endUs;
    telling.event({ kind: 'user.speech-ended', mediaUs: Math.round(mediaUs), declaredUs: clock.nowUs(), turnId: utterance.turnId }, endUs);
    if (utterance.standing === 'owned') host.speechEnded(endUs);
    else if (utterance.standing === 'contending') this.#held.releaseAfter(utterance.settings.turns.falseInterruptionTimeoutMs);
    void utterance.finish(reason).then(() => this.#conclude(utterance));
  }

  /** Whether speech that begins now counts. */
  #isHeard(): boolean {
    const { host } = this.#options;
    return !host.isReplying() || host.mayInterrupt();
  }

  #hasContender(): boolean {
    return [...this.#unfinished].some(({ standing }) => standing === 'contending');
  }

  #own(utterance: Utterance): void {
    const { host, telling } = this.#options;
    utterance.standing = 'owned';
    this.#turn.speechBegan(utterance.turnId, utterance.onsetUs);
    host.beginUserTurn(utterance.turnId);
    if (utterance.partial) telling.message({ kind: 'user-transcript', text: utterance.partial, isFinal: false });
    if (utterance.endUs !== undefined && !this.#current) host.speechEnded(utterance.endUs);
  }

  #ownContenders(): void {
    for (const utterance of this.#unfinished) if (utterance.standing === 'contending') this.#own(utterance);
  }

  #judge(utterance: Utterance, text: string | undefined, isFinal: boolean): void {
    if (utterance.standing !== 'contending') return;
    // Another voice interrupts nothing; whose it is may take a while to know.
    if (utterance.isStranger && !isFinal) return;
    const { host } = this.#options;
    const { turns } = utterance.settings;
    const policy = interruptionPolicy(turns, host.phase());
    const completeness = policy.mode === 'semantic' && text ? this.#turn.completeness(text) : undefined;
    const verdict = judge(policy, { speechMs: utterance.speechMs, text, isFinal, completeness });
    if (verdict.kind === 'interrupt') {
      this.#held.forget();
      this.#turn.interrupted(utterance.onsetUs);
      host.interrupt(verdict.reason, utterance.onsetUs);
      this.#ownContenders();
    } else if (verdict.kind === 'resume') {
      utterance.standing = 'dismissed';
      if (!this.#hasContender()) this.#held.release(verdict.reason);
    }
  }

  #onPartial(utterance: Utterance, text: string): void {
    if (utterance.standing === 'dismissed') return;
    utterance.partial = text;
    const { telling } = this.#options;
    telling.event({ kind: 'stt.partial', text, turnId: utterance.turnId });
    if (utterance.standing === 'owned') {
      telling.message({ kind: 'user-transcript', text, isFinal: false });
      this.#turn.partial(utterance.turnId, text);
    } else this.#judge(utterance, text, false);
  }

  #conclude(utterance: Utterance): void {
    if (!utterance.outcome || !this.#unfinished.has(utterance)) return;
    this.#judge(utterance, utterance.outcome.result.text, true);
    // Stretches that are recognised at the same time are handed on as they were said.
    for (const next of this.#unfinished) {
      if (next.outcome) {
        this.#unfinished.delete(next);
        if (next.standing === 'owned') this.#recognised(next, next.outcome);
      } else if (next.standing !== 'dismissed') return;
    }
  }

  #recognised(utterance: Utterance, { end, result: { text, emotion }, isFailed }: NonNullable<Utterance['outcome']>): void {
    if (!isFailed) this.#options.telling.message({ kind: 'user-transcript', text, isFinal: true });
    this.#turn.recognised(utterance.settings.turns, {
      turnId: utterance.turnId,
      text,
      isFailed,
      ...(emotion !== undefined && { emotion }),
      endUs: utterance.endUs ?? this.#options.clock.nowUs(),
      end,
      isOutstanding: [...this.#unfinished].some(({ standing }) => standing === 'owned'),
    });
  }
}
