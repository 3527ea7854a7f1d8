import type { ConversationSettings } from '../../preload/contract/settings.ts';
import type { LlmEngine } from '../engines/llm/engine.ts';
import { ContentSplitter } from '../turn/content.ts';
import { type Deadline, requested, type StageScope } from '../turn/stage.ts';

/** Between two pieces of an answer that has begun. */
const SILENCE_LIMIT_MS = 15_000;

/** What a language model answers to one instruction and one text, without its thoughts. Throws TalkError 'engine/…'. */
export async function* modelText(
  llm: LlmEngine,
  { instruction, text, language }: { instruction: string; text: string; language: string },
  settings: ConversationSettings,
  scope: StageScope,
): AsyncGenerator<string> {
  const { clock } = scope;
  const beganUs = clock.nowUs();
  const firstMs = settings.agent.llmTimeoutS * 1000;
  let hasBegun = false;
  const deadline = (): Deadline =>
    hasBegun
      ? { atUs: clock.nowUs() + SILENCE_LIMIT_MS * 1000, timeoutMs: SILENCE_LIMIT_MS }
      : { atUs: beganUs + firstMs * 1000, timeoutMs: firstMs };
  const request = {
    model: llm.id,
    language,
    messages: [
      { role: 'system', content: instruction },
      { role: 'user', content: text },
    ],
    tools: [],
    temperature: 0.2,
  } as const;
  const splitter = new ContentSplitter();
  for await (const event of requested((signal) => llm.respond(request, signal), scope, deadline)) {
    if (event.kind === 'headers' || event.kind === 'tool-call') continue;
    hasBegun = true;
    if (event.kind !== 'text') continue;
    for (const piece of splitter.push(event.text)) if (piece.kind === 'text') yield piece.text;
  }
  scope.signal.throwIfAborted();
  for (const piece of splitter.flush()) if (piece.kind === 'text') yield piece.text;
}
