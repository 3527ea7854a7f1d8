import { describe, expect, test } from 'vitest';
import { monoUs } from '../../../../preload/contract/time.ts';
import { createRig, type RigOptions } from './rig.ts';

const spokenTurn: RigOptions = {
  utterances: [{ text: '今天天气怎么样', finalMs: 40 }],
  replies: [{ tokens: ['今天', '是', '个', '晴天', '。'], ttftMs: 150 }],
  tts: { ttfbMs: 120, leadSilenceMs: 150 },
};

describe('the instants of a turn', () => {
  test('come in order, and their differences sum to the whole', async () => {
    const rig = await createRig({ ...spokenTurn, vadTailMs: 160 });
    await rig.hear('silence', 400);
    const speechFromUs = rig.clock.nowUs();
    await rig.hear('speech', 1000);
    const speechToUs = rig.clock.nowUs();
    await rig.hear('silence', 1000);
    await rig.advanceMs(6000);
    rig.peer.assertSound();
    const at = (kind: Parameters<typeof rig.of>[0]) => rig.of(kind)[0]?.atUs ?? Number.NaN;
    const u0 = at('user.speech-started');
    const [ended] = rig.of('user.speech-ended');
    const u1 = ended?.atUs ?? Number.NaN;
    // The detector trails speech by 160 ms; the energy does not.
    expect(Math.abs(u0 - speechFromUs)).toBeLessThanOrEqual(32_000);
    expect(Math.abs(u1 - speechToUs)).toBeLessThanOrEqual(10_000);
    const u2 = ended?.declaredUs ?? Number.NaN;
    const [firstAudio] = rig.of('tts.first-audio');
    expect(firstAudio?.leadSilenceUs).toBe(150_000);
    const t2 = firstAudio?.atUs ?? Number.NaN;
    const s0 = at('downlink.first-frame');
    const d1 = at('downlink.audible');
    const order = [
      u0,
      u1,
      u2,
      at('stt.final'),
      at('turn.committed'),
      at('llm.request'),
      at('llm.first-answer'),
      at('llm.first-chunk'),
      t2,
      s0,
      d1,
    ];
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    const parts = order.slice(2).map((instant, index) => instant - (order[index + 1] ?? 0));
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(d1 - u1);
    expect(at('stt.final') - u2).toBe(40_000);
    expect(at('llm.first-token') - at('llm.request')).toBe(150_000);
    expect(t2 - at('tts.request')).toBe(120_000);
    // deviceDelayMs plus the silence the synthesiser began with.
    expect(d1 - s0).toBe(100_000 + 150_000);
    expect(rig.of('downlink.audible')).toMatchObject([{ source: 'estimate', turnId: 1 }]);
  });

  test('each piece of the voice’s audio has its own, and together they are the sentence', async () => {
    const rig = await createRig(spokenTurn);
    rig.conversation.text('天气', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(6000);
    const pieces = rig.of('tts.audio');
    const [done] = rig.of('tts.done');
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces[0]?.atUs).toBe(rig.of('tts.first-audio')[0]?.atUs);
    const instants = pieces.map(({ atUs }) => atUs);
    expect(instants).toEqual(instants.toSorted((a, b) => a - b));
    expect(pieces.reduce((sum, { durationUs }) => sum + durationUs, 0)).toBe(done?.durationUs);
  });

  test('D1 is the board’s own report when it comes in time, and told once', async () => {
    const rig = await createRig(spokenTurn);
    rig.conversation.text('天气', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(600);
    const s0 = rig.of('downlink.first-frame')[0]?.atUs ?? 0;
    const atUs = monoUs.parse(s0 + 313_000);
    rig.conversation.playout({ kind: 'audible', atUs, source: 'device' });
    rig.conversation.playout({ kind: 'audible', atUs, source: 'device' });
    await rig.clock.runUntilIdle();
    expect(rig.of('downlink.audible')).toMatchObject([{ atUs, source: 'device' }]);
  });

  test('a reply cut before it could be heard has no D1', async () => {
    const rig = await createRig({ replies: [{ tokens: ['好的呀好的呀。'] }], tts: { leadSilenceMs: 1000 } });
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(700);
    expect(rig.conversation.state).toBe('speaking');
    rig.conversation.interrupt('button');
    await rig.clock.runUntilIdle();
    expect(rig.of('downlink.audible')).toEqual([]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'interrupted', heardText: '' }]);
  });

  test('I3 is the board’s report when it comes, and lies no earlier than what was handed over plays', async () => {
    const rig = await createRig({ replies: [{ tokens: ['这是一个很长很长的回答。'] }] });
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(1000);
    rig.conversation.interrupt('button');
    const atUs = monoUs.parse(rig.clock.nowUs() + 90_000);
    await rig.advanceMs(100);
    rig.conversation.playout({ kind: 'silent', atUs, source: 'device' });
    await rig.clock.runUntilIdle();
    expect(rig.of('interruption.silent')).toMatchObject([{ atUs, source: 'device' }]);
  });

  test('the product’s metrics are told with the turn’s end; a part with a missing bound is not 0 but absent', async () => {
    const rig = await createRig(spokenTurn);
    rig.conversation.text('天气', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    const metrics = rig.peer.messages.flatMap((message) => (message.kind === 'metrics' ? [message.metrics] : []));
    expect(metrics).toEqual([
      { llm_network_latency: 0, llm_first_token: 150, tts_network_latency: 60, tts_first_frame_latency: 120, tts_discontinuity: 0 },
    ]);
  });
});

describe('the downlink', () => {
  test('every frame is an observed packet, in order, and the captions come with their audio', async () => {
    const rig = await createRig({ replies: [{ tokens: ['第一句话在这里。', '第二句话在这里。'] }], frameMs: 60, codec: 'opus' });
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    const down = rig.packets.filter(({ track }) => track === 'downlink');
    expect(down.map(({ index }) => index)).toEqual(rig.peer.packets.map((_, index) => index));
    expect(down.map(({ mediaUs }) => mediaUs)).toEqual(rig.peer.packets.map(({ mediaUs }) => mediaUs));
    // CBR: 24 kbit/s of 60 ms.
    expect(new Set(down.map(({ bytes }) => bytes.byteLength))).toEqual(new Set([180]));
    const [first, second] = rig.of('downlink.sentence-started');
    expect((second?.atUs ?? 0) - (first?.atUs ?? 0)).toBeGreaterThan(500_000);
    expect(rig.peer.messages.find((message) => message.kind === 'bot-sentence' && message.text === '第二句话在这里。')?.atUs).toBe(
      second?.atUs,
    );
  });

  test('a synthesiser slower than speech is told as underruns, and the order of the audio stands', async () => {
    const rig = await createRig({ replies: [{ tokens: ['第一句话在这里。', '第二句话在这里。'] }], tts: { speed: 0.5 } });
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(rig.of('downlink.underrun').length).toBeGreaterThan(3);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed' }]);
  });

  test('at most two synthesis requests are in flight', async () => {
    const rig = await createRig({
      replies: [{ tokens: Array.from({ length: 8 }, (_, index) => `这是第${index}句话。`) }],
      tts: { ttfbMs: 900 },
    });
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    expect(rig.tts.mostInFlight).toBe(2);
    expect(rig.tts.requests.map(({ text }) => text)).toEqual(rig.of('downlink.sentence-started').map(({ text }) => text));
  });

  test('bot-stopped-speaking comes when the last sample has played, not when it was sent', async () => {
    const rig = await createRig({ replies: [{ tokens: ['一二三四五六七八九十。'] }] });
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    const stoppedUs = rig.peer.messages.find(({ kind }) => kind === 'bot-stopped-speaking')?.atUs ?? 0;
    const s0 = rig.of('downlink.first-frame')[0]?.atUs ?? 0;
    expect(stoppedUs - s0).toBe(1_100_000 + 100_000);
    expect(rig.of('downlink.last-frame')[0]?.atUs).toBeLessThanOrEqual(stoppedUs - 200_000);
  });
});
