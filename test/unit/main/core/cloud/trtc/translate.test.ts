import { expect, test } from 'vitest';
import { translated } from '../../../../../../main/core/cloud/trtc/translate.ts';
import { systemClock } from '../../../../../../pipeline/clock.ts';
import { createScriptedLlm } from '../../../../../../pipeline/engines/llm/scripted.ts';
import { settingsSchema } from '../../../../../../preload/contract/settings.ts';
import { FakeLlm, type FakeReply } from '../../../../../fakes/engines.ts';

const settings = settingsSchema.parse({});
const by = (replies: readonly FakeReply[]) => ({ clock: systemClock, settings, engines: { llm: new FakeLlm(systemClock, replies) } });
const sentence = { text: '你好', source: 'zh', target: 'en' } as const;

test('a subtitle is translated by the model of the bench', async () => {
  expect(await translated(sentence, by([{ tokens: ['Hel', 'lo.'], ttftMs: 0 }]))).toBe('Hello.');
});

test('without a model the phrase table does what it knows', async () => {
  const scripted = { clock: systemClock, settings, engines: { llm: createScriptedLlm({ clock: systemClock }) } };
  expect(await translated(sentence, scripted)).toMatch(/hello/i);
  expect(await translated({ ...sentence, target: 'fr' }, scripted)).toBe('');
});

test('a model that fails leaves the subtitle without one, and the same language needs none', async () => {
  expect(await translated(sentence, by([{ error: new Error('no'), ttftMs: 0 }]))).toBe('');
  const none = by([]);
  expect(await translated({ ...sentence, target: 'zh' }, none)).toBe('');
  expect(none.engines.llm.requests).toEqual([]);
});
