import { describe, expect, test, vi } from 'vitest';
import { turnsOf } from '../../../../main/core/analysis/turns.ts';
import { TurnController } from '../../../../pipeline/turn/controller.ts';
import { createRig, type RigOptions } from './rig.ts';

const sentence = '一二三四五六七八九十甲乙丙丁戊己庚辛。';

describe('what was heard', () => {
  test('is exact to the word when the synthesiser tells where the words lie (context not truncated, pipecat #2791)', async () => {
    // 250 ms a character: the seventh is cut in its middle.
    const rig = await createRig({ replies: [{ tokens: [sentence] }, {}], tts: { hasWords: true, msPerCharacter: 250 } });
    rig.conversation.text('数', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(300);
    const s0 = rig.of('downlink.first-frame')[0]?.atUs ?? 0;
    await rig.clock.advanceTo(s0 + 100_000 + 6 * 250_000 + 120_000);
    rig.conversation.interrupt('button');
    expect(rig.of('turn.ended')[0]?.heardText).toBe('一二三四五六');
    rig.conversation.text('继续', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    expect(rig.llm.requests[1]?.messages[1]).toMatchObject({ content: '一二三四五六', wasInterrupted: true });
  });

  test('of a sentence whose audio is still being made is not the whole of it', async () => {
    const rig = await createRig({ replies: [{ tokens: [sentence] }], tts: { speed: 0.4 } });
    rig.conversation.text('数', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(1400);
    rig.conversation.interrupt('button');
    const heard = rig.of('turn.ended')[0]?.heardText ?? '';
    expect(heard.length).toBeLessThanOrEqual(4);
  });
});

describe('a sentence of which the voice made nothing', () => {
  const replies = [{ tokens: ['第一句话在这里。', '第二句话在这里。'] }, { tokens: ['嗯。'] }];

  test('stands in no history as heard', async () => {
    const rig = await createRig({ replies, tts: { silent: new Set([2]) } });
    rig.conversation.text('说', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(4000);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', heardText: '第一句话在这里。' }]);
    rig.conversation.text('再', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(300);
    expect(rig.llm.requests[1]?.messages[1]).toMatchObject({ content: '第一句话在这里。', wasInterrupted: true });
  });

  test('and was the first leaves the first sound to the next one, and the breakdown whole', async () => {
    const rig = await createRig({ utterances: [{ text: '说' }], replies, tts: { silent: new Set([1]), leadSilenceMs: 200 } });
    await rig.hear('speech', 500);
    await rig.hear('silence', 1000);
    await rig.advanceMs(4000);
    const s0 = rig.of('downlink.first-frame')[0]?.atUs ?? 0;
    expect(rig.of('downlink.audible').map(({ atUs }) => atUs - s0)).toEqual([300_000]);
    const breakdown = turnsOf(rig.events)[0]?.breakdown;
    expect(breakdown?.missing).toEqual([]);
    expect(breakdown?.parts.reduce((sum, { durationUs }) => sum + durationUs, 0)).toBe(breakdown?.totalUs);
  });
});

test('a false alarm’s onset is not that of the button pressed later', async () => {
  const rig = await createRig({ replies: [{ tokens: [sentence] }], utterances: [{ text: '嗯' }], tts: { msPerCharacter: 250 } });
  rig.conversation.text('数', { initiator: 'user-text', isSpoken: true });
  await rig.advanceMs(1000);
  await rig.hear('speech', 300);
  await rig.hear('silence', 1000);
  expect(rig.of('interruption.false')).toHaveLength(1);
  rig.conversation.interrupt('button');
  expect(rig.of('interruption.onset')).toHaveLength(2);
  expect(turnsOf(rig.events)[0]?.breakdown.interruption?.detectUs).toBe(0);
});

describe('a reply that goes on after a false interruption', () => {
  async function paused(tts: RigOptions['tts']) {
    const rig = await createRig({
      replies: [{ tokens: [sentence] }],
      utterances: [{ text: '嗯', finalMs: 300 }],
      tts: { msPerCharacter: 250, ...tts },
    });
    rig.conversation.text('数', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(1000);
    await rig.hear('speech', 300);
    await rig.hear('silence', 1500);
    await rig.clock.runUntilIdle();
    rig.peer.assertSound();
    expect(rig.of('interruption.false')).toMatchObject([{ resumed: true, reason: 'backchannel' }]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', heardText: sentence }]);
    return rig.peer.packets.length;
  }

  test('begins with the word that was cut, where the words are known', async () => {
    const [whole, withWords] = [await paused({}), await paused({ hasWords: true })];
    expect(whole).toBe(Math.ceil((sentence.length * 250) / 20));
    expect(withWords - whole).toBeGreaterThan(0);
    expect(withWords - whole).toBeLessThanOrEqual(250 / 20 + 1);
  });

  test('of which the board has not run out goes on where it was', async () => {
    const opened = vi.spyOn(TurnController.prototype, 'open');
    const options = { replies: [{ tokens: [sentence] }], tts: { msPerCharacter: 250, hasWords: true } };
    const rig = await createRig(options);
    const [controller] = opened.mock.contexts;
    opened.mockRestore();
    rig.conversation.text('数', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(1500);
    if (!(controller instanceof TurnController)) throw new Error('no controller');
    controller.hold(rig.clock.nowUs());
    await rig.advanceMs(80);
    controller.release('too-short');
    await rig.clock.runUntilIdle();
    expect(rig.of('interruption.false')).toHaveLength(1);
    expect(rig.peer.packets.length).toBe(Math.ceil((sentence.length * 250) / 20));
  });
});

describe('the voice', () => {
  test('is asked for as the settings have it; what is the voice’s own is not asked for', async () => {
    const rig = await createRig({
      replies: [{ tokens: ['好的。'] }, { tokens: ['好的。'] }],
      settings: { voice: { voice: 'v', speed: 1.2, volume: 2, pitch: -1, emotion: 'happy' } },
    });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    expect(rig.tts.requests[0]).toMatchObject({ voice: 'v', speed: 1.2, volume: 2, pitch: -1, emotion: 'happy' });
    expect(rig.of('tts.request')[0]?.voice).toBe('v');
    rig.edit('voice', { voice: '', speed: 1, volume: 1, pitch: 0, emotion: '' });
    rig.conversation.text('二', { initiator: 'user-text', isSpoken: true });
    await rig.clock.runUntilIdle();
    expect(Object.keys(rig.tts.requests[1] ?? {}).toSorted()).toEqual(['headers', 'language', 'requestId', 'text']);
  });

  test('begins without the silence that synthesisers begin with, and its words lie where they are heard', async () => {
    const options: RigOptions = { replies: [{ tokens: ['一二三四五六。'] }], tts: { leadSilenceMs: 200, hasWords: true } };
    const plain = await createRig(options);
    const trimmed = await createRig({ ...options, settings: { voice: { leadSilenceMs: 20 } } });
    for (const rig of [plain, trimmed]) {
      rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
      await rig.advanceMs(300);
    }
    expect(trimmed.of('tts.first-audio')[0]?.leadSilenceUs).toBe(20_000);
    const s0 = trimmed.of('downlink.first-frame')[0]?.atUs ?? 0;
    await trimmed.clock.advanceTo(s0 + 100_000 + 20_000 + 310_000);
    trimmed.conversation.interrupt('button');
    expect(trimmed.of('turn.ended')[0]?.heardText).toBe('一二三');
    await plain.clock.runUntilIdle();
    const audible = (rig: typeof plain) => (rig.of('downlink.audible')[0]?.atUs ?? 0) - (rig.of('turn.committed')[0]?.atUs ?? 0);
    expect(audible(plain) - audible(trimmed)).toBeGreaterThan(100_000);
  });
});

describe('a tool that takes long', () => {
  const slow = (rig: () => { clock: { at(us: never, go: () => void): unknown; nowUs(): number } }) => ({
    slow: () => new Promise((resolve) => void rig().clock.at((rig().clock.nowUs() + 3_000_000) as never, () => resolve(1))),
  });
  const settings = { agent: { fillerZh: '请稍等。', fillerAfterMs: 800 } };

  test('is bridged by a filler that is heard and is no part of the reply or the history', async () => {
    const rig = await createRig({
      settings,
      replies: [{ toolCalls: [{ id: 'a', name: 'slow', arguments: {} }] }, { tokens: ['已经办好了。'] }, {}],
      tools: slow(() => rig),
    });
    rig.conversation.text('办', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(8000);
    rig.peer.assertSound();
    const calledUs = rig.of('tool.call')[0]?.atUs ?? 0;
    expect(rig.of('tts.request').map(({ text, isFiller, atUs }) => [text, isFiller, atUs - calledUs])).toEqual([
      ['请稍等。', true, 800_000],
      ['已经办好了。', undefined, 3_100_000],
    ]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', replyText: '已经办好了。', heardText: '已经办好了。' }]);
    rig.conversation.text('再', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(300);
    expect(JSON.stringify(rig.llm.requests.at(-1)?.messages)).not.toContain('稍等');
  });

  test('whose filler cannot be spoken is answered all the same', async () => {
    const rig = await createRig({
      settings,
      replies: [{ toolCalls: [{ id: 'a', name: 'slow', arguments: {} }] }, { tokens: ['已经办好了。'] }],
      tools: slow(() => rig),
      tts: { failing: new Map([[1, new Error('no voice')]]) },
    });
    rig.conversation.text('办', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(8000);
    expect(rig.of('tts.request').map(({ text }) => text)).toEqual(['请稍等。', '已经办好了。']);
    expect(rig.of('engine.error')).toMatchObject([{ stage: 'tts', isBlocking: false }]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', heardText: '已经办好了。' }]);
  });

  test('its filler is not the first sound of the reply, which alone is measured; the wait is no discontinuity', async () => {
    const rig = await createRig({
      settings,
      replies: [{ toolCalls: [{ id: 'a', name: 'slow', arguments: {} }] }, { tokens: ['已经办好了。'] }],
      tools: slow(() => rig),
    });
    rig.conversation.text('办', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(8000);
    const answered = rig.of('tts.first-audio')[1]?.atUs ?? 0;
    expect(rig.of('tts.first-audio').map(({ sentence }) => sentence)).toEqual([1, 2]);
    expect(rig.of('downlink.first-frame').map(({ atUs }) => atUs >= answered)).toEqual([true]);
    expect(rig.of('downlink.audible').map(({ atUs }) => atUs >= answered)).toEqual([true]);
    expect(rig.of('downlink.underrun')).toEqual([]);
    expect(rig.peer.messages.filter(({ kind }) => kind === 'bot-started-speaking')).toHaveLength(1);
    const [turn] = turnsOf(rig.events);
    expect(turn?.breakdown.missing).toEqual(['U1']);
    const committedUs = rig.of('turn.committed')[0]?.atUs ?? 0;
    const total = turn?.breakdown.parts.reduce((sum, { durationUs }) => sum + durationUs, 0) ?? 0;
    expect(total).toBe((rig.of('downlink.audible')[0]?.atUs ?? 0) - committedUs);
    // 100 ms to the first audio, counted from the answer's own request.
    expect(turn?.breakdown.product).toMatchObject({ tts_first_frame_latency: 100, tts_discontinuity: 0 });
    expect(rig.peer.messages.findLast((message) => message.kind === 'metrics')).toMatchObject({
      metrics: { tts_first_frame_latency: 100, tts_discontinuity: 0 },
    });
  });

  test('and is interrupted while only its filler was heard was not answered', async () => {
    const rig = await createRig({
      settings,
      replies: [{ toolCalls: [{ id: 'a', name: 'slow', arguments: {} }] }, {}],
      tools: slow(() => rig),
    });
    rig.conversation.text('办', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(1500);
    expect(rig.conversation.state).toBe('speaking');
    rig.conversation.interrupt('button');
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'unanswered', heardText: '' }]);
    expect(rig.of('downlink.first-frame')).toEqual([]);
  });

  test('that is quick, or whose beginning was announced and still plays, needs none', async () => {
    const quick = await createRig({
      settings,
      replies: [{ toolCalls: [{ id: 'a', name: 'quick', arguments: {} }] }, { tokens: ['好了。'] }],
      tools: { quick: async () => 1 },
    });
    quick.conversation.text('办', { initiator: 'user-text', isSpoken: true });
    await quick.clock.runUntilIdle();
    expect(quick.tts.requests.map(({ text }) => text)).toEqual(['好了。']);
    const announced = await createRig({
      settings,
      replies: [
        { tokens: ['我现在就去给你办这一件事情。'], toolCalls: [{ id: 'a', name: 'slow', arguments: {} }] },
        { tokens: ['好了。'] },
      ],
      tools: slow(() => announced),
    });
    announced.conversation.text('办', { initiator: 'user-text', isSpoken: true });
    await announced.advanceMs(8000);
    expect(announced.tts.requests.map(({ text }) => text)).not.toContain('请稍等。');
  });
});

describe('images', () => {
  const image = { mediaType: 'image/jpeg', data: Uint8Array.of(1, 2, 3) };

  test('go with the user’s next turn and with no later one’s words', async () => {
    const rig = await createRig({ utterances: [{ text: '这是什么' }], replies: [{ tokens: ['一只猫。'] }, {}] });
    rig.conversation.image(image);
    await rig.hear('speech', 600);
    await rig.hear('silence', 800);
    await rig.advanceMs(3000);
    expect(rig.llm.requests[0]?.messages).toEqual([{ role: 'user', content: '这是什么', images: [image] }]);
    rig.conversation.text('它在做什么', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(300);
    expect(rig.llm.requests[1]?.messages.at(-1)).toEqual({ role: 'user', content: '它在做什么' });
  });

  test('with a question are a turn at once, in place of the reply under way', async () => {
    const rig = await createRig({ replies: [{ tokens: [sentence] }, { tokens: ['一只狗。'] }] });
    rig.conversation.text('数', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(800);
    rig.conversation.image(image, '图里有什么？');
    await rig.advanceMs(3000);
    expect(rig.llm.requests[1]?.messages.at(-1)).toEqual({ role: 'user', content: '图里有什么？', images: [image] });
    expect(rig.of('turn.ended').map(({ outcome }) => outcome)).toEqual(['interrupted', 'completed']);
  });
});
