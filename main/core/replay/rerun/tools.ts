import type { RecordedAnswer } from './recording.ts';

/** Answers of the recorded device's tools, by name and in their order. */
export class RecordedTools {
  readonly #left = new Map<string, RecordedAnswer[]>();
  readonly #unanswered = new Set<string>();
  answered = 0;

  constructor(answers: readonly RecordedAnswer[]) {
    for (const answer of answers) {
      const name = plain(answer.name);
      const before = this.#left.get(name);
      if (before === undefined) this.#left.set(name, [answer]);
      else before.push(answer);
    }
  }

  /** Null where the recording has no answer (any more): the device's own then. */
  take(name: string): RecordedAnswer | null {
    const answer = this.#left.get(plain(name))?.shift();
    if (answer === undefined) {
      this.#unanswered.add(name);
      return null;
    }
    this.answered += 1;
    return answer;
  }

  get unanswered(): string[] {
    return [...this.#unanswered];
  }
}

/** Language models are shown names without dots. */
function plain(name: string): string {
  return name.replace(/\W/gu, '_');
}
