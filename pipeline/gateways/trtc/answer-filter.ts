import type { Engines } from '../../conversation.ts';

type Llm = Engines['llm'];

/** FilterBracketsContent: which brackets' content is not played. */
const brackets = [
  ['（', '）'],
  ['(', ')'],
  ['【', '】'],
  ['[', ']'],
  ['{', '}'],
] as const;
export type BracketKind = 1 | 2 | 3 | 4 | 5;

/** Leaves out what stands between the brackets, over as many pieces as it comes in. What is never closed stays out. */
export class BracketFilter {
  readonly #open: string;
  readonly #close: string;
  #depth = 0;

  constructor(kind: BracketKind) {
    [this.#open, this.#close] = brackets[kind - 1] ?? brackets[0];
  }

  push(text: string): string {
    let kept = '';
    for (const character of text) {
      if (character === this.#open) this.#depth += 1;
      else if (character === this.#close && this.#depth > 0) this.#depth -= 1;
      else if (this.#depth === 0) kept += character;
    }
    return kept;
  }
}

export interface AnswerRules {
  brackets: BracketKind | null;
  /** Whether what is asked now is to be answered at all; when not the model is not asked, and the turn has no reply. */
  isAnswered(userText: string): boolean;
  /** Sent with the request besides (X-Invoke-LLM). */
  headers(userText: string): Readonly<Record<string, string>>;
}

/** A language model under a task's rules: which questions reach it, and what of its answers is left out. */
export function underRules(llm: Llm, rules: AnswerRules): Llm {
  return {
    id: llm.id,
    ...(llm.warm && { warm: () => llm.warm?.() }),
    async *respond(request, signal) {
      if (request.purpose === 'summary') {
        yield* llm.respond(request, signal);
        return;
      }
      const asked = request.messages.findLast(({ role }) => role === 'user')?.content ?? '';
      if (!rules.isAnswered(asked)) {
        yield { kind: 'headers' };
        yield { kind: 'done', finish: 'stop' };
        return;
      }
      const filter = rules.brackets === null ? null : new BracketFilter(rules.brackets);
      const headers = { ...request.headers, ...rules.headers(asked) };
      for await (const event of llm.respond({ ...request, headers }, signal)) {
        if (event.kind !== 'text' || filter === null) yield event;
        else {
          const text = filter.push(event.text);
          if (text !== '') yield { kind: 'text', text };
        }
      }
    },
  };
}

/** A sentence of a single character or word (FilterOneWord). Punctuation is none. */
export function isOneWord(text: string): boolean {
  const bare = text.replace(/[\p{P}\p{Z}\p{S}]+/gu, ' ').trim();
  const words = bare.match(/\p{Script=Han}|[^\s\p{Script=Han}]+/gu) ?? [];
  return words.length === 1;
}
