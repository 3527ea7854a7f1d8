import type { FindingPlace } from '../../../../preload/contract/quality.ts';
import type { TurnRecord } from '../../../../preload/contract/sessions.ts';
import { checked, parseAssertions } from '../../analysis/assertions.ts';
import { isCensored, measured } from '../../analysis/metrics.ts';
import { findEvent, happened, isCount, placeOfEvent } from './event.ts';
import { filterOf, type SessionFacts } from './facts.ts';
import { allMet, type Finding, met, shortened, unmet } from './finding.ts';
import { distanceText, factsMatch, type Matcher, matches } from './matcher.ts';
import type { SessionExpectation } from './schema.ts';
import { findTurns, ofConversation, placeOf, toolsText } from './turn.ts';

/** What became of an expectation on a session. */
export function checkSession(expectation: SessionExpectation, facts: SessionFacts): Finding {
  if ('turn' in expectation) return findTurns(expectation, facts.turns);
  if ('event' in expectation) return ofRecording(facts, () => findSessionEvent(expectation, facts));
  if ('session' in expectation) return findSession(expectation.session, facts);
  if ('transcript' in expectation) return findText(expectation.transcript, expectation.conversation, facts, 'userText');
  if ('reply' in expectation) return findText(expectation.reply, expectation.conversation, facts, 'replyText');
  if ('tool' in expectation) return findTool(expectation, facts);
  if ('tools' in expectation) return findToolOrder(expectation, facts);
  if ('latency' in expectation) return findLatency(expectation.latency, facts);
  return ofRecording(facts, () => findRows(expectation, facts));
}

function ofRecording({ isSimulated }: SessionFacts, find: () => Finding): Finding {
  return isSimulated ? unmet('not-simulated', '') : find();
}

function findSessionEvent(expectation: Extract<SessionExpectation, { event: unknown }>, { events }: SessionFacts): Finding {
  const { since } = expectation;
  const firstUs = since === undefined ? 0 : (events.find((event) => happened(event, since))?.atUs ?? Number.POSITIVE_INFINITY);
  return findEvent(expectation, events, () => firstUs);
}

function findSession(wanted: Readonly<Record<string, Matcher | undefined>>, facts: SessionFacts): Finding {
  const { session, conversations, turns, events, isSimulated } = facts;
  const ofKind = (kind: string) => events.filter((event) => event.kind === kind);
  const silent = isSimulated ? {} : { engineErrors: ofKind('engine.error').length, underruns: ofKind('downlink.underrun').length };
  const counted = {
    turns: turns.length,
    spokenTurns: turns.filter(({ initiator }) => initiator === 'user-speech').length,
    unanswered: turns.filter(isCensored).length,
    interrupted: turns.filter(({ outcome }) => outcome === 'interrupted').length,
    conversations: conversations.length,
    dropped: session.droppedCount,
    durationMs: session.durationUs / 1000,
    state: session.state,
    ...silent,
  };
  const single = (values: readonly (string | null)[]) => (new Set(values).size <= 1 ? (values[0] ?? null) : [...new Set(values)]);
  const named = {
    language: single(conversations.map(({ language }) => language)),
    gateway: single(conversations.map(({ gateway }) => gateway)),
    board: single(conversations.map(({ deviceName }) => deviceName)),
    closeReason: single(conversations.map(({ closeReason }) => closeReason)),
  };
  return allMet(wanted, { ...counted, ...named }, faultPlace(wanted, facts));
}

/** Where the first of what must not be is. */
function faultPlace(wanted: object, { turns, events }: SessionFacts): FindingPlace | null {
  const turn = 'unanswered' in wanted ? turns.find(isCensored) : undefined;
  if (turn !== undefined) return placeOf(turn);
  const kinds = { engineErrors: 'engine.error', underruns: 'downlink.underrun', dropped: 'dropped' };
  const event = events.find(({ kind }) => Object.entries(kinds).some(([name, wantedKind]) => name in wanted && kind === wantedKind));
  return event === undefined ? null : placeOfEvent(event);
}

function findText(wanted: Matcher, conversation: number | undefined, facts: SessionFacts, key: 'userText' | 'replyText'): Finding {
  const turns = (conversation === undefined ? facts.turns : ofConversation(facts.turns, conversation)).filter((turn) => turn[key] !== '');
  const text = turns.map((turn) => turn[key]).join('\n');
  const found = shortened(text === '' ? '—' : text) + distanceText(text, wanted);
  const lacked = typeof wanted === 'object' && wanted?.lacks !== undefined ? wanted.lacks.toLowerCase() : null;
  const said = lacked === null ? undefined : turns.find((turn) => turn[key].toLowerCase().includes(lacked));
  const place = said ?? turns[0];
  return matches(text, wanted) ? met(found) : unmet('value', found, place === undefined ? null : placeOf(place));
}

interface Call {
  turn: TurnRecord;
  call: TurnRecord['toolCalls'][number];
}

function callsOf({ turns }: SessionFacts): Call[] {
  return turns.flatMap((turn) => turn.toolCalls.map((call) => ({ turn, call })));
}

function placeOfCall({ turn, call }: Call): FindingPlace {
  return { ...placeOf(turn), atUs: call.atUs };
}

function findTool(
  { tool, where, times, absent }: Extract<SessionExpectation, { tool: string; where: unknown }>,
  facts: SessionFacts,
): Finding {
  const calls = callsOf(facts);
  const fitting = calls.filter(({ call }) => call.name === tool && factsMatch(call, where));
  const [first] = fitting;
  const found = toolsText((absent === true ? fitting : calls).map(({ call }) => call));
  const place = first === undefined ? null : placeOfCall(first);
  if (absent) return first === undefined ? met('0 times') : unmet('unwanted', found, place);
  if (times !== undefined) return isCount(fitting.length, times) ? met(`${fitting.length} times`, place) : unmet('count', found, place);
  return first === undefined ? unmet('tool-missing', found) : met(found, place);
}

function findToolOrder({ tools, only }: Extract<SessionExpectation, { tools: unknown }>, facts: SessionFacts): Finding {
  const calls = callsOf(facts);
  const found = toolsText(calls.map(({ call }) => call));
  let next = 0;
  for (const wanted of tools) {
    const { name, where } = typeof wanted === 'string' ? { name: wanted, where: {} } : wanted;
    const at = calls.findIndex(({ call }, i) => i >= next && call.name === name && factsMatch(call, where));
    if (at < 0) {
      const early = calls.find(({ call }) => call.name === name && factsMatch(call, where));
      return early === undefined ? unmet('tool-missing', found) : unmet('tool-order', found, placeOfCall(early));
    }
    const between = calls[next];
    if (only && at > next && between !== undefined) return unmet('unwanted', found, placeOfCall(between));
    next = at + 1;
  }
  const after = calls[next];
  return only && after !== undefined ? unmet('unwanted', found, placeOfCall(after)) : met(found);
}

/** The first that is not met is what is told; the slowest turn is where to look. */
function findLatency(text: string, { turns }: SessionFacts): Finding {
  const sample = turns.map(measured);
  const checks = parseAssertions(text).map((assertion) => ({ assertion, check: checked(assertion, sample, 'all') }));
  const found = checks
    .map(
      ({ check }) => `${check.text.replace(/\s*[<>=].*$/u, '')} ${check.found ?? check.reason} (n ${check.n}, censored ${check.censored})`,
    )
    .join('; ');
  const failed = checks.find(({ check }) => !check.isMet);
  if (failed === undefined) return met(found);
  const slowest = turns.toSorted((one, other) => (other.breakdown.totalUs ?? -1) - (one.breakdown.totalUs ?? -1))[0];
  const place = turns.find(isCensored) ?? slowest;
  return unmet(failed.check.found === null ? 'not-measured' : 'value', found, place === undefined ? null : placeOf(place));
}

function findRows(expectation: Extract<SessionExpectation, { log: unknown }>, { rows }: SessionFacts): Finding {
  const { times, absent } = expectation;
  const { count, first } = rows.get(JSON.stringify(filterOf(expectation))) ?? { count: 0, first: null };
  const found = `${count} rows${first === null ? '' : `: ${first.text}`}`;
  const place = first === null ? null : { conversationId: null, turnId: null, atUs: first.atUs };
  if (absent) return count === 0 ? met(found) : unmet('unwanted', found, place);
  if (times !== undefined) return isCount(count, times) ? met(found, place) : unmet('count', found, place);
  return count === 0 ? unmet('no-such-row', found) : met(found, place);
}
