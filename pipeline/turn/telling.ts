import type { PipelineEvent } from '../../preload/contract/events.ts';
import type { Clock, MonoUs } from '../../preload/contract/time.ts';
import type { ConversationMessage, ConversationPeer } from '../conversation.ts';
import type { Observer } from '../observer.ts';

/** Events of a conversation: not those of a device or a wire. */
type ConversationEvent = Extract<PipelineEvent, { conversationId?: string | undefined }>;
type WithoutStamp<E> = E extends unknown ? Omit<E, 'atUs' | 'conversationId'> : never;
/** An event before it is stamped with its instant and conversation. */
export type EventBody = WithoutStamp<ConversationEvent>;

/** How the pipeline tells what happens: to the observers as events, to the board as messages. Neither can fail a turn. */
export interface Telling {
  /** `atUs` is the instant the event names, when that is not now. */
  event(body: EventBody, atUs?: number): void;
  message(message: ConversationMessage): void;
}

export function createTelling(options: {
  clock: Clock;
  observer: Observer;
  peer: Pick<ConversationPeer, 'tell'>;
  conversationId: string;
}): Telling {
  const { clock, observer, peer, conversationId } = options;
  function event(body: EventBody, atUs?: number): void {
    try {
      const stamp = { conversationId, atUs: Math.round(atUs ?? clock.nowUs()) as MonoUs };
      observer.event({ ...body, ...stamp });
    } catch {
      // Observers report their own faults (pipeline/observer.ts); a turn never depends on one.
    }
  }
  return {
    event,
    message(message) {
      try {
        peer.tell(message);
      } catch (error) {
        event({ kind: 'engine.error', stage: 'transport', error: { code: 'internal', data: { reason: String(error) }, retryable: false } });
      }
    },
  };
}
