import { describe, expect, test } from 'vitest';
import { createRig } from './rig.ts';

const long = '一二三四五六七八九十一二三四五六七八九十。';

describe('who may interrupt when', () => {
  test('thinking and speaking have policies of their own (livekit #3427)', async () => {
    const rig = await createRig({
      turns: { interruptionWhileThinking: 'off' },
      utterances: [{ text: '快一点' }, { text: '停下来' }],
      replies: [{ tokens: [long], ttftMs: 2500 }, { tokens: ['好。'] }],
    });
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.hear('speech', 900);
    await rig.hear('silence', 1500);
    expect(rig.of('interruption.onset')).toEqual([]);
    expect(rig.conversation.state).toBe('thinking');
    await rig.hear('silence', 1200);
    expect(rig.conversation.state).toBe('speaking');
    await rig.hear('speech', 900);
    expect(rig.of('interruption.decided')).toMatchObject([{ turnId: 1 }]);
    rig.peer.assertSound();
  });

  test('thinking may be interrupted where speaking may not', async () => {
    const rig = await createRig({
      turns: { interruption: 'manual', interruptionWhileThinking: 'duration' },
      utterances: [{ text: '等一下' }],
      replies: [{ tokens: [long], ttftMs: 2500 }, { tokens: ['好。'] }],
    });
    rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
    await rig.hear('speech', 900);
    expect(rig.of('turn.ended')).toMatchObject([{ turnId: 1, outcome: 'unanswered' }]);
  });

  test('a protected greeting is not interrupted by voice, while the echo canceller calibrates (livekit #4223), but by the button', async () => {
    const rig = await createRig({ greeting: long, turns: { isGreetingProtected: true }, utterances: [{ text: '你好' }] });
    await rig.advanceMs(400);
    await rig.hear('speech', 900);
    expect(rig.of('interruption.onset')).toEqual([]);
    rig.conversation.interrupt('button');
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'interrupted' }]);
    rig.peer.assertSound();
  });

  test.each(['off', 'manual', 'duration', 'semantic'])(
    'the button works with interruption "%s", thinking and speaking',
    async (interruption) => {
      for (const atMs of [50, 1500]) {
        const rig = await createRig({ turns: { interruption, interruptionWhileThinking: 'off' }, replies: [{ tokens: [long] }] });
        rig.conversation.text('问', { initiator: 'user-text', isSpoken: true });
        await rig.advanceMs(atMs);
        rig.conversation.interrupt('button');
        expect(rig.conversation.state).toBe('listening');
        const sent = rig.peer.packets.length;
        await rig.clock.runUntilIdle();
        expect(rig.peer.packets.length).toBe(sent);
      }
    },
  );
});
