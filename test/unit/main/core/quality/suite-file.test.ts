import { expect, test } from 'vitest';
import { type DraftedSession, draftSuite } from '../../../../../main/core/quality/suite/draft.ts';
import { inspectSuite } from '../../../../../main/core/quality/suite/read.ts';
import type { TurnRecord } from '../../../../../preload/contract/sessions.ts';

const suiteOf = (rest: string) => `version: 1\nname: x\ncases:\n  - session: s\n${rest}`;

test('aliases that grow without end are refused, and so are brackets within brackets', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i++)
    bomb.push(
      `${'abcdefghi'[i]}: &${'abcdefghi'[i]} [${Array(9)
        .fill(`*${'abcdefghi'[i - 1]}`)
        .join(', ')}]`,
    );
  expect(inspectSuite(bomb.join('\n')).problems).toMatchObject([{ reason: 'too many aliases' }]);
  expect(inspectSuite('['.repeat(100_000)).problems).toMatchObject([{ reason: 'nested too deep' }]);
});

test('names of what every object has are no metrics, no settings and no facts', () => {
  for (const rest of [
    '    golden: {session: s, slowerMs: {constructor: 1}}',
    '    how: resimulate\n    settings: {turns: {constructor: 1}}',
    '    budget: {constructor: {p50: 1}}',
    '    expect: [{turn: 1, latency: {toString: 1}}]',
    '    expect: [{session: {valueOf: 1}}]',
  ])
    expect(inspectSuite(suiteOf(rest)).problems, rest).not.toEqual([]);
});

test('a file that is wrong in every line tells some of its faults', () => {
  const wrong = Array.from({ length: 500 }, () => '  - {session: 1}').join('\n');
  const { problems } = inspectSuite(`version: 1\nname: x\ncases:\n${wrong}`);
  expect(problems).toHaveLength(200);
  expect(problems[0]).toMatchObject({ line: 4 });
});

test('of a file that is no YAML in every line, or names everything twice or wrong, as little is told', () => {
  const lines = (count: number, line: (i: number) => string) => Array.from({ length: count }, (_, i) => line(i)).join('\n');
  const wrong: Record<string, string> = {
    tabs: lines(1000, () => '\ta: b'),
    brackets: `[${'} '.repeat(1000)}`,
    escapes: `a: "${'\\q'.repeat(1000)}`,
    'one key': lines(1000, () => 'k: 1'),
    'keys of a map within': suiteOf(`    golden:\n${lines(1000, () => '      k: 1')}`),
    'words that are not known': lines(1000, (i) => `word${i}: 1`),
    'cases of one name': `version: 1\nname: x\ncases:\n${lines(1000, () => '  - session: s')}`,
    settings: suiteOf(`    how: rerun\n    settings: {turns: {${lines(1000, (i) => `word${i}: 1,`)}}}`),
  };
  for (const [name, text] of Object.entries(wrong)) {
    const { file, problems } = inspectSuite(text);
    expect(file, name).toBeNull();
    expect(problems.length, name).toBeGreaterThan(0);
    expect(problems.length, name).toBeLessThanOrEqual(200);
    for (const { reason } of problems) expect(reason.length, name).toBeLessThan(520);
  }
});

test('a key that stands twice is told with its line; the same key elsewhere is none', () => {
  const text = suiteOf('    how: rerun\n    settings:\n      turns: {vadSilenceMs: 700}\n      turns: {vadSilenceMs: 800}');
  expect(inspectSuite(text).problems).toEqual([{ line: 8, path: '', reason: 'Map keys must be unique' }]);
  expect(inspectSuite(suiteOf('  - session: t')).problems).toEqual([]);
});

test('the draft of a long session can be read again', () => {
  const turns = Array.from({ length: 2500 }, (_, i) => ({
    ...{ conversationId: 'c', turnId: i + 1, initiator: 'user-speech', outcome: 'completed', userText: `turn ${i}`, toolCalls: [] },
    breakdown: { totalUs: 1_000_000 + i },
  })) as unknown as TurnRecord[];
  const detail = {
    session: { id: 's', title: '' },
    turns,
    conversations: [{ language: 'en' }],
    engineErrors: 0,
  } as unknown as DraftedSession;
  const { file, problems } = inspectSuite(draftSuite([detail], 'long'));
  expect(problems).toEqual([]);
  expect(file?.suite.cases[0]?.expect.length).toBeGreaterThan(1900);
});

test('a draft does not expect of all sessions what one of them did not do', () => {
  const sessionOf = (id: string, over: object) =>
    ({
      session: { id, title: '', droppedCount: 0 },
      turns: [],
      conversations: [{ language: 'en' }],
      engineErrors: 0,
      ...over,
    }) as unknown as DraftedSession;
  const expected = (...sessions: DraftedSession[]) => inspectSuite(draftSuite(sessions, 'x')).file?.suite.expect;
  expect(expected(sessionOf('a', {}))).toEqual([{ session: { unanswered: 0, engineErrors: 0, dropped: 0 } }]);
  expect(expected(sessionOf('a', {}), sessionOf('b', { engineErrors: 1 }))).toEqual([{ session: { unanswered: 0, dropped: 0 } }]);
  const lossy = {
    session: { id: 'b', title: '', droppedCount: 3 },
    engineErrors: 1,
    turns: [{ outcome: 'unanswered', initiator: 'user-speech', breakdown: { totalUs: null }, toolCalls: [], turnId: 1, userText: '' }],
  };
  expect(expected(sessionOf('b', lossy)) ?? []).toEqual([]);
});
