import type { ConversationSettings } from '../../preload/contract/settings.ts';
import type { Engines } from '../conversation.ts';
import type { StageScope } from '../turn/stage.ts';
import { extractOf } from './extract.ts';
import { modelText } from './model-text.ts';
import { SCRIPTED_LLM } from './translator.ts';

export interface Summariser {
  /** 'extract', or the language model's id. */
  readonly id: string;
  readonly isEmbedded: boolean;
  /** The summary in pieces as they come. Throws TalkError 'engine/…'. */
  summarise(request: { text: string; prompt: string }, scope: StageScope): AsyncGenerator<string>;
}

export const EXTRACT = 'extract';

/** What summarises now: the bench's language model, or an extract of the text's own sentences where none is configured. */
export function summariserOf({ llm }: Pick<Engines, 'llm'>, settings: ConversationSettings): Summariser {
  if (llm.id === SCRIPTED_LLM) return extract;
  return {
    id: llm.id,
    isEmbedded: false,
    summarise: ({ text, prompt }, scope) => modelText(llm, { instruction: prompt, text, language: languageOf(text) }, settings, scope),
  };
}

const extract: Summariser = {
  id: EXTRACT,
  isEmbedded: true,
  async *summarise({ text, prompt }) {
    yield* extractOf(text, prompt).match(/\p{Script=Han}{1,2}|[^\p{Script=Han}\s]+\s*|\s+/gu) ?? [];
  },
};

function languageOf(text: string): 'zh' | 'en' {
  return /\p{Script=Han}/u.test(text) ? 'zh' : 'en';
}
