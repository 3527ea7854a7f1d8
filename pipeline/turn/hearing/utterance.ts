import type { ConversationSettings } from '../../../preload/contract/settings.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { SttEngine, SttOptions, SttResult } from '../../engines/stt/engine.ts';
import type { VoiceprintDevice, VoiceprintEngine } from '../../engines/voiceprint/engine.ts';
import { tellFailure } from '../failures.ts';
import type { SpeechEnd } from '../speech-detector.ts';
import { asTalkError, raced, type StageScope } from '../stage.ts';
import type { Telling } from '../telling.ts';
import { Recogniser } from './recogniser.ts';
import { VoiceprintGate } from './voiceprint-gate.ts';

/** A voice that is not told from others by then is taken for the user's: nobody waits for it longer than for their words. */
const VERDICT_LIMIT_US = 2_000_000;

export interface UtteranceOptions {
  turnId: number;
  onsetUs: number;
  /** Those it begins with. */
  settings: ConversationSettings;
  language: 'zh' | 'en';
  stt: SttEngine;
  /** Where its voice is asked for. */
  voiceprint: VoiceprintEngine | undefined;
  device: VoiceprintDevice;
  clock: Clock;
  telling: Telling;
  onPartial(text: string): void;
  /** It is the enrolled voice after all. */
  onKnown(): void;
}

/** One stretch of speech and its recognition. */
export class Utterance {
  /** owned: part of the user's turn · contending: spoken into a reply, not decided yet · dismissed: it was nothing. */
  standing: 'owned' | 'contending' | 'dismissed' = 'contending';
  speechMs = 0;
  partial: string | undefined;
  endUs: number | undefined;
  /** Its recognition is over. */
  outcome: { end: SpeechEnd; result: SttResult; isFailed: boolean } | undefined;
  readonly #options: UtteranceOptions;
  /** Its own, and nobody else's: a signal made of this and the conversation's would stay with the latter to its end. */
  readonly #abort = new AbortController();
  readonly #recogniser: Recogniser;
  readonly #gate: VoiceprintGate | undefined;

  constructor(options: UtteranceOptions) {
    this.#options = options;
    const { stt, voiceprint, device } = options;
    this.#recogniser = new Recogniser({ engine: stt, request: this.#request(), scope: this.#scope(stt.id) });
    this.#gate = voiceprint && new VoiceprintGate(voiceprint, device);
  }

  get turnId(): number {
    return this.#options.turnId;
  }

  get onsetUs(): number {
    return this.#options.onsetUs;
  }

  get settings(): ConversationSettings {
    return this.#options.settings;
  }

  /** It may be another's voice: nobody is interrupted by that. */
  get isStranger(): boolean {
    return this.#gate !== undefined && !this.#gate.isKnown;
  }

  hear(pcm: Int16Array): void {
    this.#recogniser.write(pcm);
    this.#gate?.hear(pcm, () => this.#options.onKnown());
  }

  /** Nobody wants to know what it was. */
  dismiss(): void {
    this.standing = 'dismissed';
    this.#abort.abort();
    this.#recogniser.close();
  }

  /** Nothing more is said in it. Resolves when `outcome` is there, which is told; it never is when it was dismissed meanwhile. */
  async finish(end: SpeechEnd): Promise<void> {
    const { telling, turnId, stt } = this.#options;
    try {
      // A voice nobody can tell is taken for the user's.
      const [recognised, isKnown] = await Promise.all([this.#recogniser.finish(), this.#gate ? this.#isKnown(this.#gate) : true]);
      const text = recognised.text.trim();
      this.outcome = { end, result: { ...recognised, text: isKnown ? text : '' }, isFailed: false };
      const { score, language, emotion } = recognised;
      telling.event({
        kind: 'stt.final',
        text,
        engine: stt.id,
        turnId,
        ...(score !== undefined && { score }),
        ...(language !== undefined && { language }),
        ...(emotion !== undefined && { emotion }),
        ...(!isKnown && { isForeignVoice: true }),
      });
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.outcome = { end, result: { text: '' }, isFailed: true };
      const { value } = asTalkError(error, 'stt', stt.id);
      tellFailure(telling, { stage: 'stt', error: value, turnId, isBlocking: this.standing === 'owned' });
    } finally {
      this.#recogniser.close();
    }
  }

  async #isKnown(gate: VoiceprintGate): Promise<boolean> {
    try {
      return await raced(gate.verdict(), this.#scope('voiceprint'), VERDICT_LIMIT_US);
    } catch {
      return true;
    }
  }

  #request(): Omit<SttOptions, 'signal'> {
    const { settings, language, onPartial } = this.#options;
    const { languages, hotWords, isEmotionDetected } = settings.frontEnd;
    return {
      language: languages[0] ?? language,
      onPartial: (text) => {
        if (!this.#abort.signal.aborted) onPartial(text);
      },
      ...(languages.length > 1 && { languages }),
      ...(hotWords.length > 0 && { hotWords }),
      ...(isEmotionDetected && { isEmotionWanted: true }),
    };
  }

  #scope(engine: string): StageScope {
    const { clock, telling, turnId } = this.#options;
    return {
      clock,
      signal: this.#abort.signal,
      stage: 'stt',
      engine,
      onLeak: (stage) => telling.event({ kind: 'stage.leaked', turnId, stage }),
    };
  }
}
