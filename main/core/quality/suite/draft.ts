import { Document, isMap, isSeq, visit } from 'yaml';
import type { SessionDetail, TurnRecord } from '../../../../preload/contract/sessions.ts';
import { isCensored } from '../../analysis/metrics.ts';
import { MOST_EXPECTATIONS, SUITE_VERSION } from './schema.ts';

/** The slowest turn may be so much slower before a drafted limit says so, rounded up to a tenth of a second. */
const SLACK = 1.5;
const STEP_MS = 100;
/** Room for the expectations that are not of a turn. */
const OTHERS = 3;

/** A session, and whether an engine failed in it: 0 where none did. */
export type DraftedSession = SessionDetail & { engineErrors: number };

/** A suite that expects of these sessions what they did: a beginning to be edited. */
export function draftSuite(sessions: readonly DraftedSession[], name: string): string {
  const names = new Set<string>();
  const cases = sessions.map(({ session, turns, conversations }) => {
    let caseName = session.title === '' ? session.id : session.title.slice(0, 100);
    for (let number = 2; names.has(caseName); number++) caseName = `${caseName.replace(/ \(\d+\)$/u, '')} (${number})`;
    names.add(caseName);
    return { name: caseName, session: session.id, how: 'check', expect: expectationsOf(turns, conversations) };
  });
  // What happened in one of them cannot be asked of all.
  const faultless = Object.entries(faultCounts).flatMap(([fault, count]) => (sessions.every((one) => count(one) === 0) ? fault : []));
  const document = new Document({
    version: SUITE_VERSION,
    name,
    ...(faultless.length > 0 && { expect: [{ session: Object.fromEntries(faultless.map((fault) => [fault, 0])) }] }),
    cases,
  });
  // Each expectation on one line.
  visit(document, {
    Pair(_key, { key, value }) {
      const isExpect = typeof key === 'object' && key !== null && 'value' in key && key.value === 'expect';
      if (isExpect && isSeq(value)) for (const item of value.items) if (isMap(item)) item.flow = true;
    },
  });
  document.commentBefore = ' docs/suites.md says what else can be expected. how: check | resimulate | rerun';
  return document.toString({ lineWidth: 140 });
}

/** By their names among the facts of a session. */
const faultCounts: Readonly<Record<string, (session: DraftedSession) => number>> = {
  unanswered: ({ turns }) => turns.filter(isCensored).length,
  engineErrors: ({ engineErrors }) => engineErrors,
  dropped: ({ session }) => session.droppedCount,
};

function expectationsOf(turns: readonly TurnRecord[], conversations: SessionDetail['conversations']): object[] {
  const spoken = turns.filter(({ initiator }) => initiator === 'user-speech');
  const only = conversations.length === 1;
  const expectations: object[] = [
    { session: { spokenTurns: spoken.length, ...(only && { language: conversations[0]?.language ?? null }) } },
  ];
  if (only)
    for (const { turnId, userText } of spoken.slice(0, MOST_EXPECTATIONS - OTHERS))
      if (userText !== '' && turnId > 0) expectations.push({ turn: turnId, userText: { equals: userText, errorRate: 0.1 } });
  const tools = turns.flatMap(({ toolCalls }) => toolCalls.map((call) => call.name));
  if (tools.length > 0) expectations.push({ tools });
  const totals = spoken.flatMap(({ breakdown }) => (breakdown.totalUs === null ? [] : [breakdown.totalUs / 1000]));
  if (totals.length > 0 && !turns.some(isCensored)) {
    const limit = Math.ceil((totals.reduce((most, each) => Math.max(most, each)) * SLACK) / STEP_MS) * STEP_MS;
    expectations.push({ latency: `v2v.max <= ${limit}` });
  }
  return expectations;
}
