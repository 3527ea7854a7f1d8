import { dirname } from 'node:path';
import type { SuiteCaseResult, SuiteTurn } from '../../../../preload/contract/quality.ts';
import type { TurnRecord } from '../../../../preload/contract/sessions.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Store } from '../../store/store.ts';
import type { SessionFacts } from '../expectations/facts.ts';
import { beginningOf } from '../expectations/finding.ts';
import type { SessionExpectation } from '../expectations/schema.ts';
import type { QualityPorts } from '../ports.ts';
import type { SuiteCase } from '../suite/schema.ts';
import type { PlacedExpectation } from './judge.ts';
import type { JudgeThread } from './judge-thread.ts';
import { loadFacts } from './load-facts.ts';
import { simulatedFacts } from './simulated-facts.ts';
import type { Subjects } from './subjects.ts';

export interface CaseDeps {
  store: Store;
  ports: QualityPorts;
  subjects: Subjects;
  judge: JudgeThread;
}

type Checks = SuiteCaseResult['checks'];
interface Looked {
  facts: SessionFacts | null;
  /** What the case is held to besides its own expectations. */
  checks: Checks;
  sessionId: string | null;
}

export type JudgedCase = Pick<SuiteCaseResult, 'sessionId' | 'goldenId' | 'checks'> & { turns: readonly TurnRecord[] };

/** Runs one case to its checks. Throws the TalkError that kept it from being run. */
export async function runCase(
  deps: CaseDeps,
  each: SuiteCase,
  { expectations, name, line }: { expectations: readonly PlacedExpectation[]; name: string; line: number | null },
  signal: AbortSignal,
): Promise<JudgedCase> {
  const { store, subjects, judge } = deps;
  const wanted = expectations.map(({ expectation }) => expectation);
  const goldenId = each.golden === undefined ? null : await subjects.sessionId(each.golden.session);
  const { facts, checks, sessionId } = await look(deps, each, name, wanted, signal);
  if (facts === null) return { sessionId, goldenId, checks, turns: [] };
  const golden =
    goldenId === null || each.golden === undefined ? null : { session: await comparable(store, goldenId), wanted: each.golden, line };
  const judged = await judge.judge({ facts, expectations, golden, budget: each.budget ?? null }, signal);
  return { sessionId, goldenId, checks: [...checks, ...judged], turns: facts.turns };
}

async function look(
  deps: CaseDeps,
  each: SuiteCase,
  name: string,
  wanted: readonly SessionExpectation[],
  signal: AbortSignal,
): Promise<Looked> {
  if ('scenario' in each) return playScenario(deps, each, wanted, signal);
  const { store, ports, subjects } = deps;
  const sessionId = await subjects.sessionId(each.session);
  if (ports.recordingId() === sessionId) await store.flush();
  const conversationId = await conversationOf(store, sessionId, each.conversation);
  const recorded = { sessionId, ...(conversationId !== undefined && { conversationIds: [conversationId] }) };
  const { settings, agent, language, pace } = each;
  switch (each.how) {
    case 'check':
      return { sessionId, checks: [], facts: await loadFacts(store, recorded, wanted, signal) };
    case 'resimulate': {
      const facts = await loadFacts(store, recorded, [], signal);
      const simulation = await ports.resimulate({ sessionId, conversationId, changes: settings }, signal);
      return { sessionId, checks: [], facts: simulatedFacts(facts, simulation) };
    }
    case 'rerun': {
      const again = await ports.rerun({ sessionId, conversationId, agent, settings, language, pace, title: name }, signal);
      await store.flush();
      return { sessionId: again.sessionId, checks: [], facts: await loadFacts(store, { sessionId: again.sessionId }, wanted, signal) };
    }
  }
}

async function playScenario(
  { store, ports, subjects }: CaseDeps,
  each: Extract<SuiteCase, { scenario: string }>,
  wanted: readonly SessionExpectation[],
  signal: AbortSignal,
): Promise<Looked> {
  const { path, data } = await subjects.file(each.scenario);
  const wasRecording = ports.recordingId() !== null;
  const report = await ports.playScenario(
    { yaml: Buffer.from(data).toString('utf8'), folder: dirname(path), engines: each.engines },
    signal,
  );
  const { sessionId, conversationId } = report;
  // A recording that only the scenario began is over with it.
  if (!wasRecording) await ports.stopRecording();
  await store.flush();
  const checks: Checks = report.checks.map(({ text, isMet, found }) => ({
    ...{ text, line: null, isMet, found, place: null },
    reason: isMet ? null : ('value' as const),
  }));
  if (sessionId === null || conversationId === null) return { sessionId, checks, facts: null };
  return { sessionId, checks, facts: await loadFacts(store, { sessionId, conversationIds: [conversationId] }, wanted, signal) };
}

/** The n-th conversation of a session, by when it was opened; undefined: all of them. */
async function conversationOf(store: Store, sessionId: string, number: number | undefined): Promise<string | undefined> {
  if (number === undefined) return undefined;
  const detail = await store.read('session.detail', { id: sessionId });
  const conversation = detail?.conversations[number - 1];
  if (conversation === undefined) throw new TalkError('not-found', { what: 'conversation', id: String(number) });
  return conversation.conversationId;
}

export async function comparable(store: Store, id: string) {
  const detail = await store.read('session.detail', { id });
  if (detail === null) throw new TalkError('session/not-found', { id });
  return { id, title: detail.session.title, turns: detail.turns };
}

const MOST_TURNS = 100;
const LONGEST_TEXT = 300;

/** What reports draw of them. */
export function shownTurns(turns: readonly TurnRecord[]): SuiteTurn[] {
  return turns.slice(0, MOST_TURNS).map(({ conversationId, turnId, initiator, outcome, userText, replyText, breakdown }) => ({
    ...{ conversationId, turnId, initiator, outcome },
    ...{ userText: beginningOf(userText, LONGEST_TEXT), replyText: beginningOf(replyText, LONGEST_TEXT) },
    totalMs: breakdown.totalUs === null ? null : breakdown.totalUs / 1000,
    parts: Object.fromEntries(breakdown.parts.map((part) => [part.key, part.durationUs / 1000])),
  }));
}
