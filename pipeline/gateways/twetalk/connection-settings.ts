import type { ConversationSettings } from '../../../preload/contract/settings.ts';
import type { ConnectionQuery } from './query.ts';

/**
 * The conversation's settings with what the board's connection says besides: push-to-talk is the board's choice, and one made for a call
 * is not greeted. Each state of the settings gives one object, for who compares them by identity.
 */
export function connectionSettings(base: () => ConversationSettings, query: ConnectionQuery): () => ConversationSettings {
  if (!query.isPushToTalk && query.mode !== 'call') return base;
  let from: ConversationSettings | null = null;
  let made: ConversationSettings | null = null;
  return () => {
    const now = base();
    if (made !== null && from === now) return made;
    from = now;
    made = {
      ...now,
      turns: query.isPushToTalk ? { ...now.turns, input: 'push-to-talk' } : now.turns,
      agent: query.mode === 'call' ? { ...now.agent, greetingZh: '', greetingEn: '' } : now.agent,
    };
    return made;
  };
}
