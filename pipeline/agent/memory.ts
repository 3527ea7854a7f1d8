import { TalkError } from '../../preload/contract/errors.ts';
import type { ConversationSettings } from '../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import type { AgentResources } from '../conversation.ts';
import type { LlmEngine } from '../engines/llm/engine.ts';
import { ask } from './ask.ts';
import type { History, Round } from './history.ts';
import { transcriptOf, wordsOf } from './memory-words.ts';
import type { AgentTelling } from './telling.ts';

export interface MemoryDeps {
  clock: Clock;
  device: { productId: string; deviceName: string };
  language: 'zh' | 'en';
  history: History;
  settings: () => ConversationSettings;
  llm: () => LlmEngine;
  resources?: AgentResources;
  telling: AgentTelling;
  signal: AbortSignal;
  /** The bench is closing: nobody waits for more than a moment. */
  quitting?: AbortSignal;
}

const SUMMARY_TIMEOUT_MS = 30_000;
const CLOSING_TIMEOUT_MS = 10_000;
/** While the bench is closing: whoever quits waits for it. */
const QUITTING_TIMEOUT_MS = 500;
/** The newest rounds stay as they were said, so that "it" and "that one" have what they mean. */
const ROUNDS_LEFT = 2;
const MOST_FACTS = 10;
const LONGEST_FACT = 200;

/**
 * What a conversation knows beyond the rounds it shows: a rolling summary of the older ones, and what is remembered of the device.
 * Made by the language model in the background; a failure is told and costs nothing but the memory.
 */
export class Memory {
  readonly #deps: MemoryDeps;
  readonly #ended = new Set<Round>();
  #summary = '';
  #past: { summary: string; facts: readonly string[] } = { summary: '', facts: [] };
  #isSummarising = false;
  /** After a failure: not again before so many rounds wait. */
  #notBefore = 0;
  #hasUserSpoken = false;
  #closing: Promise<void> | undefined;

  constructor(deps: MemoryDeps) {
    this.#deps = deps;
    if (deps.settings().memory.isLongTerm) void this.#recall();
  }

  /** For the system prompt; empty when there is nothing. */
  text(): string {
    const words = wordsOf(this.#deps.language);
    return [
      this.#past.facts.length > 0 && `${words.facts}\n${this.#past.facts.map((fact) => `- ${fact}`).join('\n')}`,
      this.#past.summary !== '' && `${words.lastTime}\n${this.#past.summary}`,
      this.#summary !== '' && `${words.earlier}\n${this.#summary}`,
    ]
      .filter((part) => part !== false)
      .join('\n\n');
  }

  roundEnded(round: Round): void {
    this.#ended.add(round);
    if (round.userText !== '') this.#hasUserSpoken = true;
    const { summaryRounds } = this.#deps.settings().memory;
    if (summaryRounds === 0 || this.#isSummarising) return;
    const waiting = this.#deps.history.rounds.filter((each) => this.#ended.has(each));
    if (waiting.length < Math.max(summaryRounds, this.#notBefore)) return;
    const firstWaiting = waiting.findIndex((each) => each.isWaiting);
    const complete = firstWaiting < 0 ? waiting : waiting.slice(0, firstWaiting);
    const batch = complete.slice(0, Math.max(1, summaryRounds - ROUNDS_LEFT));
    if (batch.length > 0) void this.#summarise(batch, waiting.length + summaryRounds);
  }

  /** The conversation is over: keeps what the device's next one should know. Never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#remember();
    return this.#closing;
  }

  async #recall(): Promise<void> {
    try {
      this.#past = (await this.#deps.resources?.recall(this.#deps.device)) ?? this.#past;
    } catch (error) {
      this.#tellFailure(error);
    }
  }

  async #summarise(batch: readonly Round[], notBefore: number): Promise<void> {
    const { clock, language, llm, history, signal, telling } = this.#deps;
    this.#isSummarising = true;
    try {
      const messages = wordsOf(language).askSummary(this.#summary, transcriptOf(batch, language));
      const text = await ask(llm(), { messages, language }, { clock, timeoutMs: SUMMARY_TIMEOUT_MS, signal });
      if (text === '') throw new Error('an empty summary');
      this.#summary = text;
      this.#notBefore = 0;
      history.forget(batch);
      for (const round of batch) this.#ended.delete(round);
      telling.event({ kind: 'agent.memory', what: 'summary', text });
    } catch (error) {
      if (signal.aborted) return;
      this.#notBefore = notBefore;
      this.#tellFailure(error);
    } finally {
      this.#isSummarising = false;
    }
  }

  async #remember(): Promise<void> {
    const { clock, device, language, llm, history, resources, settings, telling } = this.#deps;
    if (!this.#hasUserSpoken || resources === undefined || !settings().memory.isLongTerm) return;
    try {
      // As it stands now: what was erased meanwhile must not come back by way of a new summary.
      const past = await resources.recall(device);
      const transcript = transcriptOf(history.rounds, language);
      const earlier = [past.summary, this.#summary].filter((text) => text !== '').join('\n');
      const messages = wordsOf(language).askMemory(earlier, past.facts, transcript);
      const answer = await this.#untilQuitting((signal) =>
        ask(llm(), { messages, language }, { clock, timeoutMs: CLOSING_TIMEOUT_MS, signal }),
      );
      const { summary, facts } = memoryOf(answer);
      // A model that found nothing to say of this conversation does not make the earlier ones forgotten.
      if (summary !== '') {
        await resources.remember(device, { summary });
        telling.event({ kind: 'agent.memory', what: 'summary', text: summary });
      }
      for (const fact of facts) {
        if (past.facts.includes(fact)) continue;
        await resources.remember(device, { fact });
        telling.event({ kind: 'agent.memory', what: 'fact', text: fact });
      }
    } catch (error) {
      this.#tellFailure(error);
    }
  }

  /** Runs it with a signal that aborts a moment after the bench has begun to close. */
  async #untilQuitting<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, quitting } = this.#deps;
    const giveUp = new AbortController();
    let cancel = () => {};
    const onQuitting = () => {
      cancel = clock.at((clock.nowUs() + QUITTING_TIMEOUT_MS * 1000) as MonoUs, () => giveUp.abort(new TalkError('cancelled')));
    };
    if (quitting?.aborted) onQuitting();
    else quitting?.addEventListener('abort', onQuitting, { once: true });
    try {
      return await run(giveUp.signal);
    } finally {
      cancel();
      quitting?.removeEventListener('abort', onQuitting);
    }
  }

  #tellFailure(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const { value } =
      error instanceof TalkError ? error : new TalkError('engine/failed', { stage: 'llm', engine: this.#deps.llm().id, reason });
    this.#deps.telling.event({ kind: 'engine.error', stage: 'llm', error: value, isBlocking: false });
  }
}

/** The answer's JSON, whatever stands around it. Throws when there is none. */
function memoryOf(answer: string): { summary: string; facts: string[] } {
  const json = answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1);
  let value: { summary?: unknown; facts?: unknown };
  try {
    value = JSON.parse(json) as typeof value;
  } catch {
    throw new Error('the memory is no JSON');
  }
  const facts = Array.isArray(value.facts) ? value.facts : [];
  return {
    summary: typeof value.summary === 'string' ? value.summary.trim() : '',
    facts: facts
      .filter((fact) => typeof fact === 'string')
      .map((fact) => fact.trim().slice(0, LONGEST_FACT))
      .filter((fact) => fact !== '')
      .slice(0, MOST_FACTS),
  };
}
