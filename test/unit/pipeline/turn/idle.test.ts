import { describe, expect, test } from 'vitest';
import { createRig, type RigOptions } from './rig.ts';

const idle: NonNullable<RigOptions['settings']> = {
  conversation: {
    isIdleDetected: true,
    idleTimeoutS: 4,
    idleMaxRetries: 3,
    idleMessages: [
      { retry: 1, zh: '你还在吗？', en: 'Are you there?' },
      { retry: 3, zh: '那我先走了。', en: 'Goodbye.' },
    ],
  },
};

describe('idle detection', () => {
  test('counts from the estimated end of the reply’s playing, not from its sending', async () => {
    const rig = await createRig({ settings: idle, replies: [{ tokens: ['一二三四五六七八九十。'] }] });
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(8000);
    const endedUs = rig.of('downlink.play-ended')[0]?.atUs ?? Number.NaN;
    expect(rig.of('conversation.idle').map(({ atUs, retry }) => [atUs - endedUs, retry])).toEqual([[4_000_000, 1]]);
  });

  test('says each reminder’s own words as a turn of its own, then ends the conversation', async () => {
    const rig = await createRig({ settings: idle });
    await rig.clock.runUntilIdle();
    expect(rig.of('conversation.idle').map(({ retry, text }) => [retry, text])).toEqual([
      [1, '你还在吗？'],
      [2, ''],
      [3, '那我先走了。'],
      [0, ''],
    ]);
    expect(rig.of('turn.started').map(({ initiator }) => initiator)).toEqual(['idle', 'idle']);
    expect(rig.tts.requests.map(({ text }) => text)).toEqual(['你还在吗？', '那我先走了。']);
    expect(rig.peer.messages.flatMap((message) => (message.kind === 'idle' ? [message.retry] : []))).toEqual([1, 2, 3, 0]);
    expect(rig.peer.closedWith).toBe('idle');
    expect(rig.of('conversation.closed')).toMatchObject([{ reason: 'idle' }]);
    rig.peer.assertSound();
    await rig.conversation.closed;
  });

  test('begins to count anew when the user says something', async () => {
    const rig = await createRig({ settings: idle, utterances: [{ text: '在的' }], replies: [{ tokens: ['好。'] }] });
    await rig.advanceMs(6500);
    await rig.hear('speech', 600);
    await rig.hear('silence', 800);
    await rig.advanceMs(6000);
    expect(rig.of('conversation.idle').map(({ retry }) => retry)).toEqual([1, 1]);
  });

  test('waits while the user speaks and while a reply is made or played', async () => {
    const rig = await createRig({
      settings: idle,
      utterances: [{ text: '讲个很长的故事' }],
      replies: [{ tokens: ['好。'], ttftMs: 2900 }],
    });
    await rig.hear('speech', 6000);
    await rig.hear('silence', 3500);
    expect(rig.of('conversation.idle')).toEqual([]);
  });

  test('waits while a tool runs that outlived its turn, and while the board plays music', async () => {
    const rig = await createRig({
      settings: idle,
      replies: [{ toolCalls: [{ id: 'a', name: 'slow', arguments: {} }] }],
      tools: { slow: () => new Promise((resolve) => rig.clock.at((rig.clock.nowUs() + 4_900_000) as never, () => resolve('done'))) },
    });
    rig.conversation.text('一', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(200);
    rig.conversation.interrupt('button');
    await rig.advanceMs(8500);
    expect(rig.of('conversation.idle')).toEqual([]);
    rig.conversation.setIdleDetection(false);
    await rig.advanceMs(60_000);
    expect(rig.of('conversation.idle')).toEqual([]);
    rig.conversation.setIdleDetection(true);
    await rig.advanceMs(4000);
    expect(rig.of('conversation.idle')).toHaveLength(1);
  });

  test('is off without the setting, whatever the board says', async () => {
    const rig = await createRig();
    rig.conversation.setIdleDetection(true);
    await rig.advanceMs(60_000);
    expect(rig.of('conversation.idle')).toEqual([]);
  });

  test('without retries ends the conversation after the first silence', async () => {
    const rig = await createRig({ settings: { conversation: { ...idle.conversation, idleMaxRetries: 0 } } });
    await rig.clock.runUntilIdle();
    expect(rig.of('conversation.idle').map(({ retry }) => retry)).toEqual([0]);
    expect(rig.peer.closedWith).toBe('idle');
  });
});

describe('the session timeout', () => {
  test('ends the conversation then, also in the middle of a reply, and nothing is left behind', async () => {
    const rig = await createRig({
      settings: { conversation: { sessionTimeoutS: 2 } },
      replies: [{ tokens: ['一二三四五六七八九十。'], ttftMs: 1000 }],
    });
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.advanceMs(1999);
    expect(rig.peer.closedWith).toBeUndefined();
    await rig.advanceMs(1);
    expect(rig.peer.closedWith).toBe('session-timeout');
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'interrupted' }]);
    await rig.conversation.closed;
    await rig.clock.runUntilIdle();
    expect(rig.clock.pendingTimers).toBe(0);
    rig.peer.assertSound();
  });

  test('leaves no timer behind when the conversation ends before it', async () => {
    const rig = await createRig({ settings: { conversation: { sessionTimeoutS: 3600 } } });
    rig.conversation.close('bye');
    expect(rig.clock.pendingTimers).toBe(0);
  });
});
