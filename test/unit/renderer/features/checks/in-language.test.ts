import { expect, test } from 'vitest';
import type { CheckListOutline, CheckResult } from '../../../../../preload/contract/checks.ts';
import { inLanguage } from '../../../../../renderer/features/checks/run/in-language.ts';
import { checkResultOf, checkRunOf } from '../../../../fakes/check-run.ts';

const lamp = { zh: '灯亮吗？', en: 'Is the lamp lit?' };
const loud = { zh: '够响', en: 'Loud enough' };
const item = (id: string, titles: CheckListOutline['checks'][number]['titles']) =>
  ({ ...{ id, check: id, group: 'power', title: titles?.en ?? null, titles }, line: null }) as const;
const outline = { checks: [item('lamp', lamp), item('loud', loud), item('power.boot', null)] } as unknown as CheckListOutline;
const asking = (id: string, title: string, text: string): CheckResult => ({
  ...checkResultOf({ check: 'person.question', group: 'power', id, title, state: 'asking' }),
  question: { ask: 'other', data: { text }, kind: 'judge' },
});
const run = checkRunOf({
  listName: 'Line',
  results: [
    asking('lamp', lamp.en, lamp.en),
    asking('loud', loud.en, 'Is it as loud as the sample?'),
    checkResultOf({ check: 'power.boot', group: 'power' }),
  ],
});

test('a run that was begun in English is read in Chinese: its list, its titles, and a question that is its own title', () => {
  const read = inLanguage(run, { names: { zh: '产线', en: 'Line' }, outline }, 'zh');
  expect(read.listName).toBe('产线');
  expect(read.results.map(({ title }) => title)).toEqual(['灯亮吗？', '够响', null]);
  expect(read.results.map(({ question }) => question?.data.text)).toEqual(['灯亮吗？', 'Is it as loud as the sample?', undefined]);
});

test('what the list does not tell any more stays as the run has it', () => {
  expect(inLanguage(run, { names: { zh: '产线', en: 'Line' }, outline: null }, 'zh').results).toEqual(run.results);
});
