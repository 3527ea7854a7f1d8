import { afterEach, describe, expect, test, vi } from 'vitest';
import { breakdownOf } from '../../../../main/core/analysis/breakdown.ts';
import { TurnController } from '../../../../pipeline/turn/controller.ts';
import type { ListeningHost } from '../../../../pipeline/turn/listening.ts';
import { createRig, type Rig, type RigOptions } from './rig.ts';

afterEach(() => vi.restoreAllMocks());

interface PreemptRig extends Rig {
  host: ListeningHost;
  /** Speech, then `text` is taken for all of it; the endpoint comes 500 ms after the speech. */
  speak(maybe: string, onMaybe?: () => void): Promise<void>;
}

/** A conversation whose listening tells what may be complete when this test says so. */
async function preemptRig(options: RigOptions): Promise<PreemptRig> {
  const opened = vi.spyOn(TurnController.prototype, 'open');
  const rig = await createRig({ turns: { isPreemptive: true }, ...options });
  const host = opened.mock.contexts.at(-1);
  if (!(host instanceof TurnController)) throw new Error('no controller');
  return {
    ...rig,
    host,
    async speak(maybe, onMaybe) {
      await rig.hear('speech', 600);
      await rig.hear('silence', 100);
      host.mayBeComplete(maybe, 0.9);
      await rig.hear('silence', 200);
      onMaybe?.();
      await rig.hear('silence', 600);
    },
  };
}

const preempted = (rig: Rig) => rig.of('turn.preempted').map(({ isUsed, reason }) => [isUsed, reason]);

describe('an answer begun before the endpoint', () => {
  test('is used when the committed words are the same, however they are written, and is ready earlier', async () => {
    const rig = await preemptRig({ utterances: [{ text: '今天天气怎么样？' }], replies: [{ tokens: ['今天是', '晴天。'], ttftMs: 150 }] });
    await rig.speak('今天天气怎么样');
    await rig.advanceMs(3000);
    rig.peer.assertSound();
    expect(rig.llm.requests).toHaveLength(1);
    expect(preempted(rig)).toEqual([[true, 'same']]);
    const committedUs = rig.of('turn.committed')[0]?.atUs ?? 0;
    expect(rig.of('llm.first-answer')[0]?.atUs).toBeLessThan(committedUs);
    expect(rig.of('llm.text')[0]?.atUs).toBe(committedUs);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', userText: '今天天气怎么样？', replyText: '今天是晴天。' }]);
    const breakdown = breakdownOf({
      initiator: 'user-speech',
      events: rig.events.filter((event) => !('turnId' in event) || event.turnId === 1),
    });
    expect(breakdown.missing).toEqual([]);
    expect(breakdown.parts.reduce((sum, { durationUs }) => sum + durationUs, 0)).toBe(breakdown.totalUs);
    expect(breakdown.parts.find(({ key }) => key === 'llm_ttft')?.durationUs).toBe(0);
    expect(breakdown.preemptGainUs).toBeGreaterThan(100_000);
  });

  test('is thrown away when more was said; its tokens are counted, and nothing of it is heard or kept', async () => {
    const rig = await preemptRig({
      utterances: [{ text: '今天天气怎么样和明天' }],
      replies: [{ tokens: ['今天', '晴。'] }, { tokens: ['都是晴天。'] }, {}],
    });
    await rig.speak('今天天气怎么样');
    await rig.advanceMs(3000);
    rig.peer.assertSound();
    expect(rig.of('turn.preempted')).toMatchObject([{ isUsed: false, reason: 'other-text', wastedTokens: 2 }]);
    expect(rig.tts.requests.map(({ text }) => text)).toEqual(['都是晴天。']);
    expect(rig.of('turn.ended')).toMatchObject([{ replyText: '都是晴天。' }]);
    rig.conversation.text('再', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(500);
    expect(rig.llm.requests.at(-1)?.messages.map(({ content }) => content)).toEqual(['今天天气怎么样和明天', '都是晴天。', '再']);
    const breakdown = breakdownOf({
      initiator: 'user-speech',
      events: rig.events.filter((event) => !('turnId' in event) || event.turnId === 1),
    });
    expect(breakdown.preemptGainUs).toBeNull();
    expect(breakdown.product.llm_first_token).toBe(100);
  });

  test('runs no tool before the commit, and the one it calls once after it', async () => {
    let callsAtCommit: number | undefined;
    const rig = await preemptRig({
      utterances: [{ text: '调到五十' }],
      replies: [{ toolCalls: [{ id: 't', name: 'set', arguments: {} }] }, { tokens: ['调好了。'] }],
      tools: { set: async () => ({ ok: true }) },
    });
    rig.peer.onStep = (what) => {
      if (what === 'user-turn') callsAtCommit = rig.peer.toolCalls.length;
    };
    await rig.speak('调到五十');
    await rig.advanceMs(3000);
    expect(callsAtCommit).toBe(0);
    expect(rig.peer.toolCalls).toHaveLength(1);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', replyText: '调好了。' }]);
  });

  test('is not used when the history has changed meanwhile: a running tool’s result came (agents-js #1365)', async () => {
    let finish: (value: unknown) => void = () => {};
    const rig = await preemptRig({
      utterances: [{ text: '好了吗' }],
      replies: [{ toolCalls: [{ id: 't', name: 'slow', arguments: {} }] }, { tokens: ['还没有。'] }, { tokens: ['好了。'] }],
      tools: { slow: () => new Promise((resolve) => (finish = resolve)) },
    });
    rig.conversation.text('做', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(300);
    rig.conversation.interrupt('button');
    await rig.speak('好了吗', () => finish({ done: true }));
    await rig.advanceMs(3000);
    expect(preempted(rig)).toEqual([[false, 'other-request']]);
    expect(rig.of('turn.ended').at(-1)).toMatchObject({ replyText: '好了。' });
  });

  test('is not used when another image came meanwhile, also one of just as many bytes', async () => {
    const image = (value: number) => ({ mediaType: 'image/jpeg', data: Uint8Array.of(value) });
    const rig = await preemptRig({ utterances: [{ text: '这是什么' }], replies: [{ tokens: ['猫。'] }, { tokens: ['狗。'] }] });
    for (const value of [1, 2, 3, 4]) rig.conversation.image(image(value));
    await rig.speak('这是什么', () => rig.conversation.image(image(5)));
    await rig.advanceMs(2000);
    expect(preempted(rig)).toEqual([[false, 'other-request']]);
    expect(rig.of('turn.ended').at(-1)).toMatchObject({ replyText: '狗。' });
  });

  test('is asked for at most twice in a turn, and not again for the same words (livekit #4219: doubled tokens)', async () => {
    const rig = await preemptRig({ utterances: [{ text: '一二三四' }], replies: Array.from({ length: 5 }, () => ({ tokens: ['好。'] })) });
    await rig.hear('speech', 600);
    for (const text of ['一', '一', '一。', '一二', '一二三', '一二三四']) rig.host.mayBeComplete(text, 0.9);
    await rig.hear('silence', 800);
    await rig.advanceMs(2000);
    expect(rig.llm.requests).toHaveLength(3);
    expect(preempted(rig)).toEqual([
      [false, 'other-text'],
      [false, 'other-text'],
    ]);
  });

  test('that fails costs the turn nothing', async () => {
    const rig = await preemptRig({
      settings: { agent: { llmRetries: 0 } },
      utterances: [{ text: '你好' }],
      replies: [{ error: new Error('boom') }, { tokens: ['你好呀。'] }],
    });
    await rig.speak('你好');
    await rig.advanceMs(3000);
    expect(preempted(rig)).toEqual([[false, 'failed']]);
    expect(rig.of('engine.error')).toMatchObject([{ stage: 'llm', isBlocking: false }]);
    expect(rig.peer.told).not.toContain('error');
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', replyText: '你好呀。' }]);
  });

  test('is matched against the history as the committed turn will see it, also when that is full', async () => {
    const rig = await preemptRig({
      settings: { agent: { historyRounds: 1 } },
      utterances: [{ text: '三' }],
      replies: [{ tokens: ['壹。'] }, { tokens: ['贰。'] }, { tokens: ['叁。'] }],
    });
    for (const text of ['一', '二']) {
      rig.conversation.text(text, { initiator: 'user-text', isSpoken: true });
      await rig.advanceMs(2000);
    }
    await rig.speak('三');
    await rig.advanceMs(2000);
    expect(preempted(rig)).toEqual([[true, 'same']]);
  });

  test('is aborted with its turn', async () => {
    const rig = await preemptRig({ utterances: [{ text: '你好' }], replies: [{ tokens: ['好。'], isHung: true }, { tokens: ['换了。'] }] });
    await rig.hear('speech', 600);
    rig.host.mayBeComplete('你好', 0.9);
    await rig.advanceMs(150);
    rig.conversation.text('换一个', { initiator: 'injected', isSpoken: true });
    await rig.advanceMs(3000);
    expect(preempted(rig)).toEqual([[false, 'turn-ended']]);
    expect(rig.of('turn.ended').map(({ outcome }) => outcome)).toEqual(['unanswered', 'completed']);
    rig.conversation.close('done');
    await rig.conversation.closed;
    rig.peer.assertSound();
  });

  test('is begun when the partial transcript stands still, before the endpoint', async () => {
    const rig = await createRig({
      turns: { isPreemptive: true, vadSilenceMs: 800 },
      utterances: [{ text: '今天天气怎么样', partials: [{ atMs: 700, text: '今天天气怎么样' }] }],
      replies: [{ tokens: ['晴天。'] }],
    });
    await rig.hear('speech', 800);
    await rig.hear('silence', 1000);
    await rig.advanceMs(2000);
    rig.peer.assertSound();
    expect(preempted(rig)).toEqual([[true, 'same']]);
    expect(rig.of('llm.request')[0]?.atUs).toBeLessThan(rig.of('user.speech-ended')[0]?.declaredUs ?? 0);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', replyText: '晴天。' }]);
  });

  test('is not begun for what sounds unfinished', async () => {
    const rig = await preemptRig({ utterances: [{ text: '今天' }], replies: [{ tokens: ['好。'] }] });
    await rig.hear('speech', 600);
    rig.host.mayBeComplete('今天', 0.3);
    await rig.advanceMs(100);
    expect(rig.llm.requests).toHaveLength(0);
  });

  test('is not begun without the setting', async () => {
    const rig = await preemptRig({ turns: {}, utterances: [{ text: '你好' }], replies: [{ tokens: ['好。'] }] });
    await rig.speak('你好');
    expect(rig.of('turn.preempted')).toEqual([]);
    expect(rig.llm.requests).toHaveLength(1);
  });
});
