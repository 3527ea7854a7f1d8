import { describe, expect, test } from 'vitest';
import { errorCodes } from '../../../preload/contract/talk-error.ts';
import { en } from '../../../renderer/locales/en/index.ts';
import { zh } from '../../../renderer/locales/zh/index.ts';

/** Every leaf of a locale as `path → text`. */
function leaves(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, child]) => leaves(child, `${path}/${key}`));
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '').sort();
}

const english = new Map(leaves(en));
const chinese = new Map(leaves(zh));

describe('locales', () => {
  test('both languages have the same keys', () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
    expect(english.size).toBeGreaterThan(300);
  });

  test('no text is empty: i18next shows the key instead', () => {
    expect([...english, ...chinese].filter(([, text]) => text.trim() === '').map(([key]) => key)).toEqual([]);
  });

  test('a translation uses the same placeholders', () => {
    const different = [...english].filter(([key, text]) => String(placeholders(chinese.get(key) ?? '')) !== String(placeholders(text)));
    expect(different.map(([key]) => key)).toEqual([]);
  });

  test('every error code has a cause and a next step, and no code that does not exist has', () => {
    expect(Object.keys(en.errors).sort()).toEqual([...errorCodes].sort());
    for (const sentences of Object.values(en.errors)) expect(Object.keys(sentences)).toEqual(['what', 'next']);
  });

  test('the Chinese texts are Chinese', () => {
    // What a modem says is quoted, in whatever language it is read.
    const isQuoted = (text: string): boolean => /^\+?[A-Z ]+$/.test(text);
    const untranslated = [...chinese].filter(
      ([key, text]) => text === english.get(key) && /[a-z]{4,} [a-z]{3,}/i.test(text) && !isQuoted(text),
    );
    expect(untranslated).toEqual([]);
  });
});
