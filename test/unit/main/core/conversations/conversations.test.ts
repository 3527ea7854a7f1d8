import { expect, test } from 'vitest';
import { createConversations } from '../../../../../main/core/conversations/conversations.ts';
import type { Conversation } from '../../../../../pipeline/conversation.ts';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import { TalkError } from '../../../../../preload/contract/talk-error.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';

const at = 1 as MonoUs;
const context = { signal: new AbortController().signal, role: 'operator' as const };

function opened(conversationId: string): PipelineEvent {
  const audio = { codec: 'opus' as const, sampleRate: 16000, frameMs: 60 };
  return {
    kind: 'conversation.opened',
    atUs: at,
    conversationId,
    gateway: 'twetalk',
    productId: 'P',
    deviceName: 'D',
    language: 'en',
    uplink: audio,
    downlink: audio,
    query: {},
    engines: { vad: 'v', stt: 's', llm: 'l', tts: 't' },
    settings: {},
  };
}

function service(find: (id: string) => Conversation | undefined = () => undefined) {
  return createConversations({ clock: { nowUs: () => at, wallMs: () => 1000, at: () => () => {} }, find, sessionId: () => 'session-1' });
}

test('a conversation is listed from its opening to its closing with its turns counted', () => {
  const conversations = service();
  const seen: string[] = [];
  conversations.streams['pipeline.conversations']({}).topic.listen((state) => seen.push(`${state.state} ${state.turnCount}`));
  conversations.observer.event(opened('c1'));
  conversations.observer.event({ kind: 'turn.started', atUs: at, conversationId: 'c1', turnId: 1, initiator: 'greeting' });
  conversations.observer.event({ kind: 'turn.state', atUs: at, conversationId: 'c1', state: 'speaking', turnId: 1 });
  expect(conversations.open().map((state) => state.sessionId)).toEqual(['session-1']);
  conversations.observer.event({ kind: 'conversation.closed', atUs: at, conversationId: 'c1', reason: 'board' });
  expect(seen).toEqual(['idle 0', 'idle 1', 'speaking 1', 'closed 1']);
  expect(conversations.open()).toEqual([]);
});

test('closed conversations are remembered, but not for ever', async () => {
  const conversations = service();
  for (let index = 0; index < 200; index++) {
    conversations.observer.event(opened(`c${index}`));
    conversations.observer.event({ kind: 'conversation.closed', atUs: at, conversationId: `c${index}`, reason: 'board' });
  }
  const { conversations: listed } = await conversations.calls['pipeline.conversations']({}, context);
  expect(listed.length).toBe(50);
  expect(listed.at(-1)?.conversationId).toBe('c199');
});

test('a stream without wire messages leaves out only those', () => {
  const attachment = service().streams['pipeline.events']({ includeWire: false });
  const wire: PipelineEvent = { kind: 'wire.message', atUs: at, gateway: 'twetalk', channel: 'mqtt', direction: 'up', name: 't' };
  expect([attachment.accepts?.(wire), attachment.accepts?.(opened('c1'))]).toEqual([false, true]);
});

test('an operator’s word for a conversation that is gone is refused as not-found', async () => {
  await expect(service().calls['pipeline.interrupt']({ conversationId: 'gone' }, context)).rejects.toThrow(TalkError);
});
