import { createResimulation } from '../../main/core/replay/resimulate/service.ts';
import { createOpusEncoder } from '../../pipeline/audio/opus.ts';
import { resample } from '../../pipeline/audio/resample.ts';
import type { Engines } from '../../pipeline/conversation.ts';
import { createScriptedVad } from '../../pipeline/engines/scripted/vad.ts';
import { createFliteTts } from '../../pipeline/engines/tts/flite.ts';
import { createStartConversation } from '../../pipeline/turn/start.ts';
import { VirtualClock } from '../../pipeline/virtual-clock.ts';
import type { AudioPacket, PipelineEvent } from '../../preload/contract/events.ts';
import { settingsSchema } from '../../preload/contract/settings.ts';
import { FakeLlm, FakeStt, FakeTts } from '../fakes/engines.ts';
import { FakePeer } from '../fakes/peer.ts';
import { openTestBench } from '../fakes/store.ts';

const MINUTES = 10;
const FRAME_MS = 60;
const TURN_MS = 6000;
const SPEECH_MS = 1500;
const SWEEP = Array.from({ length: 9 }, (_, index) => 240 + 120 * index);

/**
 * A conversation of ten minutes with a hundred turns, Opus of 60 ms, held under its own settings, under others, and under nine values of one;
 * its detector is Silero, which listens to each sound once. As on the bench, from the library and on a thread.
 */
export async function run(): Promise<void> {
  const bench = await openTestBench();
  try {
    const { events, packets } = await held();
    const { id } = bench.recorder.ensureSession('ten minutes');
    for (const event of events)
      bench.recorder.event(event.kind === 'conversation.opened' ? { ...event, engines: { ...event.engines, vad: 'silero' } } : event);
    for (const packet of packets) bench.recorder.packet(packet);
    await bench.recorder.stop();
    await bench.store.flush();
    const { calls } = createResimulation({ store: bench.store, recorder: bench.recorder });
    const context = { signal: new AbortController().signal, role: 'viewer' as const };
    const cases = [
      { name: 'as recorded', changes: {} },
      { name: 'as recorded and changed', changes: { turns: { vadSilenceMs: 800 } } },
      { name: `a sweep of ${SWEEP.length}`, changes: {}, sweep: { key: 'turns.vadSilenceMs', values: SWEEP } },
    ];
    for (const { name, ...what } of cases) {
      const before = process.cpuUsage();
      const { result, cost } = await calls['replay.resimulate']({ sessionIds: [id], ...what }, context);
      const { elapsedMs, simulatedMs } = cost;
      const { user, system } = process.cpuUsage(before);
      console.log(
        `${name}: ${(simulatedMs / 60_000).toFixed(0)} min (${result.before.userTurns} turns each) in ${(elapsedMs / 1000).toFixed(1)} s, ` +
          `${(simulatedMs / elapsedMs).toFixed(0)} × as fast, ${((user + system) / 1e6).toFixed(1)} s of processor time; detector ${result.conversations[0]?.vad}`,
      );
    }
  } finally {
    await bench.close();
  }
}

async function held(): Promise<{ events: PipelineEvent[]; packets: AudioPacket[] }> {
  const clock = new VirtualClock(5_000_000);
  const events: PipelineEvent[] = [];
  const packets: AudioPacket[] = [];
  const turns = (MINUTES * 60_000) / TURN_MS;
  const llm = new FakeLlm(
    clock,
    Array.from({ length: turns }, () => ({ tokens: ['今天', '晴天，', '二十五度，', '很舒服。'], ttftMs: 350 })),
  );
  const stt = new FakeStt(
    clock,
    Array.from({ length: turns }, (_, turn) => ({ text: `第${turn}个问题`, finalMs: 60 })),
  );
  const engines: Engines = { vad: createScriptedVad(), stt, llm, tts: new FakeTts(clock) };
  const settings = settingsSchema.parse({ agent: { greetingZh: '' } });
  const start = createStartConversation({
    clock,
    observer: { event: (event) => events.push(event), packet: (packet) => packets.push(packet) },
    engines: () => engines,
  });
  const format = { codec: 'opus', sampleRate: 16_000, frameMs: FRAME_MS } as const;
  const conversation = start(
    {
      ...{ conversationId: 'c', gateway: 'bench', productId: 'P', deviceName: 'D', language: 'zh' },
      ...{ uplink: format, downlink: format, variables: {}, query: {}, settings: () => settings },
    },
    new FakePeer(clock, { frameMs: FRAME_MS }),
  );
  const encoder = createOpusEncoder({ sampleRate: 16_000, channels: 1, bitrate: 24_000, frameMs: FRAME_MS, isCbr: true });
  const speech = await spoken('What is the weather like today?');
  for (let ms = 0; ms < MINUTES * 60_000; ms += FRAME_MS) {
    await clock.advance(FRAME_MS * 1000);
    const within = ms % TURN_MS;
    const frame = new Int16Array(FRAME_MS * 16);
    if (within >= 500 && within < 500 + SPEECH_MS)
      frame.set(speech.subarray((within - 500) * 16, (within - 500 + FRAME_MS) * 16).subarray(0, frame.length));
    conversation.uplink(encoder.encode(frame), clock.nowUs());
  }
  encoder.close();
  await clock.advance(5_000_000);
  conversation.close('over');
  await clock.advance(3_000_000);
  return { events, packets };
}

/** What a real detector takes for speech. */
async function spoken(text: string): Promise<Int16Array> {
  const flite = createFliteTts();
  const parts: number[] = [];
  for await (const event of flite.synthesize({ text, language: 'en' }, new AbortController().signal))
    if (event.kind === 'audio') parts.push(...resample(event.pcm, { from: event.sampleRate, to: 16_000 }));
  await flite.close?.();
  return Int16Array.from(parts).subarray(0, SPEECH_MS * 16);
}
