import { describe, expect, test } from 'vitest';
import { SpeechDetector } from '../../../../pipeline/turn/speech-detector.ts';
import { silencePcm, speechPcm } from '../../../fakes/engines.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { createEarRig } from './ear-rig.ts';
import { createRig } from './rig.ts';

describe('a conversation when things overlap', () => {
  test('speech that began in the echo canceller’s warm-up is heard once the warm-up is over', async () => {
    const rig = await createRig({
      greeting: '一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十。',
      turns: { aecWarmupMs: 1000 },
      utterances: [{ text: '停下来吧' }],
      replies: [{ tokens: ['好的。'] }],
    });
    await rig.advanceMs(500);
    await rig.hear('speech', 3000);
    await rig.hear('silence', 1000);
    expect(rig.of('turn.ended')[0]?.outcome).toBe('interrupted');
    expect(rig.of('turn.committed').map(({ text }) => text)).toEqual(['停下来吧']);
  });

  test('speech that began in the warm-up and outlasts the reply is heard', async () => {
    const rig = await createRig({
      greeting: '你好啊。',
      turns: { aecWarmupMs: 5000 },
      utterances: [{ text: '现在几点' }],
      replies: [{ tokens: ['三点。'] }],
    });
    await rig.advanceMs(200);
    await rig.hear('speech', 3000);
    await rig.hear('silence', 1000);
    expect(rig.of('turn.committed').map(({ text }) => text)).toEqual(['现在几点']);
  });

  test('what is said in the moment of opening takes the greeting’s place', async () => {
    const rig = await createRig({ greeting: '你好。', onStarted: (conversation) => conversation.say('先说这个。') });
    await rig.advanceMs(3000);
    expect(rig.of('turn.started').map(({ turnId, initiator }) => [turnId, initiator])).toEqual([[1, 'injected']]);
    expect(rig.of('turn.ended').map(({ turnId, outcome }) => [turnId, outcome])).toEqual([[1, 'completed']]);
  });

  test('a report of the last reply’s sound does not date the next one’s', async () => {
    const rig = await createRig({ replies: [{ tokens: ['一二三四五六七八。'] }, { tokens: ['好的，好的。'] }] });
    rig.conversation.text('讲故事', { initiator: 'user-text', isSpoken: true });
    while (rig.peer.packets.length === 0) await rig.advanceMs(10);
    rig.conversation.text('换一个', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(30);
    rig.conversation.playout({ kind: 'audible', atUs: rig.clock.nowUs(), source: 'device' });
    await rig.advanceMs(5000);
    const first = rig.of('downlink.first-frame').find(({ turnId }) => turnId === 2);
    const audible = rig.of('downlink.audible').filter(({ turnId }) => turnId === 2);
    expect(audible).toHaveLength(1);
    expect(audible[0]?.atUs).toBeGreaterThanOrEqual(first?.atUs ?? Number.POSITIVE_INFINITY);
  });
});

describe('the uplink under a detector in trouble', () => {
  function uplink(clock: VirtualClock, process: (frame: Int16Array) => Promise<number>) {
    const vad = { id: 'v', open: async () => ({ frameSamples: 512, process, reset: () => undefined, close: () => undefined }) };
    const { told, heard, send } = createEarRig({ clock, format: { codec: 'pcm', sampleRate: 16000, frameMs: 20 }, vad });
    return { told, send, count: (kind: string) => heard.filter(([each]) => each === kind).length };
  }

  test('one that fails every time is told once', async () => {
    const clock = new VirtualClock();
    const { told, send } = uplink(clock, () => Promise.reject(new Error('broken')));
    for (let i = 0; i < 500; i++) {
      send(silencePcm(20));
      await clock.advance(20_000);
    }
    expect(told.errors).toEqual(['v']);
  });

  test('an utterance ends although the detector was still busy when the board fell silent', async () => {
    const clock = new VirtualClock();
    const waiting: (() => void)[] = [];
    const { count, send } = uplink(clock, async (frame) => {
      await new Promise<void>((go) => waiting.push(go));
      return Math.abs(frame[0] ?? 0) > 1000 ? 1 : 0;
    });
    for (let i = 0; i < 50; i++) send(speechPcm(20));
    await clock.advance(2_000_000);
    for (let i = 0; i < 100; i++) {
      for (const go of waiting.splice(0)) go();
      await clock.settle();
    }
    expect(count('started')).toBe(1);
    await clock.advance(2_000_000);
    expect(count('ended')).toBe(1);
  });

  test('a gap in what is heard belongs to no utterance', () => {
    const told: unknown[] = [];
    const detector = new SpeechDetector({
      settings: () => ({ threshold: 0.5, minimumSpeechMs: 96, prerollMs: 100, longestMs: 60_000 }),
      silenceMs: () => 500,
      listener: {
        onset: (mediaUs) => told.push(['onset', mediaUs]),
        falseOnset: () => told.push(['false onset']),
        started: (mediaUs, preroll) => told.push(['started', mediaUs, preroll.length / 512]),
        continued: () => undefined,
        ended: (mediaUs) => told.push(['ended', mediaUs]),
      },
    });
    const say = (fromUs: number, windows: number) => {
      for (let i = 0; i < windows; i++) detector.push(speechPcm(32), fromUs + i * 32_000, 1);
    };
    say(0, 2); // half duplex begins in the middle of an onset
    say(10_000_000, 4);
    say(20_000_000, 1); // and in the middle of an utterance
    expect(told).toEqual([['onset', 0], ['false onset'], ['onset', 10_000_000], ['started', 10_000_000, 3], ['ended', 10_120_000]]);
  });
});
