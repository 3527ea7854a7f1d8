import type { LatencyMetric } from '../../../../preload/contract/latency.ts';
import type { SessionComparison, SuiteCheck } from '../../../../preload/contract/quality.ts';
import type { TurnRecord } from '../../../../preload/contract/sessions.ts';
import { checked, metricNamed } from '../../analysis/assertions.ts';
import { parseBudget } from '../../analysis/budget.ts';
import { measured } from '../../analysis/metrics.ts';
import { described } from '../expectations/described.ts';
import type { SessionFacts } from '../expectations/facts.ts';
import { type Finding, met, unmet } from '../expectations/finding.ts';
import type { SessionExpectation } from '../expectations/schema.ts';
import { checkSession } from '../expectations/session.ts';
import { type ComparableSession, compareSessions } from '../golden/compare.ts';
import type { GoldenWanted } from '../suite/schema.ts';

export interface PlacedExpectation {
  expectation: SessionExpectation;
  line: number | null;
}

/** Everything that one case is judged by. Plain data: it goes to a thread. */
export interface CaseToJudge {
  facts: SessionFacts;
  expectations: readonly PlacedExpectation[];
  golden: { session: ComparableSession; wanted: GoldenWanted; line: number | null } | null;
  budget: Readonly<Record<string, unknown>> | null;
}

export function judgeCase({ facts, expectations, golden, budget }: CaseToJudge): SuiteCheck[] {
  const { id, title } = facts.session;
  return [
    ...expectations.map(({ expectation, line }) => ({ text: described(expectation), line, ...checkSession(expectation, facts) })),
    ...(golden === null ? [] : judgeGolden(golden, compareSessions(golden.session, { id, title, turns: facts.turns }))),
    ...(budget === null ? [] : judgeBudget(budget, facts.turns)),
  ];
}

/** A budget over turns, whichever sessions they are of. */
export function judgeBudget(limits: Readonly<Record<string, unknown>>, turns: readonly TurnRecord[]): SuiteCheck[] {
  const sample = turns.map(measured);
  return parseBudget(JSON.stringify(limits)).map((assertion) => {
    const { text, found, reason, n, censored, isMet } = checked(assertion, sample, 'all');
    const finding = `${found ?? reason} (n ${n}, censored ${censored})`;
    const whole = isMet ? met(finding) : unmet(found === null ? 'not-measured' : 'value', finding);
    return { text: `budget ${text}`, line: null, ...whole };
  });
}

function judgeGolden({ wanted, line }: NonNullable<CaseToJudge['golden']>, comparison: SessionComparison): SuiteCheck[] {
  const { transcript, differing, replySimilarity, pairs, latency } = comparison;
  const check = (
    text: string,
    isMet: boolean,
    found: string,
    isPair: (pair: SessionComparison['pairs'][number]) => boolean,
  ): SuiteCheck => {
    const pair = isMet ? undefined : pairs.find(isPair);
    const turn = pair?.candidate ?? pair?.golden;
    // What is missing has no place in the session that lacks it.
    const place =
      pair?.candidate == null || turn === undefined || turn === null
        ? null
        : { conversationId: turn.conversationId, turnId: turn.turnId, atUs: turn.startedUs };
    const finding: Finding = isMet ? met(found) : unmet('golden', found, place);
    return { text: `golden ${text}`, line, ...finding };
  };
  const differs = (kind: SessionComparison['pairs'][number]['differences'][number]) => (pair: SessionComparison['pairs'][number]) =>
    pair.differences.includes(kind);
  const { mixed, words, characters } = transcript;
  const rate = (value: number | null) => (value === null ? '∞' : value.toFixed(3));
  const checks = [
    check(
      `errorRate at most ${wanted.errorRate}`,
      (mixed.rate ?? Number.POSITIVE_INFINITY) <= wanted.errorRate,
      `errorRate ${rate(mixed.rate)} of ${mixed.reference} (words ${rate(words.rate)} of ${words.reference}, characters ${rate(characters.rate)} of ${characters.reference})`,
      (pair) => pair.differences.some((kind) => kind === 'transcript' || kind === 'added' || kind === 'missing'),
    ),
  ];
  if (wanted.turns === 'same')
    checks.push(
      check(
        'turns same',
        differing.missing + differing.added === 0,
        `missing ${differing.missing}, added ${differing.added}`,
        differs('added'),
      ),
    );
  if (wanted.tools === 'same')
    checks.push(check('tools same', differing.tools === 0, `${differing.tools} of ${pairs.length} turns differ`, differs('tools')));
  if (wanted.outcomes === 'same')
    checks.push(
      check('outcomes same', differing.outcome === 0, `${differing.outcome} of ${pairs.length} turns differ`, differs('outcome')),
    );
  if (wanted.replySimilarity !== undefined)
    checks.push(
      check(
        `replySimilarity at least ${wanted.replySimilarity}`,
        (replySimilarity ?? 1) >= wanted.replySimilarity,
        `replySimilarity ${replySimilarity === null ? 'no replies' : replySimilarity.toFixed(3)}`,
        differs('reply'),
      ),
    );
  for (const [name, most] of Object.entries(wanted.slowerMs)) {
    const metric: LatencyMetric | undefined = metricNamed(name);
    const difference = latency.find((each) => each.metric === metric && each.statistic === 'p50');
    const by = difference?.difference ?? null;
    const interval = difference?.low == null && difference?.high == null ? '' : ` [${difference.low ?? '−∞'}, ${difference.high ?? '∞'}]`;
    checks.push(
      check(
        `slowerMs ${name} at most ${most}`,
        by !== null && by <= most,
        by === null ? 'not-measured' : `${Math.round(by)} ms${interval}`,
        () => false,
      ),
    );
  }
  return checks;
}
