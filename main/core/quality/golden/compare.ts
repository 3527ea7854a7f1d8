import type { ComparedTurn, SessionComparison, TextErrors, TurnDifference, TurnPair } from '../../../../preload/contract/quality.ts';
import { turnDifference } from '../../../../preload/contract/quality.ts';
import type { TurnRecord } from '../../../../preload/contract/sessions.ts';
import { differencesOf } from '../../analysis/compare.ts';
import { isCensored, type LatencyValues, measured, recordOf } from '../../analysis/metrics.ts';
import { alignTurns } from './align-turns.ts';
import { compareTexts, sumOfErrors } from './text-errors.ts';

/** What is compared of a session: all of its turns, or those of some conversations. */
export interface ComparableSession {
  id: string;
  title: string;
  turns: readonly TurnRecord[];
}

/** A candidate session beside the golden one, turn by turn. Pure; ~ milliseconds for a hundred turns. */
export function compareSessions(golden: ComparableSession, candidate: ComparableSession): SessionComparison {
  const compared = alignTurns(golden.turns, candidate.turns).map(({ a, b }) =>
    comparePair(a === null ? undefined : golden.turns[a], b === null ? undefined : candidate.turns[b]),
  );
  const pairs = compared.map(({ pair }) => pair);
  const similarities = pairs.flatMap(({ replySimilarity, golden: before, candidate: after }) =>
    replySimilarity === null || (before?.replyText === '' && after?.replyText === '') ? [] : [replySimilarity],
  );
  const differing = (kind: TurnDifference) => pairs.filter(({ differences }) => differences.includes(kind)).length;
  return {
    golden: headOf(golden),
    candidate: headOf(candidate),
    pairs,
    transcript: sumOfErrors(compared.map(({ errors }) => errors)),
    replySimilarity: similarities.length === 0 ? null : similarities.reduce((sum, each) => sum + each, 0) / similarities.length,
    differing: Object.fromEntries(turnDifference.options.map((kind) => [kind, differing(kind)])) as SessionComparison['differing'],
    latency: differencesOf(golden.turns.map(measured), candidate.turns.map(measured)),
  };
}

function headOf({ id, title, turns }: ComparableSession): SessionComparison['golden'] {
  return { id, title, turns: turns.length, unanswered: turns.filter(isCensored).length };
}

function comparePair(golden: TurnRecord | undefined, candidate: TurnRecord | undefined): { pair: TurnPair; errors: TextErrors } {
  const transcript = compareTexts(golden?.userText ?? '', candidate?.userText ?? '');
  const [before, after] = [golden === undefined ? null : turnOf(golden), candidate === undefined ? null : turnOf(candidate)];
  if (before === null || after === null) {
    const pair: TurnPair = {
      ...{ golden: before, candidate: after, differences: [before === null ? 'added' : 'missing'] },
      ...{ transcript: null, transcriptPieces: [], replySimilarity: null, replyPieces: [], latency: {} },
    };
    return { pair, errors: transcript.errors };
  }
  const reply = compareTexts(before.replyText, after.replyText);
  const differences: TurnDifference[] = [];
  if (transcript.errors.mixed.rate !== 0) differences.push('transcript');
  if (reply.similarity < 1) differences.push('reply');
  if (canonical(asked(before)) !== canonical(asked(after))) differences.push('tools');
  if (before.outcome !== after.outcome) differences.push('outcome');
  if (before.initiator !== after.initiator) differences.push('initiator');
  const pair: TurnPair = {
    ...{ golden: before, candidate: after, differences },
    ...{ transcript: transcript.errors, transcriptPieces: transcript.pieces },
    ...{ replySimilarity: reply.similarity, replyPieces: reply.pieces, latency: valueDifferences(before.values, after.values) },
  };
  return { pair, errors: transcript.errors };
}

function turnOf(turn: TurnRecord): ComparedTurn {
  const { conversationId, turnId, startedUs, initiator, outcome, userText, replyText, toolCalls } = turn;
  return {
    ...{ conversationId, turnId, startedUs, initiator, outcome, userText, replyText },
    tools: toolCalls.map(({ name, arguments: given, isOk }) => ({ name, arguments: given, isOk })),
    values: recordOf(measured(turn).values),
  };
}

function asked({ tools }: ComparedTurn): unknown {
  return tools.map(({ name, arguments: given }) => [name, given]);
}

/** JSON whose members are in order of their names: the same arguments are the same however they were written. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, member: unknown) =>
      typeof member === 'object' && member !== null && !Array.isArray(member)
        ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
        : member,
    ) ?? 'undefined'
  );
}

function valueDifferences(golden: LatencyValues, candidate: LatencyValues): LatencyValues {
  const metrics = Object.keys(golden) as (keyof LatencyValues)[];
  return Object.fromEntries(
    metrics.flatMap((metric) => {
      const [before, after] = [golden[metric], candidate[metric]];
      return before === undefined || after === undefined ? [] : [[metric, after - before]];
    }),
  );
}
