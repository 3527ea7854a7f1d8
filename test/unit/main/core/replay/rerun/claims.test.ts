import { expect, test } from 'vitest';
import { type Claim, RerunClaims } from '../../../../../../main/core/replay/rerun/claims.ts';
import { settingsOver } from '../../../../../../main/core/replay/rerun/conversation.ts';
import type { Recorder } from '../../../../../../main/core/sessions/recorder.ts';
import type { Conversation, ConversationOptions, ConversationPeer } from '../../../../../../pipeline/conversation.ts';
import type { AudioPacket, PipelineEvent } from '../../../../../../preload/contract/events.ts';
import { settingsSchema } from '../../../../../../preload/contract/settings.ts';

function setUp() {
  const told = { main: [] as string[], own: [] as string[] };
  const into = (list: string[]) => ({
    event: (event: PipelineEvent) => void list.push(event.kind),
    packet: ({ conversationId }: AudioPacket) => void list.push(`packet of ${conversationId}`),
  });
  const recorder = { ...into(told.main), ensureSession: () => void told.main.push('ensured') } as unknown as Recorder;
  const claims = new RerunClaims(recorder);
  const bench = settingsSchema.parse({});
  const claim: Claim = {
    device: { productId: 'P', deviceName: 'rerun' },
    recorder: into(told.own),
    ofDevice: () => bench,
    settings: settingsOver((base) => ({ ...base, turns: { ...base.turns, vadSilenceMs: 333 } })),
    hasOwnEngines: true,
    onConversation: () => {},
    onEvent: () => {},
  };
  return { told, claims, claim, bench };
}

const event = (more: object) => ({ atUs: 0, ...more }) as unknown as PipelineEvent;

test('what a claimed device does goes into its own session, and the bench’s goes on without it', () => {
  const { told, claims, claim, bench } = setUp();
  const release = claims.claim(claim);
  const start = claims.over(() => ({ conversationId: 'own' }) as Conversation);
  const options = { conversationId: 'own', productId: 'P', deviceName: 'rerun', settings: () => bench };
  start(options as unknown as ConversationOptions, {} as ConversationPeer);
  const of = (conversationId: string) => ({ conversationId }) as AudioPacket;
  claims.observer.event(event({ kind: 'device.online', productId: 'P', deviceName: 'rerun' }));
  claims.observer.event(event({ kind: 'conversation.opened', conversationId: 'own', productId: 'P', deviceName: 'rerun' }));
  claims.observer.event(event({ kind: 'wire.message', deviceId: 'P_rerun' }));
  claims.observer.packet(of('own'));
  claims.observer.event(event({ kind: 'conversation.opened', conversationId: 'other', productId: 'P', deviceName: 'toy' }));
  claims.observer.packet(of('other'));
  expect(told).toEqual({
    own: ['device.online', 'conversation.opened', 'wire.message', 'packet of own'],
    main: ['ensured', 'conversation.opened', 'packet of other'],
  });
  release();
  claims.observer.event(event({ kind: 'device.online', productId: 'P', deviceName: 'rerun' }));
  expect(told.main.at(-1)).toBe('device.online');
});

test('a claimed conversation has the run’s settings, the same object while nothing changes, and engines by them', () => {
  const { claims, claim, bench } = setUp();
  claims.claim(claim);
  let got: ConversationOptions | null = null;
  const start = claims.over((options) => {
    got = options;
    return { conversationId: 'own' } as Conversation;
  });
  const options = { conversationId: 'own', productId: 'P', deviceName: 'rerun', settings: () => bench, engines: () => ({}) };
  start(options as unknown as ConversationOptions, {} as ConversationPeer);
  const started = got as unknown as ConversationOptions;
  expect(started.settings().turns.vadSilenceMs).toBe(333);
  expect(started.settings()).toBe(started.settings());
  expect(started.engines).toBeUndefined();
});
