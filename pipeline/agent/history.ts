import type { LlmMessage } from '../engines/llm/engine.ts';
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
  #heardText: string | undefined;

  constructor(userText: string) {
    this.userText = userText;
  }

  /** The reply was cut: later requests see only what was heard of it. */
  cutTo(heardText: string): void {
    this.#heardText = heardText;
  }

  /** A tool call is always followed by its one answer; while the tool still runs, that answer says so. */
  messages(): LlmMessage[] {
    const messages: LlmMessage[] = this.userText === '' ? [] : [{ role: 'user', content: this.userText }];
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

/** The last rounds of a conversation. */
export class History {
  readonly #limit: number;
  #rounds: Round[] = [];

  /** `limit`: rounds remembered before the one under way, 0–50. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  begin(userText: string): Round {
    const round = new Round(userText);
    this.#rounds = [...this.#rounds.slice(Math.max(0, this.#rounds.length - this.#limit)), round];
    return round;
  }

  messages(): LlmMessage[] {
    return this.#rounds.flatMap((round) => round.messages());
  }
}
