import { afterEach, expect, test } from 'vitest';
import { Devices, memoryDeviceStore } from '../../../../../../main/core/devices/registry.ts';
import { RerunClaims } from '../../../../../../main/core/replay/rerun/claims.ts';
import { rerun } from '../../../../../../main/core/replay/rerun/rerun.ts';
import { createRecorder, type Recorder } from '../../../../../../main/core/sessions/recorder.ts';
import { systemClock } from '../../../../../../pipeline/clock.ts';
import { startTwetalkGateway } from '../../../../../../pipeline/gateways/twetalk/gateway.ts';
import { createStartConversation } from '../../../../../../pipeline/turn/start.ts';
import type { AgentDocument } from '../../../../../../preload/contract/agents.ts';
import type { PipelineEvent } from '../../../../../../preload/contract/events.ts';
import { settingsSchema } from '../../../../../../preload/contract/settings.ts';
import type { MonoUs } from '../../../../../../preload/contract/time.ts';
import { FakeLlm, FakeStt, FakeTts, FakeVad, silencePcm, speechPcm } from '../../../../../fakes/engines.ts';
import { openTestBench, silentLog, type TestBench } from '../../../../../fakes/store.ts';
import { testDevice } from '../../../../../fakes/twetalk.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const FRAME_MS = 20;
const conversationId = 'recorded';

/** A second of what a board sent: 200 ms of silence, 400 ms of speech, silence; and the turn that was made of it. */
async function recordedSession({ recorder }: TestBench): Promise<{ id: string; packets: Uint8Array[] }> {
  const { id, startedUs } = recorder.ensureSession('recorded');
  const at = (ms: number) => (startedUs + ms * 1000) as MonoUs;
  const tell = (atMs: number, event: object) => recorder.event({ ...event, atUs: at(atMs) } as unknown as PipelineEvent);
  const format = { codec: 'pcm', sampleRate: 16_000, frameMs: FRAME_MS };
  const { productId, deviceName } = testDevice;
  tell(0, {
    ...{ kind: 'conversation.opened', conversationId, gateway: 'twetalk', productId, deviceName, language: 'en', query: {} },
    ...{ uplink: format, downlink: format, settings: {}, engines: { vad: 'v', stt: 's', llm: 'l', tts: 't' } },
  });
  const packets = Array.from({ length: 50 }, (_, index) => {
    const pcm = index >= 10 && index < 30 ? speechPcm(FRAME_MS, 16_000, 5000 + index) : silencePcm(FRAME_MS);
    return new Uint8Array(pcm.buffer);
  });
  for (const [index, bytes] of packets.entries()) {
    const place = { index, atUs: at((index + 1) * FRAME_MS), mediaUs: index * FRAME_MS * 1000, durationUs: FRAME_MS * 1000 };
    recorder.packet({ conversationId, track: 'uplink', codec: 'pcm', sampleRate: 16_000, bytes, ...place });
  }
  const turn = { conversationId, turnId: 1 };
  tell(200, { kind: 'user.speech-started', conversationId, mediaUs: 200_000 });
  tell(600, { kind: 'user.speech-ended', conversationId, mediaUs: 600_000, declaredUs: at(900) });
  tell(900, { kind: 'turn.started', ...turn, initiator: 'user-speech' });
  tell(900, { kind: 'turn.committed', ...turn, reason: 'silence', text: 'what time is it' });
  const words = { userText: 'what time is it', replyText: 'Late.', heardText: 'Late.' };
  tell(980, { kind: 'turn.ended', ...turn, outcome: 'completed', ...words });
  await recorder.stop();
  return { id, packets };
}

test('the recorded uplink is spoken again over the board’s own wire to another agent, into a session of its own', async () => {
  const bench = await openTestBench();
  closers.push(() => bench.close());
  const source = await recordedSession(bench);

  const told: string[] = [];
  const main = { event: ({ kind }: PipelineEvent) => told.push(kind), packet: () => told.push('packet'), ensureSession: () => {} };
  const claims = new RerunClaims(main as unknown as Recorder);
  const clock = systemClock;
  const llm = new FakeLlm(clock, [{ tokens: ['It is ', 'three.'], ttftMs: 20 }]);
  const engines = {
    ...{ vad: new FakeVad(), stt: new FakeStt(clock, [{ text: 'what time is it' }]), llm },
    tts: new FakeTts(clock, { ttfbMs: 20, msPerCharacter: 10 }),
  };
  const settings = settingsSchema.parse({
    listeners: { mqttPort: 0, gatewayPort: 0 },
    agent: { greetingZh: '', greetingEn: '', systemPrompt: 'The agent that was recorded.' },
  });
  const devices = await Devices.open({ store: memoryDeviceStore(), wallMs: () => 0, onStoreFault: () => {} });
  const gateway = await startTwetalkGateway({
    ...{ clock, devices, observer: claims.observer, settings: () => settings, log: { error: () => {} } },
    conversationSettings: claims.settingsOver(() => () => settings),
    startConversation: claims.over(createStartConversation({ clock, observer: claims.observer, engines: () => engines })),
  });
  closers.push(() => gateway.close());
  const other: AgentDocument = { id: 'other', name: 'Other', layer: { agent: { systemPrompt: 'Another agent.' } } };

  const { sessionId, conversations } = await rerun(
    {
      ...{ clock, store: bench.store, claims, devices, listeners: () => gateway.listeners },
      createRecorder: () => createRecorder({ store: bench.store, clock, log: silentLog, appVersion: '0' }),
      ...{ benchSettings: () => settings, agents: { conversationSettings: () => () => settings } },
      agentOf: (id) => (id === other.id ? other : undefined),
      warmUp: async () => {},
      onSecret: () => {},
      describe: async () => {},
      discard: async () => {},
      ...{ tuyaProductId: () => '', sdkAppId: () => 0, userSig: async () => '', callTrtc: async () => ({}) },
    },
    {
      ...{ sessionId: source.id, agent: other.id, pace: 'recorded', signal: new AbortController().signal },
      settings: { turns: { vadSilenceMs: 250 } },
    },
  );

  // Said as it was, packet by packet, and answered by the other agent.
  expect(conversations).toMatchObject([{ recordedId: conversationId, packets: 50, sentPackets: 50, exactPackets: 50 }]);
  expect(sessionId).not.toBe(source.id);
  const detail = await bench.store.read('session.detail', { id: sessionId });
  expect(detail?.conversations).toMatchObject([{ gateway: 'twetalk', productId: testDevice.productId, language: 'en' }]);
  expect(detail?.turns).toMatchObject([
    { initiator: 'user-speech', outcome: 'completed', userText: 'what time is it', replyText: 'It is three.', heardText: 'It is three.' },
  ]);
  const [system] = llm.requests[0]?.messages ?? [];
  expect(system?.content).toContain('Another agent.');
  const again = await bench.store.bulk(
    'replay.packets',
    { id: sessionId, conversationId: conversations[0]?.conversationId ?? '', track: 'uplink' },
    { signal: new AbortController().signal },
  );
  expect(again.slice(0, 50).map(({ bytes }) => Buffer.from(bytes))).toEqual(source.packets.map((bytes) => Buffer.from(bytes)));
  // The bench's own recording and its devices know nothing of it.
  expect(told).toEqual([]);
  expect(devices.list()).toEqual([]);
});
