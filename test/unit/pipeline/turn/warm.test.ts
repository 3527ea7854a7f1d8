import { expect, test } from 'vitest';
import type { LlmEngine } from '../../../../pipeline/engines/llm/engine.ts';
import type { TtsEngine } from '../../../../pipeline/engines/tts/engine.ts';
import { FakeStt } from '../../../fakes/engines.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { createRig } from './rig.ts';

function warmedWith(engines: { warm: (...given: unknown[]) => void }) {
  return {
    llm: (llm: LlmEngine): LlmEngine => ({ id: llm.id, respond: (...given) => llm.respond(...given), warm: () => engines.warm('llm') }),
    tts: (tts: TtsEngine): TtsEngine => ({
      ...{ id: tts.id, languages: tts.languages, voices: () => [], synthesize: (...given) => tts.synthesize(...given) },
      warm: (voice) => engines.warm('tts', voice),
    }),
  };
}

test('the engines that answer are told when the user begins to speak, with the voice they will be asked for', async () => {
  const warmed: { atUs: number; given: unknown[] }[] = [];
  const rig = await createRig({ utterances: [{ text: '你好' }], replies: [{ tokens: ['好。'] }], settings: { voice: { speed: 1.2 } } });
  const wrap = warmedWith({ warm: (...given) => warmed.push({ atUs: rig.clock.nowUs(), given }) });
  rig.live.engines = { ...rig.live.engines, llm: wrap.llm(rig.llm), tts: wrap.tts(rig.tts) };
  await rig.hear('silence', 200);
  expect(warmed).toEqual([]);
  await rig.hear('speech', 800);
  const toldUs = rig.events.findIndex(({ kind }) => kind === 'user.speech-started');
  expect(toldUs).toBeGreaterThan(0);
  expect(warmed.map(({ given }) => given)).toEqual([['llm'], ['tts', { language: 'zh', speed: 1.2 }]]);
  await rig.hear('silence', 1500);
  expect(rig.of('tts.request')[0]?.atUs).toBeGreaterThan((warmed[0]?.atUs ?? 0) + 500_000);
  expect(warmed).toHaveLength(2);
});

test('the engine that listens is told once, when the conversation begins', async () => {
  let warmed = 0;
  const clock = new VirtualClock();
  const stt = Object.assign(new FakeStt(clock), {
    warm() {
      warmed += 1;
      throw new Error('no library');
    },
  });
  const rig = await createRig({ engines: { stt } });
  await rig.hear('speech', 800);
  expect(rig.of('conversation.opened')).toHaveLength(1);
  expect(warmed).toBe(1);
});

test('an engine that fails at that fails no turn', async () => {
  const rig = await createRig({ utterances: [{ text: '你好' }], replies: [{ tokens: ['好。'] }] });
  const wrap = warmedWith({
    warm() {
      throw new Error('no network');
    },
  });
  rig.live.engines = { ...rig.live.engines, llm: wrap.llm(rig.llm) };
  await rig.hear('speech', 800);
  await rig.hear('silence', 3000);
  expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed' }]);
});

test('an utterance leaves no listener with the conversation’s signal', async () => {
  // AbortSignal.any would: what it makes stays known to each of its signals, and the conversation’s lives for hours.
  const made = AbortSignal.any;
  let calls = 0;
  AbortSignal.any = (signals) => {
    calls += 1;
    return made.call(AbortSignal, signals);
  };
  try {
    const rig = await createRig({ utterances: [{ text: '你好' }], replies: [{ tokens: ['好。'] }] });
    await rig.hear('speech', 800);
    await rig.hear('silence', 3000);
    expect(rig.of('turn.ended')).toHaveLength(1);
    expect(calls).toBe(0);
  } finally {
    AbortSignal.any = made;
  }
});
