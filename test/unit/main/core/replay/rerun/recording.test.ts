import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordedConversations } from '../../../../../../main/core/replay/rerun/recording.ts';
import type { PipelineEvent } from '../../../../../../preload/contract/events.ts';
import type { MonoUs } from '../../../../../../preload/contract/time.ts';
import { openTestBench, type TestBench } from '../../../../../fakes/store.ts';

const signal = new AbortController().signal;
let bench: TestBench;
beforeEach(async () => {
  bench = await openTestBench();
});
afterEach(() => bench.close());

const format = { codec: 'pcm' as const, sampleRate: 16_000, frameMs: 20 };
const opened = {
  ...{ kind: 'conversation.opened' as const, conversationId: 'c', gateway: 'twetalk', productId: 'P', deviceName: 'd', language: 'zh' },
  ...{ uplink: format, downlink: format, query: { customParams: '{}' }, settings: { turns: { vadSilenceMs: 500 } } },
  engines: { vad: 'v', stt: 's', llm: 'l', tts: 't' },
};

type Untimed<Event> = Event extends PipelineEvent ? Omit<Event, 'atUs'> : never;

function record(events: readonly (Untimed<PipelineEvent> & { atMs: number })[], packets = 50, firstMs = 100): string {
  const { id, startedUs } = bench.recorder.ensureSession('s');
  const at = (ms: number) => (startedUs + ms * 1000) as MonoUs;
  for (const { atMs, ...event } of events) bench.recorder.event({ ...event, atUs: at(atMs) });
  for (let index = 0; index < packets; index += 1) {
    const bytes = new Uint8Array(640).fill(index);
    const place = { index, atUs: at(firstMs + (index + 1) * 20), mediaUs: index * 20_000, durationUs: 20_000 };
    bench.recorder.packet({ conversationId: 'c', track: 'uplink', codec: 'pcm', sampleRate: 16_000, bytes, ...place });
  }
  return id;
}

const turn = { conversationId: 'c', turnId: 1 };
const spoken = [
  { ...opened, atMs: 90 },
  { kind: 'user.speech-started' as const, conversationId: 'c', mediaUs: 0, atMs: 200 },
  { kind: 'user.speech-ended' as const, conversationId: 'c', mediaUs: 0, declaredUs: 0 as MonoUs, atMs: 400 },
  { kind: 'user.speech-started' as const, conversationId: 'c', mediaUs: 0, atMs: 500 },
  { kind: 'user.speech-ended' as const, conversationId: 'c', mediaUs: 0, declaredUs: 0 as MonoUs, atMs: 700 },
  { kind: 'turn.started' as const, ...turn, initiator: 'user-speech' as const, atMs: 800 },
  { kind: 'turn.committed' as const, ...turn, reason: 'silence', text: 'a b', atMs: 900 },
  { kind: 'tool.result' as const, ...turn, callId: '1', name: 'light', isOk: true, result: { on: 1 }, elapsedUs: 1, atMs: 950 },
  { kind: 'turn.ended' as const, ...turn, outcome: 'completed' as const, userText: 'a b', replyText: 'c', heardText: 'c', atMs: 990 },
];

test('two stretches of one turn are one utterance, its packets as they were and in their places', async () => {
  const sessionId = record(spoken);
  await bench.recorder.stop();
  const [its] = await recordedConversations(bench.store, { sessionId }, signal);
  expect(its).toMatchObject({
    ...{ conversationId: 'c', gateway: 'twetalk', language: 'zh', fromUs: 90_000, isGreeted: false, lastUs: 900_000 },
    speech: [{ startUs: 110_000, endUs: 610_000, turnId: 1, isAnswered: true }],
    tools: [{ name: 'light', isOk: true, result: { on: 1 } }],
    uplink: { codec: 'pcm', frameMs: 20 },
    settings: { turns: { vadSilenceMs: 500 } },
  });
  expect(its?.packets.map(({ startUs, bytes }) => [startUs, bytes[0]])).toEqual(
    Array.from({ length: 50 }, (_, index) => [10_000 + index * 20_000, index]),
  );
});

test('what a device says without naming a conversation belongs to the one it has at that time', async () => {
  const said = { kind: 'wire.message' as const, gateway: 'twetalk' as const, channel: 'mqtt' as const, direction: 'up' as const };
  const sessionId = record([
    { ...said, deviceId: 'P_d', name: 'before', atMs: 50 },
    { ...opened, atMs: 90 },
    { ...said, deviceId: 'P_d', name: 'its own', atMs: 300 },
    { ...said, deviceId: 'P_e', name: "another's", atMs: 310 },
    { kind: 'conversation.closed' as const, conversationId: 'c', reason: 'left', atMs: 1200 },
    { ...said, deviceId: 'P_d', name: 'of the next', atMs: 2000 },
    { ...said, deviceId: 'P_d', conversationId: 'd', name: 'of the next, by name', atMs: 2100 },
  ]);
  await bench.recorder.stop();
  const [its] = await recordedConversations(bench.store, { sessionId }, signal);
  expect(its?.cues).toEqual([{ atUs: 210_000, name: 'its own', text: '' }]);
});

test('a session that begins in the middle of a conversation begins with its first packet', async () => {
  const sessionId = record([{ ...opened, atMs: -60_000 }], 5, 3000);
  await bench.recorder.stop();
  const [its] = await recordedConversations(bench.store, { sessionId }, signal);
  expect(its).toMatchObject({ fromUs: 3_000_000, speech: [] });
  expect(its?.packets[0]?.startUs).toBe(0);
});

test('a recording without uplink, without that conversation, or that is not there says so', async () => {
  const sessionId = record([{ ...opened, atMs: 0 }], 0);
  await bench.recorder.stop();
  await expect(recordedConversations(bench.store, { sessionId }, signal)).rejects.toMatchObject({ code: 'replay/no-uplink' });
  const other = { sessionId, conversationId: 'x' };
  await expect(recordedConversations(bench.store, other, signal)).rejects.toMatchObject({ code: 'not-found' });
  await expect(recordedConversations(bench.store, { sessionId: 'x' }, signal)).rejects.toMatchObject({ code: 'session/not-found' });
});
