import { describe, expect, test } from 'vitest';
import { createRig, type Rig } from './rig.ts';

const remind = (seconds: number, text = '关火') => ({
  toolCalls: [{ id: 'r', name: 'set_reminder', arguments: { text, delay_seconds: seconds } }],
});
const settings = { agent: { tools: [{ source: 'reminder' }] } };
const ask = { initiator: 'user-text', isSpoken: true } as const;

describe('a reminder that is due', () => {
  test('is said at once when nobody speaks', async () => {
    const rig = await createRig({ settings, replies: [remind(5), { tokens: ['好。'] }] });
    rig.conversation.text('五秒后提醒我关火', ask);
    await rig.advanceMs(5500);
    expect(rig.tts.requests.at(-1)?.text).toBe('提醒你：关火');
    expect(rig.of('turn.started').map(({ initiator }) => initiator)).toEqual(['user-text', 'injected']);
  });

  test('waits until the user has spoken and was answered', async () => {
    const rig = await createRig({
      settings,
      utterances: [{ text: '今天天气怎么样' }],
      replies: [remind(3), { tokens: ['好。'] }, { tokens: ['今天是晴天。'] }],
    });
    rig.conversation.text('三秒后提醒我关火', ask);
    await rig.advanceMs(2000);
    await rig.hear('speech', 2000);
    await rig.hear('silence', 1000);
    await rig.advanceMs(6000);
    rig.peer.assertSound();
    expect(rig.of('turn.ended').map(({ userText, replyText, outcome }) => [userText, replyText, outcome])).toEqual([
      ['三秒后提醒我关火', '好。', 'completed'],
      ['今天天气怎么样', '今天是晴天。', 'completed'],
      ['', '提醒你：关火', 'completed'],
    ]);
  });

  test('waits for the reply that plays, and is not lost when a text takes that reply’s place', async () => {
    const rig = await createRig({
      settings,
      replies: [remind(1), { tokens: ['我现在慢慢地给你讲一个很长很长的故事吧。'] }, { tokens: ['好的好的。'] }],
    });
    rig.conversation.text('一秒后提醒我关火', ask);
    await rig.advanceMs(1800);
    expect(rig.conversation.state).toBe('speaking');
    rig.conversation.text('别讲了', ask);
    await rig.advanceMs(6000);
    expect(rig.of('turn.ended').map(({ replyText, outcome }) => [replyText, outcome])).toEqual([
      ['我现在慢慢地给你讲一个很长很长的故事吧。', 'interrupted'],
      ['好的好的。', 'completed'],
      ['提醒你：关火', 'completed'],
    ]);
  });

  test('is said after speech of which nothing was understood; several are said one after the other', async () => {
    const rig = await createRig({ settings, utterances: [{ text: '' }], replies: [remind(2), remind(2, '浇花'), { tokens: ['好。'] }] });
    rig.conversation.text('两件事', ask);
    await rig.advanceMs(1200);
    await rig.hear('speech', 1500);
    await rig.hear('silence', 900);
    await rig.advanceMs(6000);
    expect(rig.tts.requests.map(({ text }) => text).slice(-2)).toEqual(['提醒你：关火', '提醒你：浇花']);
    expect(rig.of('turn.ended').slice(-2)).toMatchObject([{ outcome: 'completed' }, { outcome: 'completed' }]);
  });

  test('is never said in a conversation that is over', async () => {
    const rig = await createRig({ settings, replies: [remind(2), { tokens: ['好。'] }] });
    rig.conversation.text('提醒我', ask);
    await rig.advanceMs(1900);
    await rig.hear('speech', 400);
    rig.conversation.close('gone');
    await rig.clock.runUntilIdle();
    await rig.conversation.closed;
    expect(JSON.stringify(rig.tts.requests)).not.toContain('提醒你');
  });
});

describe('a text of nothing but blanks', () => {
  const act = {
    text: (rig: Rig) => rig.conversation.text(' \n', ask),
    say: (rig: Rig) => rig.conversation.say(''),
    image: (rig: Rig) => rig.conversation.image({ mediaType: 'image/png', data: Uint8Array.of(1) }, ' '),
  };

  test.each(['text', 'say', 'image'] as const)('changes nothing, neither for a reply that is held nor for the user: %s', async (how) => {
    const rig = await createRig({
      utterances: [{ text: '嗯', finalMs: 300 }, { text: '今天天气怎么样' }],
      replies: [{ tokens: ['我现在慢慢地给你讲一个很长很长的故事吧。'] }, { tokens: ['晴天。'] }],
    });
    rig.conversation.text('讲故事', ask);
    await rig.advanceMs(800);
    await rig.hear('speech', 250);
    expect(rig.conversation.state).toBe('paused');
    act[how](rig);
    await rig.hear('silence', 1500);
    await rig.advanceMs(4000);
    expect(rig.of('turn.ended')).toMatchObject([{ outcome: 'completed' }]);
    await rig.hear('speech', 600);
    act[how](rig);
    await rig.hear('silence', 1000);
    await rig.advanceMs(2000);
    expect(rig.of('turn.ended').at(-1)).toMatchObject({ outcome: 'completed', userText: '今天天气怎么样' });
  });
});

describe('how a given text is meant', () => {
  test('is told to displays and not spoken, in a greeting and in what the bench has it say', async () => {
    const rig = await createRig({ greeting: '[happy]你好。' });
    await rig.advanceMs(1500);
    rig.conversation.say('（难过）再见了。');
    await rig.advanceMs(2500);
    expect(rig.tts.requests.map(({ text }) => text)).toEqual(['你好。', '再见了。']);
    expect(rig.peer.messages.flatMap((message) => (message.kind === 'emotion' ? message.emotion : []))).toEqual(['happy', 'sad']);
    expect(rig.of('turn.ended').map(({ replyText, heardText }) => [replyText, heardText])).toEqual([
      ['你好。', '你好。'],
      ['再见了。', '再见了。'],
    ]);
  });
});

describe('images that wait for a question', () => {
  const image = (bytes: number) => ({ mediaType: 'image/jpeg', data: new Uint8Array(bytes) });

  test('are few, and none is larger than a camera’s: that one is told and not asked about', async () => {
    const rig = await createRig({ replies: [{ tokens: ['看到了。'] }] });
    for (const bytes of [1, 2, 3, 4, 5]) rig.conversation.image(image(bytes));
    rig.conversation.image(image(4 * 1024 * 1024 + 1), '这是什么');
    await rig.advanceMs(100);
    expect(rig.of('engine.error')).toMatchObject([{ error: { code: 'too-large' } }]);
    expect(rig.llm.requests).toEqual([]);
    rig.conversation.text('看看', ask);
    await rig.clock.runUntilIdle();
    const [message] = rig.llm.requests[0]?.messages ?? [];
    expect(message?.role === 'user' && message.images?.map(({ data }) => data.byteLength)).toEqual([2, 3, 4, 5]);
  });
});
