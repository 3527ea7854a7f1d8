import type { LlmImage, LlmMessage } from '../engines/llm/engine.ts';
import type { ToolAnswer } from './tools.ts';

/** One request to the language model within a turn: what it said, and the tools it called with their answers. */
export interface ReplyStep {
  text: string;
  toolAnswers: readonly ToolAnswer[];
}

/** One turn as the language model will be shown it. Grows while the turn runs. */
export class Round {
  /** Empty for what the agent said of its own accord. */
  readonly userText: string;
  readonly steps: ReplyStep[] = [];
  #images: readonly LlmImage[];
  #heardText: string | undefined;

  constructor(userText: string, images: readonly LlmImage[] = []) {
    this.userText = userText;
    this.#images = images;
  }

  /** The reply was cut: later requests see only what was heard of it. */
  cutTo(heardText: string): void {
    this.#heardText = heardText;
  }

  /** A tool called in it has not answered yet. */
  get isWaiting(): boolean {
    return this.steps.some(({ toolAnswers }) => toolAnswers.some(({ isRunning }) => isRunning));
  }

  /** Pictures are large, and only a few rounds back anybody still talks about one. */
  dropImages(): void {
    this.#images = [];
  }

  /** A tool call is always followed by its one answer; while the tool still runs, that answer says so. */
  messages(): LlmMessage[] {
    const messages: LlmMessage[] = [];
    const images = this.#images;
    if (this.userText !== '' || images.length > 0) {
      messages.push({ role: 'user', content: this.userText, ...(images.length > 0 && { images }) });
    }
    let left = this.#heardText?.length ?? Number.POSITIVE_INFINITY;
    for (const { text, toolAnswers } of this.steps) {
      const content = text.slice(0, left);
      const isCut = content.length < text.length;
      left -= content.length;
      if (content === '' && toolAnswers.length === 0) continue;
      messages.push({
        role: 'assistant',
        content,
        ...(toolAnswers.length > 0 && { toolCalls: toolAnswers.map(({ call }) => call) }),
        ...(isCut && { wasInterrupted: true }),
      });
      for (const { call, content } of toolAnswers) messages.push({ role: 'tool', toolCallId: call.id, name: call.name, content });
    }
    return messages;
  }
}

/** Rounds kept for a summary and for what is remembered at the end, however few a request shows. */
const MOST_KEPT = 100;
/** Rounds before the newest whose pictures a request still shows. */
const ROUNDS_WITH_IMAGES = 2;

/** The rounds of a conversation that no summary tells yet. */
export class History {
  #rounds: Round[] = [];

  /** Rounds that are not told in a summary, oldest first. */
  get rounds(): readonly Round[] {
    return this.#rounds;
  }

  /** Puts a round at the end; one that is there stays where it is. */
  commit(round: Round): void {
    if (this.#rounds.includes(round)) return;
    this.#rounds.at(-1 - ROUNDS_WITH_IMAGES)?.dropImages();
    this.#rounds = [...this.#rounds.slice(1 - MOST_KEPT), round];
  }

  /** These are told in a summary from now on. */
  forget(rounds: readonly Round[]): void {
    const gone = new Set(rounds);
    this.#rounds = this.#rounds.filter((round) => !gone.has(round));
  }

  /** At most `limit` rounds before `round`; before one that is a draft, the last ones. */
  before(round: Round, limit: number): Round[] {
    const at = this.#rounds.indexOf(round);
    const end = at < 0 ? this.#rounds.length : at;
    return this.#rounds.slice(Math.max(0, end - limit), end);
  }
}
