import type { PipelineEvent } from '../../../preload/contract/events.ts';
import type { TestBench } from '../../fakes/store.ts';

export const conversationId = 'bench';
const TURN_US = 8_000_000;

/** A talk of so long with so many events: what boards and engines say many times a second, and turns every eight seconds. */
export async function recordTalk(bench: TestBench, durationUs: number, eventCount: number): Promise<string> {
  const { id, startedUs } = bench.recorder.ensureSession('two hours');
  const turns = Math.floor(durationUs / TURN_US);
  const perTurn = Math.floor(eventCount / turns);
  let count = 0;
  const tell = (event: Record<string, unknown>, us: number): void => {
    bench.recorder.event({ ...event, atUs: startedUs + Math.round(us) } as PipelineEvent);
    count++;
  };
  const formats = { codec: 'opus', sampleRate: 16_000, frameMs: 60 };
  const engines = { vad: 'v', stt: 's', llm: 'l', tts: 't' };
  const facts = { gateway: 'twetalk', productId: 'P', deviceName: 'board', language: 'zh' };
  tell({ kind: 'conversation.opened', conversationId, ...facts, uplink: formats, downlink: formats, query: {}, engines, settings: {} }, 0);
  for (let turn = 1; turn <= turns; turn++) {
    const from = (turn - 1) * TURN_US + 1000;
    const own = { conversationId, turnId: turn };
    const state = (name: string, us: number) => tell({ kind: 'turn.state', conversationId, turnId: turn, state: name }, us);
    state('user-speaking', from);
    tell({ kind: 'user.speech-started', conversationId, mediaUs: 0 }, from);
    tell({ kind: 'user.speech-ended', conversationId, mediaUs: 0, declaredUs: startedUs + from + 1_900_000 }, from + 1_500_000);
    tell({ kind: 'stt.final', conversationId, text: `问题${turn}`, engine: 's' }, from + 2_000_000);
    tell({ kind: 'turn.started', ...own, initiator: 'user-speech' }, from + 2_000_000);
    tell({ kind: 'turn.committed', ...own, reason: 'silence', text: `问题${turn}` }, from + 2_010_000);
    state('thinking', from + 2_010_000);
    tell({ kind: 'llm.request', ...own, engine: 'l', model: 'model', step: 0 }, from + 2_020_000);
    tell({ kind: 'llm.first-answer', ...own }, from + 2_300_000);
    tell({ kind: 'tts.request', ...own, engine: 't', voice: 'v', sentence: 0, text: `回答${turn}。` }, from + 2_500_000);
    tell({ kind: 'tts.first-audio', ...own, sentence: 0, leadSilenceUs: 0 }, from + 2_600_000);
    tell({ kind: 'downlink.first-frame', ...own }, from + 2_610_000);
    state('speaking', from + 2_610_000);
    tell({ kind: 'downlink.sentence-started', ...own, sentence: 0, text: `回答${turn}。` }, from + 2_620_000);
    tell({ kind: 'downlink.audible', ...own, source: 'device' }, from + 2_700_000);
    // What there is much of, all through the turn.
    for (let i = 0; i < perTurn - 22; i++) {
      const us = from + ((i + 1) / (perTurn - 20)) * (TURN_US - 100_000);
      if (i % 4 === 0) tell({ kind: 'downlink.queue', conversationId, queuedUs: (i * 977) % 400_000 }, us);
      else if (i % 4 === 1) tell({ kind: 'llm.text', ...own, text: '词语' }, us);
      else
        tell(
          {
            kind: 'wire.message',
            conversationId,
            gateway: 'twetalk',
            channel: i % 8 < 4 ? 'websocket' : 'mqtt',
            direction: i % 2 === 0 ? 'up' : 'down',
            name: 'bot-tts-text',
            text: `{"label":"rtvi-ai","type":"bot-tts-text","id":"${i}","data":{"text":"第${i}个词"}}`,
          },
          us,
        );
      if (count % 20_000 === 0) await bench.store.flush();
    }
    tell({ kind: 'llm.done', ...own, finish: 'stop' }, from + 3_500_000);
    tell({ kind: 'tts.done', ...own, sentence: 0, durationUs: 4_000_000 }, from + 3_600_000);
    tell({ kind: 'downlink.last-frame', ...own }, from + 6_600_000);
    tell({ kind: 'downlink.play-ended', ...own }, from + 6_700_000);
    const reply = `回答${turn}。`;
    tell(
      { kind: 'turn.ended', ...own, outcome: 'completed', userText: `问题${turn}`, replyText: reply, heardText: reply },
      from + 6_700_000,
    );
    state('listening', from + 6_700_000);
  }
  while (count < eventCount) tell({ kind: 'downlink.queue', conversationId, queuedUs: 0 }, durationUs - 1);
  await bench.clock.advanceTo(startedUs + durationUs);
  await bench.store.flush();
  return id;
}
