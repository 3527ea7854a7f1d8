import type { Conversation } from '../../../pipeline/conversation.ts';
import type { Observer } from '../../../pipeline/observer.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { ConversationState } from '../../../preload/contract/pipeline.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import { createLevels } from './levels.ts';

type Calls = Pick<
  CallHandlers,
  'pipeline.conversations' | 'pipeline.interrupt' | 'pipeline.text' | 'pipeline.say' | 'pipeline.listen' | 'pipeline.hangUp'
>;
type Streams = Pick<StreamHandlers, 'pipeline.events' | 'pipeline.conversations' | 'pipeline.levels'>;

export interface Conversations {
  /** Hears everything the pipeline tells and makes the live streams of it. */
  observer: Observer;
  calls: Calls;
  streams: Streams;
  /** Conversations that are open now. */
  open(): ConversationState[];
}

/** Closed conversations stay listed, so that a window that opens late still sees what was just said; so many of them. */
const REMEMBERED_CLOSED = 50;

/** What is said on the bench now: the live view of the pipeline and the operator's hand on it. */
export function createConversations(deps: {
  clock: Clock;
  /** The running conversation with that id, whichever gateway has it. */
  find: (conversationId: string) => Conversation | undefined;
  sessionId: () => string | null;
}): Conversations {
  const levels = createLevels();
  const known = new Map<string, ConversationState>();
  const states = new Topic<ConversationState[], ConversationState>({ snapshot: () => [...known.values()] });
  const events = new Topic<Record<string, never>, PipelineEvent>({ snapshot: () => ({}), retain: 8192 });

  function update(conversationId: string, change: (state: ConversationState) => Partial<ConversationState>): void {
    const state = known.get(conversationId);
    if (state === undefined) return;
    const next = { ...state, ...change(state) };
    known.set(conversationId, next);
    states.publish(next);
  }

  function forgetOldest(): void {
    const closed = [...known.values()].filter((state) => state.state === 'closed');
    for (const state of closed.slice(0, Math.max(0, closed.length - REMEMBERED_CLOSED))) known.delete(state.conversationId);
  }

  function observe(event: PipelineEvent): void {
    switch (event.kind) {
      case 'conversation.opened': {
        const state: ConversationState = {
          conversationId: event.conversationId,
          sessionId: deps.sessionId(),
          productId: event.productId,
          deviceName: event.deviceName,
          gateway: event.gateway,
          state: 'idle',
          turnCount: 0,
          openedWallMs: deps.clock.wallMs(),
        };
        known.set(event.conversationId, state);
        states.publish(state);
        break;
      }
      case 'turn.state':
        update(event.conversationId, () => ({ state: event.state }));
        break;
      case 'turn.started':
        update(event.conversationId, (state) => ({ turnCount: Math.max(state.turnCount, event.turnId) }));
        break;
      case 'conversation.closed':
        update(event.conversationId, () => ({ state: 'closed' }));
        forgetOldest();
        break;
      default:
    }
    events.publish(event);
    levels.observer.event(event);
  }

  function running(conversationId: string): Conversation {
    const conversation = deps.find(conversationId);
    if (conversation === undefined) throw new TalkError('not-found', { what: 'conversation', id: conversationId });
    return conversation;
  }

  return {
    observer: { event: observe, packet: levels.observer.packet },
    open: () => [...known.values()].filter((state) => state.state !== 'closed'),
    calls: {
      'pipeline.conversations': async () => ({ conversations: [...known.values()] }),
      'pipeline.interrupt': async ({ conversationId }) => {
        running(conversationId).interrupt('operator');
        return {};
      },
      'pipeline.text': async ({ conversationId, text }) => {
        running(conversationId).text(text, { initiator: 'injected', isSpoken: true });
        return {};
      },
      'pipeline.say': async ({ conversationId, text }) => {
        running(conversationId).say(text);
        return {};
      },
      'pipeline.listen': async ({ conversationId, state }) => {
        running(conversationId).listen(state, deps.clock.nowUs());
        return {};
      },
      'pipeline.hangUp': async ({ conversationId }) => {
        running(conversationId).close('operator');
        return {};
      },
    },
    streams: {
      ...levels.streams,
      'pipeline.events': ({ includeWire }) =>
        includeWire ? { topic: events } : { topic: events, accepts: (event) => event.kind !== 'wire.message' },
      'pipeline.conversations': () => ({ topic: states }),
    },
  };
}
