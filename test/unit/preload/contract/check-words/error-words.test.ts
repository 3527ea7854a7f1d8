import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorText } from '../../../../../preload/contract/check-words/errors.ts';
import { TalkError, type TalkErrorValue } from '../../../../../preload/contract/talk-error.ts';

const folder = 'main/core/checks';

/** Every code between the parentheses of each `new TalkError(…)`, up to its data: also those of a condition. */
function thrownCodes(): TalkErrorValue['code'][] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const sources = files.map((name) => readFileSync(join(folder, name), 'utf8'));
  const firsts = sources.flatMap((source) => [...source.matchAll(/new TalkError\(([^,){]*)/gu)].map(([, first]) => first ?? ''));
  return [
    ...new Set(
      firsts.flatMap(
        (first) =>
          first
            .split('?')
            .at(-1)
            ?.match(/(?<=')[a-z/-]+(?=')/gu) ?? [],
      ),
    ),
  ] as TalkErrorValue['code'][];
}

test('every code that checks throw has words with a next step in both languages', () => {
  const codes = thrownCodes();
  expect(codes).toEqual(
    expect.arrayContaining(['check/bad-list', 'check/board-left', 'port/closed', 'port/not-found', 'internal', 'timeout']),
  );
  const told = codes.flatMap((code) => (['en', 'zh'] as const).map((language) => errorText({ code, data: {} }, language)));
  expect(told.filter((text) => !/\. [A-Z].*\.$|）。\p{Script=Han}.*。$/u.test(text))).toEqual([]);
});

test('what is known of it fills its words, and the code can be searched for', () => {
  const { value } = new TalkError('check/bad-list', { line: 3, reason: 'checks.0: there is no check x' });
  expect(errorText(value, 'en')).toMatch(/^the check list cannot be read: checks\.0: there is no check x \(check\/bad-list\)\. Mend it/u);
  expect(errorText(value, 'zh')).toContain('（check/bad-list）。请修改');
});
