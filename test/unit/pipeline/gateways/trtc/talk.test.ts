import { describe, expect, test } from 'vitest';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import { talkRig } from './room-user.ts';

const question = { text: '今天天气怎么样', partials: [{ atMs: 200, text: '今天' }] };
const answer = { tokens: ['今天', '晴天。', '适合出门。'] };

async function oneTurn(options: Parameters<typeof talkRig>[0] = {}) {
  const talk = await talkRig({ utterances: [question], replies: [answer], ...options });
  await talk.hear('speech', 800);
  await talk.hear('silence', 3500);
  return talk;
}

describe('a turn, told in the room', () => {
  test('the states go listening, thinking, speaking, listening', async () => {
    await using talk = await oneTurn();
    expect(talk.user.payloads(10001).map(({ state }) => state)).toEqual([1, 2, 3, 1]);
  });

  test('the user’s subtitle grows and ends whole; times are of the task, and translation_text is there', async () => {
    await using talk = await oneTurn();
    const told = talk.user.payloads(10000, 'user');
    expect(told.map(({ text, end }) => [text, end])).toEqual([
      ['今天', false],
      ['今天天气怎么样', true],
    ]);
    expect(told.at(-1)).toMatchObject({ translation_text: '', start_time: expect.stringMatching(/^\d\d:\d\d:\d\d$/) });
  });

  test('the robot’s subtitle holds all before it, and ends with the whole of it', async () => {
    await using talk = await oneTurn();
    expect(talk.user.payloads(10000, 'robot').map(({ text, end }) => [text, end])).toEqual([
      ['今天', false],
      ['今天晴天。', false],
      ['今天晴天。适合出门。', false],
      ['今天晴天。适合出门。', true],
    ]);
  });

  test('with SubtitleMode 1 it comes a sentence at a time, with its sound', async () => {
    await using talk = await oneTurn({ agent: { SubtitleMode: 1 } });
    expect(talk.user.payloads(10000, 'robot').map(({ text, end }) => [text, end])).toEqual([
      ['今天晴天。', true],
      ['适合出门。', true],
    ]);
  });

  test('everything of a turn is of one round', async () => {
    await using talk = await oneTurn();
    const rounds = new Set(talk.user.payloads(10000).map(({ roundid }) => roundid));
    expect(rounds.size).toBe(1);
    expect(talk.payloads(905)[0]?.RoundId).toBe([...rounds][0]);
  });

  test('metrics, each once, in the room and to the backend', async () => {
    await using talk = await oneTurn();
    const names = ['asr_latency', 'llm_network_latency', 'llm_first_token', 'tts_first_frame_latency', 'tts_discontinuity'];
    const told = talk.user.payloads(10020).map(({ metric }) => metric);
    expect(names.filter((name) => told.filter((one) => one === name).length === 1)).toEqual(names);
    expect(talk.payloads(906).map(({ Metric }) => Metric)).toEqual(told);
    expect(talk.user.payloads(10020).find(({ metric }) => metric === 'llm_first_token')?.value).toBe(100);
  });

  test('the backend hears that speech began, both sentences, and what was heard of the reply', async () => {
    await using talk = await oneTurn();
    expect(talk.payloads(904)).toMatchObject([{ UserId: 'user' }]);
    expect(talk.payloads(903)).toMatchObject([
      { UserId: 'user', Text: '今天天气怎么样' },
      { UserId: 'robot', Text: '今天晴天。适合出门。' },
    ]);
    expect(talk.payloads(905)).toMatchObject([{ UserId: 'robot', Text: '今天晴天。适合出门。' }]);
    const [{ StartTimeMs, EndTimeMs }] = talk.payloads(903) as [{ StartTimeMs: number; EndTimeMs: number }];
    expect(EndTimeMs - StartTimeMs).toBeGreaterThan(500);
  });

  test('a subtitle that is whole carries its translation', async () => {
    await using talk = await oneTurn({ translate: async (text) => (text.includes('怎么样') ? 'How is the weather today' : 'Sunny.') });
    expect(talk.user.payloads(10000, 'user').at(-1)).toMatchObject({
      text: '今天天气怎么样',
      translation_text: 'How is the weather today',
    });
  });
});

describe('errors', () => {
  test('the language model’s, once a try, with the document’s code, in the room and to the backend', async () => {
    const error = new TalkError('engine/rate-limited', { stage: 'llm', engine: 'x', reason: 'quota' });
    await using talk = await oneTurn({
      replies: [
        { error, ttftMs: 10 },
        { error, ttftMs: 10 },
      ],
    });
    const told = { metric: 'llm_error', tag: { code: 30201 } };
    expect(talk.user.payloads(10030)).toMatchObject([told, told]);
    expect(talk.payloads(908)[1]).toMatchObject({ Metric: 'llm_error', Tag: { Code: 30201 } });
    expect(JSON.stringify(talk.payloads(908))).toContain('quota');
  });
});

describe('messages of the client', () => {
  const text = (more: Record<string, unknown> = {}) => ({
    type: 20000,
    sender: 'user',
    receiver: ['robot'],
    payload: { id: '1', message: '讲个故事', timestamp: 1 },
    ...more,
  });

  test('20000 is answered past speech recognition', async () => {
    await using talk = await talkRig({ replies: [answer] });
    talk.say(text());
    await talk.clock.advance(3_000_000);
    expect(talk.llm.requests[0]?.messages.at(-1)).toMatchObject({ role: 'user', content: '讲个故事' });
    expect(talk.payloads(905)).toHaveLength(1);
  });

  test.each([
    ['of another sender', { sender: 'somebody' }],
    ['to nobody', { receiver: [] }],
    ['to another robot', { receiver: ['robot2'] }],
    ['without a text', { payload: {} }],
    ['of another type', { type: 20002 }],
  ])('one %s is not taken', async (_what, more) => {
    await using talk = await talkRig({ replies: [answer] });
    talk.say(text(more));
    await talk.clock.advance(3_000_000);
    expect(talk.llm.requests).toEqual([]);
  });

  test('20001 silences the robot: state 4, the metric, and the backend hears what had been said', async () => {
    await using talk = await talkRig({ replies: [{ tokens: ['很久很久以前，', '有一座山，', '山里有一座庙。'] }] });
    talk.say(text());
    await talk.clock.advance(1_500_000);
    talk.say({ type: 20001, sender: 'user', receiver: ['robot'], payload: { id: '2', timestamp: 1 } });
    await talk.clock.advance(500_000);
    expect(talk.user.payloads(10001).map(({ state }) => state)).toContain(4);
    expect(talk.user.payloads(10020).map(({ metric }) => metric)).toContain('interruption');
    const [said] = talk.payloads(905) as [{ Text: string }];
    expect('很久很久以前，有一座山，山里有一座庙。'.startsWith(said.Text)).toBe(true);
    expect(said.Text).not.toContain('庙');
    const sent = talk.user.packets.length;
    await talk.clock.advance(2_000_000);
    expect(talk.user.packets.length).toBe(sent);
  });
});

describe('what the request asks for', () => {
  test('the welcome message is said, and its round told', async () => {
    await using talk = await talkRig({ settings: { agent: { greetingZh: '你好。', greetingEn: '' } } });
    await talk.clock.advance(2_000_000);
    expect(talk.user.payloads(10000, 'robot').at(-1)).toMatchObject({ text: '你好。', end: true });
    expect(talk.payloads(905)).toMatchObject([{ Text: '你好。' }]);
  });

  test('with TurnDetectionMode 1 speech is told and not answered; the client asks', async () => {
    await using talk = await oneTurn({ agent: { TurnDetectionMode: 1 } });
    expect(talk.user.payloads(10000, 'user').at(-1)).toMatchObject({ text: '今天天气怎么样', end: true });
    expect(talk.llm.requests).toEqual([]);
    talk.say({ type: 20000, sender: 'user', receiver: ['robot'], payload: { message: '今天天气怎么样' } });
    await talk.clock.advance(3_000_000);
    expect(talk.payloads(905)).toMatchObject([{ Text: '今天晴天。适合出门。' }]);
  });

  test('a sentence of one character is not answered, unless FilterOneWord is off', async () => {
    await using filtered = await oneTurn({ utterances: [{ text: '嗯。' }] });
    expect(filtered.llm.requests).toEqual([]);
    await using kept = await oneTurn({ utterances: [{ text: '嗯。' }], agent: { FilterOneWord: false } });
    expect(kept.llm.requests).toHaveLength(1);
  });

  test('what stands in the brackets of FilterBracketsContent is neither spoken nor shown', async () => {
    await using talk = await oneTurn({ replies: [{ tokens: ['（微', '笑）今天', '晴天。'] }], agent: { FilterBracketsContent: 1 } });
    expect(talk.tts.requests.map(({ text }) => text).join('')).toBe('今天晴天。');
    expect(talk.payloads(905)).toMatchObject([{ Text: '今天晴天。' }]);
  });

  test('services are told the task, the application, the user and the room', async () => {
    await using talk = await oneTurn();
    expect(talk.llm.requests[0]?.headers).toMatchObject({
      'X-Task-Id': talk.task.id,
      'X-Sdk-App-Id': '1400000001',
      'X-User-Id': 'user',
      'X-Room-Id': '1234',
      'X-Room-Id-Type': '0',
    });
    const headers = talk.tts.requests[0]?.headers ?? {};
    expect(headers['X-Request-Id']).toBe(headers['X-Rquest-Id']);
  });
});

describe('ControlAIConversation', () => {
  const push = (text: string, more: Record<string, unknown> = {}) =>
    ({ kind: 'say', text, isInterrupting: false, isKept: false, isLast: false, ...more }) as const;

  test('a text is said at once when nobody speaks', async () => {
    await using talk = await talkRig();
    talk.rig.trtc.tasks.push(talk.task.id, push('请注意。'));
    await talk.clock.advance(2_000_000);
    expect(talk.payloads(905)).toMatchObject([{ Text: '请注意。' }]);
  });

  test('one that may not interrupt is dropped, or waits for the end of what is going on', async () => {
    await using talk = await talkRig({ replies: [answer] });
    talk.say({ type: 20000, sender: 'user', receiver: ['robot'], payload: { message: '讲' } });
    await talk.clock.advance(500_000);
    talk.rig.trtc.tasks.push(talk.task.id, push('丢掉。'));
    talk.rig.trtc.tasks.push(talk.task.id, push('留着。', { isKept: true }));
    await talk.clock.advance(5_000_000);
    expect(talk.payloads(905).map(({ Text }) => Text)).toEqual(['今天晴天。适合出门。', '留着。']);
  });

  test('the task ends after the text that is to be the last', async () => {
    await using talk = await talkRig();
    talk.rig.trtc.tasks.push(talk.task.id, push('再见。', { isLast: true }));
    await talk.clock.advance(3_000_000);
    expect([talk.task.status, talk.payloads(905)[0]?.Text, talk.payloads(902)]).toEqual(['Stopped', '再见。', [{ LeaveCode: 0 }]]);
  });

  test('InvokeLLM asks the model, whose request says so', async () => {
    await using talk = await talkRig({ replies: [answer] });
    talk.rig.trtc.tasks.push(talk.task.id, { ...push('问好'), kind: 'ask' });
    await talk.clock.advance(3_000_000);
    expect(talk.llm.requests[0]?.headers?.['X-Invoke-LLM']).toBe('1');
    expect(talk.payloads(905)).toHaveLength(1);
  });
});
