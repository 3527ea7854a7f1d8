import { expect, test } from 'vitest';
import { createRig } from './rig.ts';

test('a spoken question gets a spoken answer, told in the order boards expect', async () => {
  const rig = await createRig({
    utterances: [{ text: '今天天气怎么样' }],
    replies: [{ tokens: ['今天', '是晴天', '。', '适合', '出门', '。'] }],
  });
  await rig.hear('speech', 1000);
  await rig.hear('silence', 800);
  await rig.advanceMs(5000);
  rig.peer.assertSound();
  expect(rig.peer.told).toEqual([
    'user-started-speaking',
    'user-stopped-speaking',
    'user-transcript',
    'user-turn',
    'bot-thinking-started',
    ...Array.from({ length: 3 }, () => 'bot-text'),
    'bot-sentence',
    'bot-voice-started',
    ...Array.from({ length: 3 }, () => 'bot-text'),
    'bot-thinking-stopped',
    'bot-started-speaking',
    'bot-sentence',
    'bot-stopped-speaking',
    'bot-voice-stopped',
    'metrics',
  ]);
  expect(rig.of('turn.ended')).toMatchObject([
    {
      turnId: 1,
      outcome: 'completed',
      userText: '今天天气怎么样',
      replyText: '今天是晴天。适合出门。',
      heardText: '今天是晴天。适合出门。',
    },
  ]);
  expect(rig.of('turn.state').map(({ state }) => state)).toEqual([
    'listening',
    'user-speaking',
    'committing',
    'thinking',
    'speaking',
    'listening',
  ]);
  expect(rig.conversation.state).toBe('listening');
});

test('text gets a spoken answer', async () => {
  const rig = await createRig({ replies: [{ tokens: ['你好呀。'] }] });
  rig.conversation.text('你好', { initiator: 'user-text', isSpoken: true });
  await rig.clock.runUntilIdle();
  rig.peer.assertSound();
  expect(rig.peer.packets.length).toBeGreaterThan(10);
  expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed', userText: '你好' }]);
});
