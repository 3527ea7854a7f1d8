import { expect, test } from 'vitest';
import type { SessionFacts } from '../../../../../main/core/quality/expectations/facts.ts';
import { sessionExpectation } from '../../../../../main/core/quality/expectations/schema.ts';
import { checkSession } from '../../../../../main/core/quality/expectations/session.ts';
import { compareSessions } from '../../../../../main/core/quality/golden/compare.ts';
import { draftSuite } from '../../../../../main/core/quality/suite/draft.ts';
import { editSuite } from '../../../../../main/core/quality/suite/edit.ts';
import { fileOf, inspectSuite } from '../../../../../main/core/quality/suite/read.ts';
import { sampleConversation } from '../../../../fakes/sample-conversation.ts';

const { record: conversation, turns: sampleTurns, events: sampleEvents } = sampleConversation();

const session = {
  ...{ id: 's1', title: 'Sample', state: 'closed' as const, startedWallMs: 0, durationUs: 60_000_000, boards: ['b'] },
  ...{ conversationCount: 1, turnCount: sampleTurns.length, logRowCount: 2, droppedCount: 0, appVersion: '1', note: '' },
};
const facts: SessionFacts = {
  ...{ session, conversations: [conversation], turns: sampleTurns, events: sampleEvents, isSimulated: false },
  rows: new Map([
    [
      JSON.stringify({ pattern: { text: 'panic', isRegexp: false, isCaseSensitive: false } }),
      { count: 1, first: { atUs: 5, text: 'panic!' } },
    ],
  ]),
};
const spoken = sampleTurns.filter(({ initiator }) => initiator === 'user-speech');
const found = (expectation: unknown, of: SessionFacts = facts) => checkSession(sessionExpectation.parse(expectation), of);

test.each([
  [{ transcript: { contains: '深圳' } }, null],
  [{ transcript: { contains: '北京' } }, 'value'],
  [{ turn: { userText: { contains: '音量' } }, tool: { name: 'volume', where: { 'arguments.volume': 80 } } }, null],
  [{ turn: { userText: { contains: '音量' } }, tool: { name: 'lamp' } }, 'tool-missing'],
  [{ turn: 2, userText: { equals: '今天深圳的天气，怎么样？' } }, null],
  [{ turn: 2, userText: { equals: '今天深圳天气怎么样', errorRate: 0.05 } }, 'value'],
  [{ turn: 2, userText: { equals: '今天深圳天气怎么样', errorRate: 0.2 } }, null],
  [{ turn: 99, outcome: 'completed' }, 'no-such-turn'],
  [{ turn: 'spoken', latency: { v2v: { under: 1 } } }, 'value'],
  [{ turn: 'any', latency: { total: { over: 100 } } }, null],
  [{ turn: 1, latency: { llm_network_latency: { under: 1e6 }, asr_latency: { over: 1e6 } } }, 'not-measured'],
  [{ tool: 'volume' }, null],
  [{ tool: 'volume', absent: true }, 'unwanted'],
  [{ tool: 'volume', times: 2 }, 'count'],
  [{ tools: ['volume'], only: true }, null],
  [{ tools: [], only: true }, 'unwanted'],
  [{ tools: ['volume', 'lamp'] }, 'tool-missing'],
  [{ session: { unanswered: 0, engineErrors: 0, dropped: 0, spokenTurns: spoken.length, language: conversation.language } }, null],
  [{ session: { spokenTurns: 0 } }, 'value'],
  [{ latency: 'v2v.max < 10s, unanswered == 0' }, null],
  [{ latency: 'v2v.p99 < 10s' }, 'not-measured'],
  [{ event: 'engine.error', absent: true }, null],
  [{ event: 'device.ota' }, 'no-such-event'],
  [{ event: 'turn.committed', withinMs: 1, since: { event: 'user.speech-ended' } }, 'too-late'],
  [{ log: { text: 'panic' } }, null],
  [{ log: { text: 'panic' }, absent: true }, 'unwanted'],
  [{ log: { text: 'calm' } }, 'no-such-row'],
])('%j is found wanting by %s', (expectation, reason) => {
  const finding = found(expectation);
  expect([finding.isMet, finding.reason]).toEqual([reason === null, reason]);
});

test('what a simulation has none of is not taken for absent', () => {
  expect(found({ event: 'engine.error', absent: true }, { ...facts, isSimulated: true }).reason).toBe('not-simulated');
  expect(found({ session: { engineErrors: 0 } }, { ...facts, isSimulated: true }).isMet).toBe(false);
});

test('a session is as itself, and what is taken out of it is missing', () => {
  const golden = { id: 'a', title: '', turns: sampleTurns };
  const same = compareSessions(golden, golden);
  expect(same.pairs.every(({ differences }) => differences.length === 0)).toBe(true);
  expect(same.transcript.mixed.rate).toBe(0);
  const without = compareSessions(golden, { ...golden, turns: sampleTurns.filter((_, i) => i !== 1) });
  expect(without.pairs.map(({ differences }) => differences)).toEqual(sampleTurns.map((_, i) => (i === 1 ? ['missing'] : [])));
  const misheard = sampleTurns.map((turn, i) => (i === 1 ? { ...turn, userText: '今天深圳天汽怎么样' } : turn));
  const changed = compareSessions(golden, { ...golden, turns: misheard });
  expect(changed.pairs[1]?.differences).toEqual(['transcript']);
  expect(changed.transcript.characters).toMatchObject({ substitutions: 1, deletions: 1, insertions: 0 });
});

test('a drafted suite is one that the session meets', () => {
  const text = draftSuite(
    [{ session, turns: sampleTurns, conversations: [conversation], ports: [], flashes: [], engineErrors: 0 }],
    'Draft',
  );
  const { suite } = fileOf(inspectSuite(text));
  const all = [...suite.expect, ...(suite.cases[0]?.expect ?? [])];
  expect(all.length).toBeGreaterThan(3);
  expect(all.map((expectation) => checkSession(expectation, facts)).filter(({ isMet }) => !isMet)).toEqual([]);
});

test('every fault of a suite is told with its line', () => {
  const { problems } = inspectSuite(`version: 1
name: Faulty
cases:
  - session: a
    expect:
      - turn: 1
        userText: { matches: "(" }
      - latency: v2v.p95 ~ 3
  - session: b
    hwo: check
`);
  expect(problems.map(({ line }) => line)).toEqual(expect.arrayContaining([7, 8]));
  expect(problems[0]?.reason).toContain('hwo');
});

test('an edit leaves comments where they are', () => {
  const text = '# of ours\nversion: 1\nname: A # short\ncases:\n  - session: a\n';
  const edited = editSuite({ text, path: ['cases', 0, 'expect'], change: { kind: 'add', value: { tool: 'volume' } } });
  expect(edited).toContain('# of ours');
  expect(edited).toContain('name: A # short');
  expect(fileOf(inspectSuite(edited)).suite.cases[0]?.expect).toEqual([{ tool: 'volume', where: {} }]);
  expect(editSuite({ text: edited, path: ['cases', 0, 'expect', 0], change: { kind: 'remove' } })).not.toContain('volume');
});
