// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates under test are written like that
import { describe, expect, test } from 'vitest';
import { estimateTokens } from '../../../../pipeline/agent/context.ts';
import { fillTemplate } from '../../../../pipeline/agent/template.ts';
import { createAgentRig } from './rig.ts';

describe('prompt and greeting', () => {
  test('a template is filled from the variables; an unknown one is left out', () => {
    expect(fillTemplate('你好${name}，${ city }${nobody}！$5 {x} ${constructor}', { name: '小明', city: '深圳' })).toBe(
      '你好小明，深圳！$5 {x} ',
    );
  });

  test('a value is not a template', () => {
    expect(fillTemplate('${a}', { a: '${b}', b: 'x' })).toBe('${b}');
  });

  test('variables may have Chinese names', () => {
    expect(fillTemplate('${昵称}', { 昵称: '小明' })).toBe('小明');
  });

  test('an agent without a prompt has no system message', () => {
    const bare = createAgentRig({ settings: { agent: { greetingEn: ' Hi ${name} ' } }, deps: { variables: { name: 'Bo' } } });
    expect(bare.agent.greeting()).toBe('Hi Bo');
    expect(bare.texts('q')).toEqual(['q']);
  });

  test('the built-in variables are of the device and the lab’s zone; the connection’s own go first', () => {
    const systemPrompt = '${product_id}/${device_name} ${language} ${date} ${time} ${weekday} ${time_zone}';
    const { texts } = createAgentRig({ settings: { agent: { systemPrompt } }, deps: { variables: { weekday: 'someday' } } });
    // The virtual clock starts at 2026-01-01 00:00 UTC.
    expect(texts('q')[0]).toBe('PRODUCT/dev_1 English 2026-01-01 08:00 someday Asia/Shanghai');
  });

  test('a place that nothing fills is noted once', () => {
    const { texts, of } = createAgentRig({ settings: { agent: { systemPrompt: 'a ${mood} b ${mood}' } } });
    expect(texts('q')[0]).toBe('a  b');
    texts('r');
    expect(of('agent.note')).toMatchObject([{ note: 'unknown-variable', data: { name: 'mood' } }]);
  });

  test('idle texts are those of the language, and nothing without one', () => {
    const { agent } = createAgentRig({ settings: { conversation: { idleMessages: [{ retry: 2, zh: '在吗', en: 'Hello?' }] } } });
    expect([1, 2, 3].map((retry) => agent.idleText(retry))).toEqual(['', 'Hello?', '']);
  });
});

describe('what a round is asked with', () => {
  test('stays as it was at the round’s beginning; a change is the next one’s', () => {
    const { agent, set } = createAgentRig({ settings: { agent: { systemPrompt: 'old', temperature: 0.5 } } });
    const round = agent.begin('q');
    set({ agent: { systemPrompt: 'new', maxTokens: 9, topP: 0.1, metaInfo: { a: 1 } } });
    expect(agent.request({ round })).toMatchObject({ messages: [{ content: 'old' }, { content: 'q' }], temperature: 0.5 });
    const next = agent.request({ round: agent.begin('r') });
    expect(next).toMatchObject({ maxTokens: 9, topP: 0.1, metaInfo: { a: 1 } });
    expect(next.messages[0]?.content).toBe('new');
    expect(next).not.toHaveProperty('temperature');
  });

  test.each([
    [0, ['d']],
    [2, ['b', 'c', 'd']],
    [50, ['a', 'b', 'c', 'd']],
  ])('history keeps %i rounds before the one under way', (historyRounds, expected) => {
    const { agent, texts } = createAgentRig({ settings: { agent: { historyRounds } } });
    for (const text of ['a', 'b', 'c']) agent.begin(text);
    expect(texts('d')).toEqual(expected);
  });

  test('a draft is shown to its own request only, until it is committed', () => {
    const { agent, texts } = createAgentRig();
    agent.begin('a');
    const draft = agent.draft('b');
    expect(agent.request({ round: draft }).messages.map(({ content }) => content)).toEqual(['a', 'b']);
    expect(texts('c')).toEqual(['a', 'c']);
    agent.commit(draft);
    agent.commit(draft);
    expect(texts('d')).toEqual(['a', 'b', 'd']);
  });

  test('a round cut in its first step shows nothing of the second (pipecat #2791: context not truncated)', () => {
    const { agent } = createAgentRig();
    const round = agent.begin('q');
    round.steps.push({ text: 'first part. ', toolAnswers: [] }, { text: 'second part.', toolAnswers: [] });
    round.cutTo('first');
    expect(agent.request({ round }).messages).toEqual([
      { role: 'user', content: 'q' },
      { role: 'assistant', content: 'first', wasInterrupted: true },
    ]);
  });

  test('of what was never heard nothing is in the history, but the user’s words are (pipecat #1591)', () => {
    const { agent, texts } = createAgentRig();
    const round = agent.begin('q');
    round.steps.push({ text: 'unheard', toolAnswers: [] });
    round.cutTo('');
    expect(texts('r')).toEqual(['q', 'r']);
  });

  test('pictures are shown for two more rounds', () => {
    const { agent } = createAgentRig();
    const image = { mediaType: 'image/jpeg', data: new Uint8Array(3) };
    agent.begin('look', [image]);
    const pictures = () =>
      agent.request({ round: agent.begin('and?') }).messages.filter((message) => message.role === 'user' && message.images).length;
    expect([pictures(), pictures(), pictures()]).toEqual([1, 1, 0]);
  });
});

describe('the context cap', () => {
  test('a Han character is a token, of other characters four are', () => {
    expect([estimateTokens('你好，世界'), estimateTokens('hello world!'), estimateTokens('')]).toEqual([5, 3, 0]);
  });

  test('the oldest rounds go first, whole, and it is noted; the round under way stays even when it is too long', () => {
    const rig = createAgentRig({ settings: { agent: { maxContextTokens: 60 } } });
    const first = rig.agent.begin('一'.repeat(20));
    const call = { id: 'x', name: 'get_battery', arguments: {} };
    const answer = { call, content: '{"battery":80}', isRunning: false, settled: Promise.resolve() };
    first.steps.push({ text: '', toolAnswers: [answer] }, { text: '好', toolAnswers: [] });
    rig.talk('二'.repeat(5), '是');
    expect(rig.texts('三')).toEqual(['二'.repeat(5), '是', '三']);
    expect(rig.of('agent.note')).toMatchObject([{ note: 'rounds-left-out', data: { count: 1 } }]);
    expect(rig.texts('四'.repeat(100))).toEqual(['四'.repeat(100)]);
  });

  test('no request has a tool’s answer without its call, whatever the cap', () => {
    const rig = createAgentRig();
    for (let number = 0; number < 6; number += 1) {
      const round = rig.agent.begin(`q${number}`);
      const call = { id: `call-${number}`, name: 'get_battery', arguments: {} };
      round.steps.push({ text: '', toolAnswers: [{ call, content: '1', isRunning: false, settled: Promise.resolve() }] });
      round.steps.push({ text: 'done', toolAnswers: [] });
    }
    for (let maxContextTokens = 1; maxContextTokens < 150; maxContextTokens += 1) {
      rig.set({ agent: { maxContextTokens } });
      const { messages } = rig.agent.request({ round: rig.agent.draft('now') });
      const calls = messages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : [])).map(({ id }) => id);
      const answers = messages.flatMap((message) => (message.role === 'tool' ? message.toolCallId : []));
      expect(answers).toEqual(calls);
      expect(messages[0]?.role).toBe('user');
    }
  });
});
