import type { PipelineEvent } from '../../../preload/contract/events.ts';

/** The body of a subtitle callback, the document's names (seed 000 实时字幕回传). */
export interface Subtitle {
  session_id: string;
  room_id: string;
  product_id: string;
  device_name: string;
  role: 'user' | 'bot';
  text: string;
  timestamp_ms: number;
  user_id?: string;
}

export interface SubtitleConversation {
  productId: string;
  deviceName: string;
  language: 'zh' | 'en';
}

export interface Subtitles {
  /** What a backend is to be told because of this event, if anything. */
  observe(event: PipelineEvent): { subtitle: Subtitle; conversation: SubtitleConversation } | undefined;
}

/**
 * Subtitles of TWeTalk's conversations: what the user said once it is final, and each sentence of the reply when its sound begins: what is
 * interrupted before that was never said. The document tells a session from a room and has no case where they differ; both are the
 * conversation here.
 */
export function createSubtitles(wallMs: () => number): Subtitles {
  const conversations = new Map<string, SubtitleConversation>();

  function subtitle(conversationId: string, role: 'user' | 'bot', text: string) {
    const conversation = conversations.get(conversationId);
    if (conversation === undefined || text.trim() === '') return undefined;
    const { productId, deviceName } = conversation;
    return {
      conversation,
      subtitle: {
        ...{ session_id: conversationId, room_id: conversationId, product_id: productId, device_name: deviceName },
        ...{ role, text, timestamp_ms: wallMs() },
        ...(role === 'user' && { user_id: `${productId}_${deviceName}` }),
      },
    };
  }

  return {
    observe(event) {
      switch (event.kind) {
        case 'conversation.opened': {
          const { conversationId, gateway, productId, deviceName, language } = event;
          if (gateway === 'twetalk')
            conversations.set(conversationId, { productId, deviceName, language: language === 'en' ? 'en' : 'zh' });
          return undefined;
        }
        case 'conversation.closed':
          conversations.delete(event.conversationId);
          return undefined;
        case 'stt.final':
          return event.isForeignVoice === true ? undefined : subtitle(event.conversationId, 'user', event.text);
        case 'downlink.sentence-started':
          return subtitle(event.conversationId, 'bot', event.text);
        default:
          return undefined;
      }
    },
  };
}
