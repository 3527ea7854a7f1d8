// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates under test are written like that
import { expect, test } from 'vitest';
import { createAgent, fillTemplate } from '../../../../pipeline/agent/agent.ts';
import { History } from '../../../../pipeline/agent/history.ts';

test('a template is filled from the variables; an unknown one is left out', () => {
  expect(fillTemplate('你好${name}，${ city }${nobody}！$5 {x} ${constructor}', { name: '小明', city: '深圳' })).toBe(
    '你好小明，深圳！$5 {x} ',
  );
});

test('a value is not a template', () => {
  expect(fillTemplate('${a}', { a: '${b}', b: 'x' })).toBe('${b}');
});

test('an agent without a prompt has no system message', () => {
  const options = { language: 'en', greeting: ' Hi ${name} ', variables: { name: 'Bo' } } as const;
  expect(createAgent({ ...options, systemPrompt: '' })).toEqual({ greeting: 'Hi Bo', preamble: [] });
  expect(createAgent({ ...options, systemPrompt: 'Serve ${name}.' }).preamble).toEqual([{ role: 'system', content: 'Serve Bo.' }]);
});

test.each([
  [0, ['d']],
  [2, ['b', 'c', 'd']],
  [50, ['a', 'b', 'c', 'd']],
])('history keeps %i rounds before the one under way', (limit, texts) => {
  const history = new History(limit);
  for (const text of ['a', 'b', 'c', 'd']) history.begin(text);
  expect(history.messages().map(({ content }) => content)).toEqual(texts);
});

test('a round cut in its first step shows nothing of the second', () => {
  const history = new History(10);
  const round = history.begin('q');
  round.steps.push({ text: 'first part. ', toolAnswers: [] }, { text: 'second part.', toolAnswers: [] });
  round.cutTo('first');
  expect(history.messages()).toEqual([
    { role: 'user', content: 'q' },
    { role: 'assistant', content: 'first', wasInterrupted: true },
  ]);
});
