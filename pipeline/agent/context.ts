import type { LlmMessage, LlmTool } from '../engines/llm/engine.ts';
import type { Round } from './history.ts';

/** Characters that models spend about one token on; of others about four make one. */
const dense = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef]/gu;
const CHARACTERS_PER_TOKEN = 4;
/** A message's role and frame. */
const TOKENS_PER_MESSAGE = 4;
/** A picture of a board's camera at low detail; services differ by a factor of ten. */
const TOKENS_PER_IMAGE = 800;

/** About how many tokens a text is: a Han character one, four other characters one. Tokenizers differ by some ten percent either way. */
export function estimateTokens(text: string): number {
  const denseCount = text.match(dense)?.length ?? 0;
  return Math.ceil(denseCount + (text.length - denseCount) / CHARACTERS_PER_TOKEN);
}

export function messageTokens(message: LlmMessage): number {
  const calls = message.role === 'assistant' && message.toolCalls ? estimateTokens(JSON.stringify(message.toolCalls)) : 0;
  const images = message.role === 'user' ? (message.images?.length ?? 0) * TOKENS_PER_IMAGE : 0;
  return TOKENS_PER_MESSAGE + estimateTokens(message.content) + calls + images;
}

/**
 * The messages of the newest of `earlier` that fit beside what must be there, a list for each round. Whole rounds, so that no tool call loses its answer; the round under way
 * and the preamble stay even when they alone are too much. `limit` 0: all of them.
 */
export function withinContext(options: {
  limit: number;
  preamble: readonly LlmMessage[];
  tools: readonly LlmTool[];
  earlier: readonly Round[];
  current: readonly LlmMessage[];
}): LlmMessage[][] {
  const { limit, preamble, tools, earlier, current } = options;
  const sum = (messages: readonly LlmMessage[]) => messages.reduce((total, message) => total + messageTokens(message), 0);
  let left = limit === 0 ? Number.POSITIVE_INFINITY : limit - sum(preamble) - sum(current) - estimateTokens(JSON.stringify(tools));
  const shown: LlmMessage[][] = [];
  for (const round of earlier.toReversed()) {
    const messages = round.messages();
    left -= limit === 0 ? 0 : sum(messages);
    if (left < 0) break;
    shown.unshift(messages);
  }
  return shown;
}
