import { describe, expect, test } from 'vitest';
import { TalkError } from '../../../../preload/contract/errors.ts';
import { createAgentRig } from './rig.ts';

function keeping(known: { summary: string; facts: readonly string[] } = { summary: '', facts: [] }) {
  const kept: unknown[] = [];
  return {
    kept,
    resources: {
      recall: async () => known,
      remember: async (_device: unknown, news: unknown) => void kept.push(news),
      secret: async () => null,
    },
  };
}

describe('the summary of earlier rounds', () => {
  test('is made in the background after so many rounds, and stands in their place', async () => {
    const rig = createAgentRig({ settings: { memory: { summaryRounds: 4 } }, replies: [{ tokens: ['They spoke', ' of cats.'] }] });
    for (const text of ['a', 'b', 'c', 'd']) rig.talk(text, `${text}!`);
    expect(rig.llm.requests).toHaveLength(1);
    expect(rig.llm.requests[0]).toMatchObject({ purpose: 'summary', tools: [] });
    expect(rig.llm.requests[0]?.messages[1]?.content).toContain('User: a\nAssistant: a!\nUser: b\nAssistant: b!');
    // Nothing waits for it.
    expect(rig.texts('now')).toEqual(['a', 'a!', 'b', 'b!', 'c', 'c!', 'd', 'd!', 'now']);
    await rig.clock.advance(1_000_000);
    expect(rig.texts('now')).toEqual(['Earlier in this conversation:\nThey spoke of cats.', 'c', 'c!', 'd', 'd!', 'now']);
    expect(rig.of('agent.memory')).toMatchObject([{ what: 'summary', text: 'They spoke of cats.' }]);
    expect(rig.clock.pendingTimers).toBe(0);
  });

  test('holds rounds that the history shows no more', async () => {
    const rig = createAgentRig({ settings: { memory: { summaryRounds: 4 }, agent: { historyRounds: 1 } }, replies: [{ tokens: ['s'] }] });
    for (const text of ['a', 'b', 'c', 'd']) rig.talk(text, '!');
    expect(rig.llm.requests[0]?.messages[1]?.content).toContain('User: a');
  });

  test('of what was heard only', () => {
    const rig = createAgentRig({ settings: { memory: { summaryRounds: 1 } } });
    const round = rig.agent.begin('q');
    round.steps.push({ text: 'heard and not heard', toolAnswers: [] });
    round.cutTo('heard');
    rig.agent.roundEnded(round);
    expect(rig.llm.requests[0]?.messages[1]?.content).toMatch(/Assistant: heard$/u);
  });

  test('that fails is told and costs nothing; it is tried again after as many rounds', async () => {
    const error = new TalkError('engine/failed', { stage: 'llm', engine: 'fake-llm', reason: 'no' });
    const rig = createAgentRig({ settings: { memory: { summaryRounds: 2 } }, replies: [{ error }, { tokens: ['s'] }] });
    for (const text of ['a', 'b']) rig.talk(text, '!');
    await rig.clock.advance(1_000_000);
    expect(rig.of('engine.error')).toMatchObject([{ stage: 'llm', isBlocking: false, error: { code: 'engine/failed' } }]);
    expect(rig.texts('now')).toEqual(['a', '!', 'b', '!', 'now']);
    rig.talk('c', '!');
    expect(rig.llm.requests).toHaveLength(1);
    rig.talk('d', '!');
    await rig.clock.advance(1_000_000);
    expect(rig.texts('now')[0]).toContain('s');
  });

  test('that hangs is given up; one under way ends with the conversation', async () => {
    const rig = createAgentRig({ settings: { memory: { summaryRounds: 1 } }, replies: [{ isHung: true }, { isHung: true }] });
    rig.talk('a', '!');
    await rig.clock.advance(30_000_000);
    expect(rig.of('engine.error')).toMatchObject([{ error: { code: 'engine/timeout' } }]);
    rig.talk('b', '!');
    expect(rig.llm.requests).toHaveLength(2);
    rig.session.abort();
    await rig.clock.settle();
    expect(rig.of('engine.error')).toHaveLength(1);
  });

  test('waits for a tool that still runs: its result would be lost', async () => {
    const running = { call: { id: 'x', name: 't', arguments: {} }, content: 'running', isRunning: true, settled: Promise.resolve() };
    const rig = createAgentRig({ settings: { memory: { summaryRounds: 1 } } });
    const round = rig.agent.begin('q');
    round.steps.push({ text: '', toolAnswers: [running] });
    rig.agent.roundEnded(round);
    expect(rig.llm.requests).toHaveLength(0);
  });
});

describe('what is remembered of the device', () => {
  const settings = { memory: { isLongTerm: true } };

  test('stands in the next conversation’s prompt', async () => {
    const { resources } = keeping({ summary: 'They met.', facts: ['Her name is Li.', 'She likes tea.'] });
    const rig = createAgentRig({ settings: { ...settings, agent: { systemPrompt: 'Be kind.' } }, deps: { resources } });
    await rig.clock.settle();
    expect(rig.texts('q')[0]).toBe(
      'Be kind.\n\nWhat you remember of this user:\n- Her name is Li.\n- She likes tea.\n\nEarlier conversations:\nThey met.',
    );
  });

  test('is written when the conversation ends, also after its signal; facts that are known are not written twice', async () => {
    const { kept, resources } = keeping({ summary: '', facts: ['Her name is Li.'] });
    const answer = 'Here: {"summary": "Of tea.", "facts": ["Her name is Li.", " She likes tea. ", 3, ""]}';
    const rig = createAgentRig({ settings, deps: { resources }, replies: [{ tokens: [answer] }] });
    rig.talk('I like tea', 'Noted.');
    await rig.clock.settle();
    rig.session.abort();
    const closed = rig.agent.close();
    await rig.clock.advance(1_000_000);
    await closed;
    expect(kept).toEqual([{ summary: 'Of tea.' }, { fact: 'She likes tea.' }]);
    expect(rig.of('agent.memory')).toMatchObject([{ what: 'summary' }, { what: 'fact', text: 'She likes tea.' }]);
    await rig.agent.close();
    expect(rig.llm.requests).toHaveLength(1);
  });

  test.each([
    ['nobody spoke', settings, false],
    ['it is off', {}, true],
  ])('is nothing when %s', async (_why, given, hasSpoken) => {
    const { kept, resources } = keeping();
    const rig = createAgentRig({ settings: given, deps: { resources } });
    if (hasSpoken) rig.talk('hello', 'hi');
    else rig.talk('', 'Hello, how can I help?');
    await rig.agent.close();
    expect([kept, rig.llm.requests]).toEqual([[], []]);
  });

  test('that was erased during the conversation does not come back with its end', async () => {
    const { resources } = keeping({ summary: 'Of a secret.', facts: ['Her name is Li.'] });
    const rig = createAgentRig({ settings, deps: { resources }, replies: [{ tokens: ['{"summary": "Of tea.", "facts": []}'] }] });
    await rig.clock.settle();
    rig.talk('forget it all', 'Done.');
    resources.recall = async () => ({ summary: '', facts: [] });
    const closed = rig.agent.close();
    await rig.clock.advance(1_000_000);
    await closed;
    expect(JSON.stringify(rig.llm.requests)).toContain('forget it all');
    expect(JSON.stringify(rig.llm.requests)).not.toMatch(/secret|Li\./u);
  });

  test('does not hold up who quits, whether the conversation ended before or ends with the bench', async () => {
    for (const isQuittingFirst of [true, false]) {
      const quitting = new AbortController();
      const { resources } = keeping();
      const rig = createAgentRig({ settings, deps: { resources, quitting: quitting.signal }, replies: [{ isHung: true }] });
      rig.talk('hello', 'hi');
      if (isQuittingFirst) quitting.abort();
      const closed = rig.agent.close();
      await rig.clock.advance(1_000_000);
      quitting.abort();
      await rig.clock.advance(500_000);
      await closed;
      expect(rig.clock.pendingTimers).toBe(0);
    }
  });

  test('still is written while the bench closes, if the model is quick; an empty summary makes no earlier one forgotten', async () => {
    const quitting = new AbortController();
    const { kept, resources } = keeping({ summary: 'Of tea.', facts: [] });
    const reply = { tokens: ['{"facts": ["He is Bo."]}'], ttftMs: 300 };
    const rig = createAgentRig({ settings, deps: { resources, quitting: quitting.signal }, replies: [reply] });
    rig.talk('I am Bo', 'Hi Bo.');
    quitting.abort();
    const closed = rig.agent.close();
    await rig.clock.advance(400_000);
    await closed;
    expect(kept).toEqual([{ fact: 'He is Bo.' }]);
  });

  test('is lost, and that told, when the model says no JSON or hangs', async () => {
    for (const reply of [{ tokens: ['I cannot.'] }, { isHung: true }]) {
      const { kept, resources } = keeping();
      const rig = createAgentRig({ settings, deps: { resources }, replies: [reply] });
      rig.talk('hello', 'hi');
      const closed = rig.agent.close();
      await rig.clock.advance(10_000_000);
      await closed;
      expect(kept).toEqual([]);
      expect(rig.of('engine.error')).toHaveLength(1);
    }
  });
});
