import { type Completeness, type CompletenessModel, unsure } from '../../engines/completeness/engine.ts';
import { createCompletenessRules } from './completeness-rules.ts';

export interface JudgementOptions {
  model: CompletenessModel;
  language: string;
  /** A later answer has come; `of` will give it. */
  onAnswer(): void;
  /** The model gave none: the rules' stands. */
  onError?(error: unknown): void;
}

const rules = createCompletenessRules();

/**
 * Completeness of the turn so far: from a model that reads for each text, from one that listens once for each pause. From one that takes
 * its time the answer comes later; until then, and where it fails, it is what the rules make of the text.
 */
export class Judgement {
  readonly #options: JudgementOptions;
  #text: string | undefined;
  #answer: Completeness | undefined;
  /** Counts what was asked: an answer to something else is too late. */
  #asked = 0;
  #isAsked = false;

  constructor(options: JudgementOptions) {
    this.#options = options;
  }

  /** What is known now; undefined while there is nothing to judge by. `audio` is what a model that listens is asked with; without it it is not asked. */
  of(text: string, audio?: () => Int16Array | undefined): Completeness | undefined {
    const { model } = this.#options;
    if (model.audioMs > 0) {
      if (!this.#isAsked && audio) this.#ask(text, audio());
    } else {
      if (text === '') return undefined;
      if (text !== this.#text) this.#ask(text);
    }
    return this.#answer ?? (text === '' ? undefined : this.#byRules(text));
  }

  /** Speech goes on: a model that listens will be asked again. */
  forget(): void {
    if (this.#options.model.audioMs === 0) return;
    this.#asked += 1;
    this.#isAsked = false;
    this.#answer = undefined;
  }

  #ask(text: string, heard?: Int16Array): void {
    const { model, language, onError } = this.#options;
    const asked = ++this.#asked;
    this.#isAsked = true;
    this.#text = text;
    this.#answer = undefined;
    try {
      const answer = model.judge({ language, text, ...(heard && { audio: heard }) });
      if (!(answer instanceof Promise)) this.#answer = answer;
      else
        answer.then(
          (later) => this.#take(asked, later),
          (error: unknown) => onError?.(error),
        );
    } catch (error) {
      onError?.(error);
    }
  }

  #byRules(text: string): Completeness {
    const answer = rules.judge({ language: this.#options.language, text });
    return answer instanceof Promise ? unsure : answer;
  }

  #take(asked: number, answer: Completeness): void {
    if (asked !== this.#asked) return;
    this.#answer = answer;
    this.#options.onAnswer();
  }
}
