import type { ConversationSettings } from '../../preload/contract/settings.ts';
import type { Engines } from '../conversation.ts';
import { voiceOf } from './synthesize.ts';

/** What listens loads what it needs when a conversation begins. As below, nobody waits for it. */
export function warmListening({ stt }: Pick<Engines, 'stt'>): void {
  try {
    stt.warm?.();
  } catch {
    // Opening a stream will say it.
  }
}

/** The engines that answer open their connections while the user still speaks. Nobody waits for it, and it cannot fail a turn. */
export function warmAnswering(
  { llm, tts }: Partial<Pick<Engines, 'llm' | 'tts'>>,
  settings: Pick<ConversationSettings, 'voice'>,
  language: 'zh' | 'en',
): void {
  try {
    llm?.warm?.();
    tts?.warm?.({ language, ...voiceOf(settings.voice) });
  } catch {
    // The request will say it.
  }
}
