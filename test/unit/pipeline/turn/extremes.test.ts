import { describe, expect, test } from 'vitest';
import { createRig, type RigOptions } from './rig.ts';

const text = { initiator: 'user-text', isSpoken: true } as const;
const long = '一二三四五六七八九十一二三四五六七八九十。';

async function asked(options: RigOptions, advanceMs: number) {
  const rig = await createRig(options);
  rig.conversation.text('问', text);
  await rig.advanceMs(advanceMs);
  rig.peer.assertSound();
  return rig;
}

describe('settings at their limits', () => {
  test.each([0, 300])('a lead of %i ms is never exceeded, and play-out never runs dry', async (leadMs) => {
    const rig = await asked({ settings: { downlink: { leadMs } }, replies: [{ tokens: [long] }] }, 5000);
    expect(rig.of('downlink.underrun')).toEqual([]);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', heardText: long }]);
    const [first] = rig.packets;
    for (const { atUs, mediaUs } of rig.packets) {
      const aheadUs = mediaUs - (first?.mediaUs ?? 0) - (atUs - (first?.atUs ?? 0));
      expect(aheadUs).toBeLessThanOrEqual(leadMs * 1000);
      expect(aheadUs).toBeGreaterThanOrEqual(0);
    }
  });

  test('a model is waited for 50 s, during which the user may ask something else', async () => {
    const settings = { agent: { llmTimeoutS: 50, llmRetries: 0 } };
    const rig = await asked({ settings, replies: [{ tokens: ['晚了。'], ttftMs: 49_000 }] }, 52_000);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', heardText: '晚了。' }]);
    const slow = await asked({ settings, replies: [{ tokens: ['晚了。'], ttftMs: 49_000 }, { tokens: ['好。'] }] }, 20_000);
    slow.conversation.text('换', text);
    await slow.advanceMs(60_000);
    expect(slow.of('turn.ended')).toMatchObject([{ outcome: 'unanswered' }, { outcome: 'completed', heardText: '好。' }]);
    expect(slow.of('engine.error')).toEqual([]);
    const dead = await asked({ settings, replies: [{ isHung: true }] }, 50_100);
    expect(dead.of('turn.ended')).toMatchObject([{ outcome: 'failed' }]);
    expect(dead.conversation.state).toBe('listening');
  });

  test('without rounds of history a request is the question alone, and a tool’s result still gets to its own question', async () => {
    const settings = { agent: { historyRounds: 0 } };
    const replies = [{ tokens: ['一。'] }, { toolCalls: [{ id: 'a', name: 't', arguments: {} }] }, { tokens: ['二。'] }];
    const rig = await asked({ settings, replies, tools: { t: async () => 7 } }, 2000);
    rig.conversation.text('再问', text);
    await rig.advanceMs(3000);
    expect(rig.llm.requests.map(({ messages }) => messages.map(({ role }) => role))).toEqual([
      ['user'],
      ['user'],
      ['user', 'assistant', 'tool'],
    ]);
  });

  test('ten steps are ten requests, the last without tools; then the turn is over', async () => {
    const step = (index: number) => ({ toolCalls: [{ id: `${index}`, name: 't', arguments: { index } }] });
    const replies = Array.from({ length: 12 }, (_, index) => step(index));
    const rig = await asked({ settings: { agent: { maxToolSteps: 10 } }, replies, tools: { t: async () => 1 } }, 10_000);
    expect(rig.llm.requests).toHaveLength(10);
    expect(rig.llm.requests.map(({ tools }) => tools.length)).toEqual([...Array.from({ length: 9 }, () => 1), 0]);
    expect(rig.of('tool.call')).toHaveLength(9);
    expect(rig.of('tool.result')).toHaveLength(9);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'no-reply' }]);
    expect(rig.conversation.state).toBe('listening');
    rig.conversation.close('over');
    await rig.conversation.closed;
    await rig.clock.runUntilIdle();
    expect(rig.clock.pendingTimers).toBe(0);
  });
});
