import { expect, it } from 'vitest';
import { CheckAgent, soundWord } from '../../../../../../main/core/checks/bench/agent.ts';
import { RerunClaims } from '../../../../../../main/core/replay/rerun/claims.ts';
import type { Recorder } from '../../../../../../main/core/sessions/recorder.ts';
import type { Conversation, ConversationOptions, ConversationPeer, Engines } from '../../../../../../pipeline/conversation.ts';
import { settingsSchema } from '../../../../../../preload/contract/settings.ts';
import { VirtualClock } from '../../../../../fakes/virtual-clock.ts';

const device = { productId: 'P', deviceName: 'toy' };
const bench = settingsSchema.parse({});
const engines = {
  llm: { id: 'own' },
  tts: { id: 'voice', languages: [], voices: () => [], synthesize: async function* () {} },
} as unknown as Engines;

/** An open conversation of the device, as turn-taking asks for its settings and engines. */
function open() {
  const claims = new RerunClaims({} as Recorder);
  let given: ConversationOptions | null = null;
  const start = claims.over((options) => {
    given = options;
    return { conversationId: 'c', closed: new Promise(() => {}) } as unknown as Conversation;
  });
  start({ conversationId: 'c', ...device, settings: () => bench } as unknown as ConversationOptions, {} as ConversationPeer);
  const clock = new VirtualClock();
  const agent = new CheckAgent({ clock, claims, device });
  return { agent, clock, settings: () => given?.settings(), engines: () => claims.enginesOver(device, engines) };
}

it('lays settings over those of a conversation that is open, and takes them back', () => {
  const { agent, settings } = open();
  expect(settings()).toBe(bench);
  agent.configure({ settings: { turns: { vadSilenceMs: 333 } } });
  agent.configure({ settings: { conversation: { isIdleDetected: false } } });
  expect(settings()?.turns.vadSilenceMs).toBe(333);
  expect(settings()?.conversation.isIdleDetected).toBe(false);
  expect(settings()?.agent).toBe(bench.agent);
  // The same object, as turn-taking sees a change in another.
  expect(settings()).toBe(settings());
  agent.release();
  expect(settings()).toBe(bench);
});

it('refuses what is no setting', () => {
  expect(() => open().agent.configure({ settings: { turns: { vadSilenceMs: 'long' } } })).toThrow(
    expect.objectContaining({ code: 'settings/invalid' }),
  );
});

it('answers by a script, with everything else as it was', async () => {
  const { agent, clock, engines: now } = open();
  agent.configure({ script: { replies: [{ when: 'hello', say: 'good day' }] } });
  expect(now().tts).toBe(engines.tts);
  const request = { model: '', language: 'en', messages: [{ role: 'user' as const, content: 'hello' }], tools: [] };
  const answered = Array.fromAsync(now().llm.respond(request, new AbortController().signal));
  await clock.runUntilIdle();
  expect((await answered).map((event) => (event.kind === 'text' ? event.text : '')).join('')).toBe('good day');
  agent.release();
  expect(now()).toBe(engines);
});

it('says a sound for its word, sample for sample, and nothing else', async () => {
  const { agent, engines: now, settings } = open();
  const pcm = Int16Array.from({ length: 40_000 }, (_, index) => index % 1000);
  agent.sounds(pcm);
  expect(settings()?.voice.leadSilenceMs).toBe(-1);
  const heard: number[] = [];
  const { tts } = now();
  for await (const event of tts.synthesize({ text: `${soundWord}.`, language: 'en' }, new AbortController().signal))
    if (event.kind === 'audio') heard.push(...event.pcm);
  expect(Int16Array.from(heard)).toEqual(pcm);
  const others = await Array.fromAsync(tts.synthesize({ text: 'hello', language: 'en' }, new AbortController().signal));
  expect([tts.id, others]).toEqual(['voice', []]);
  agent.sounds(null);
  expect(now().tts).toBe(engines.tts);
});
