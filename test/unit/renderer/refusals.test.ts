import i18next from 'i18next';
import { expect, test } from 'vitest';
import { signatureMistakes } from '../../../preload/contract/cloud/cloud-api.ts';
import { refusalReasons } from '../../../preload/contract/cloud/refusals.ts';
import { errorSentences } from '../../../renderer/lib/errors.ts';
import { en } from '../../../renderer/locales/en/index.ts';
import { zh } from '../../../renderer/locales/zh/index.ts';

const han = /\p{Script=Han}/u;

test('why a board is refused, and what to do then, is said in both languages', () => {
  for (const reason of refusalReasons)
    for (const part of ['is', 'next'] as const) {
      expect([reason, part, han.test(zh.refusals[reason][part])]).toEqual([reason, part, true]);
      expect([reason, part, han.test(en.refusals[reason][part])]).toEqual([reason, part, false]);
    }
});

test('so is what a client did wrong with its signature', () => {
  for (const mistake of signatureMistakes) {
    expect([mistake, han.test(zh.cloudApi.mistakes[mistake])]).toEqual([mistake, true]);
    expect(en.cloudApi.mistakes[mistake].length).toBeGreaterThan(20);
  }
});

test('a conversation that was refused says why in the reader’s words', async () => {
  const i18n = i18next.createInstance();
  await i18n.init({ lng: 'zh', resources: { zh: { translation: zh } }, interpolation: { escapeValue: false } });
  const error = { code: 'talk/refused', data: { stage: 'mqtt', reason: 'bad-password' } } as const;
  expect(errorSentences(i18n.getFixedT('zh'), error).what).toContain('密码不是用本设备的密钥生成的');
});
