import { describe, expect, test } from 'vitest';
import { createRig, type Rig } from './rig.ts';

/** What people complain about in other pipelines (reference/voice.md §1.3), as far as no other test is named for it. */
const long = '一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十。';
const metricsOf = (rig: Rig) => rig.peer.messages.flatMap((message) => (message.kind === 'metrics' ? [message.metrics] : []));

describe('interruption', () => {
  test('again and again is followed by an answer each time, never by silence for ever (livekit #1229, #3418)', async () => {
    const rig = await createRig({
      utterances: Array.from({ length: 4 }, () => ({ text: '换一个话题' })),
      replies: [...Array.from({ length: 4 }, () => ({ tokens: [long] })), { tokens: ['好的。'] }],
    });
    rig.conversation.text('开始', { initiator: 'user-text', isSpoken: true });
    for (let time = 0; time < 4; time += 1) {
      await rig.advanceMs(1500);
      await rig.hear('speech', 800);
      await rig.hear('silence', 800);
    }
    await rig.advanceMs(4000);
    rig.peer.assertSound();
    expect(rig.of('turn.ended').map(({ outcome }) => outcome)).toEqual([...Array.from({ length: 4 }, () => 'interrupted'), 'completed']);
  });

  test('by two commands in one moment leaves one reply, and the conversation alive (agents-js #1791: two speech handles, then dead)', async () => {
    const rig = await createRig({ replies: Array.from({ length: 4 }, () => ({ tokens: ['好的。'] })) });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    rig.conversation.say('插一句。');
    rig.conversation.text('二', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    expect(rig.of('turn.ended').map(({ userText, outcome }) => [userText, outcome])).toEqual([
      ['一', 'unanswered'],
      ['', 'unanswered'],
      ['二', 'completed'],
    ]);
    expect(rig.tts.requests.map(({ text }) => text)).toEqual(['好的。']);
    rig.conversation.text('三', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    expect(rig.of('turn.ended').at(-1)?.outcome).toBe('completed');
  });

  test('finds no more than the lead in the board’s buffer (livekit #3191, #456: the client plays on)', async () => {
    const rig = await createRig({ replies: [{ tokens: [long] }], settings: { downlink: { leadMs: 120 } } });
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(1500);
    const [s0] = rig.of('downlink.first-frame');
    const sentMs = rig.peer.packets.length * 20;
    expect(sentMs - (rig.clock.nowUs() - (s0?.atUs ?? 0)) / 1000).toBeLessThanOrEqual(140);
    rig.conversation.interrupt('button');
    await rig.clock.runUntilIdle();
    expect(rig.peer.packets.length * 20).toBe(sentMs);
    expect(rig.of('interruption.silent')).toHaveLength(1);
  });
});

describe('metrics', () => {
  test('of a request that was cut before its first token have no time to it (livekit #1682)', async () => {
    const rig = await createRig({ replies: [{ tokens: ['好。'], ttftMs: 2000 }] });
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(500);
    rig.conversation.interrupt('button');
    await rig.clock.runUntilIdle();
    expect(metricsOf(rig)).toEqual([{ llm_network_latency: 0, interruption: 0 }]);
  });

  test('every sentence has its own time to first audio, not only the first (livekit #3451)', async () => {
    const rig = await createRig({ replies: [{ tokens: ['第一句话在这里。', '第二句话在这里。', '第三句话在这里。'] }] });
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    const requested = new Map(rig.of('tts.request').map(({ sentence, atUs }) => [sentence, atUs]));
    expect(rig.of('tts.first-audio').map(({ sentence }) => sentence)).toEqual([1, 2, 3]);
    for (const { sentence, atUs } of rig.of('tts.first-audio')) expect(atUs).toBeGreaterThan(requested.get(sentence) ?? Number.NaN);
  });

  test('a recogniser’s timeout is not its latency (pipecat #3822)', async () => {
    const rig = await createRig({ utterances: [{ text: '', isHung: true }] });
    await rig.hear('speech', 600);
    await rig.hear('silence', 800);
    await rig.advanceMs(20_000);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'failed' }]);
    expect(metricsOf(rig)).toEqual([]);
  });
});

test('a packet stands in its track by when it plays, whatever pauses lie between (livekit #5071, #4561: tracks that drift apart)', async () => {
  const rig = await createRig({ replies: [{ tokens: ['好的呀。'] }, { tokens: ['好的呀。'] }] });
  for (const pauseMs of [0, 7300]) {
    await rig.advanceMs(pauseMs);
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(3000);
  }
  const firsts = rig.of('downlink.first-frame').map(({ atUs }) => atUs);
  const media = rig.peer.packets.filter(({ atUs }) => firsts.includes(atUs as never)).map(({ mediaUs }) => mediaUs);
  expect((media.at(-1) ?? 0) - (media[0] ?? 0)).toBe((firsts[1] ?? 0) - (firsts[0] ?? 0));
});
