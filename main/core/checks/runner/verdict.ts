import type { CheckReason, CheckResult, CheckRun, CheckRunSummary } from '../../../../preload/contract/checks.ts';

/** Skipped for these, a board lacks nothing: the check was not for it, or nobody wanted it. */
const harmless: readonly string[] = [
  'not-cat1',
  'not-esp',
  'not-supported-by-board',
  'not-wanted',
  'not-used',
  // The first good board of a version is what later ones are compared with.
  'no-baseline',
] satisfies CheckReason[];

/**
 * What the results say of the board together. Failed when one has; passed when at least one has and nothing is open: a check that was skipped
 * because the bench lacked something (an ear, a connection, a log) is not done, and the run is incomplete unless the list calls it optional. One that failed while the bench was too busy to tell ('bench-busy') is open
 * even then: it may be the board.
 */
export function verdict(
  results: readonly CheckResult[],
  isOptional: (id: string) => boolean,
): Exclude<CheckRun['state'], 'running' | 'cancelled'> {
  if (results.some(({ state }) => state === 'failed')) return 'failed';
  const isDone = ({ id, state, reason }: CheckResult) => {
    if (state === 'passed') return true;
    if (reason === 'bench-busy') return false;
    if (state === 'skipped') return isOptional(id) || harmless.includes(reason ?? '');
    return state === 'person' && isOptional(id);
  };
  return results.some(({ state }) => state === 'passed') && results.every(isDone) ? 'passed' : 'incomplete';
}

export function countsOf(results: readonly CheckResult[]): CheckRunSummary['counts'] {
  const counts = { passed: 0, failed: 0, skipped: 0, person: 0, error: 0, waiting: 0 };
  for (const { state } of results) counts[state === 'running' || state === 'asking' ? 'waiting' : state] += 1;
  return counts;
}

export function failedChecks(results: readonly CheckResult[]): string[] {
  return results.filter(({ state }) => state === 'failed').map(({ check }) => check);
}

export function failedItems(results: readonly CheckResult[]): NonNullable<CheckRunSummary['failedItems']> {
  return results.filter(({ state }) => state === 'failed').map(({ id, check, title }) => ({ id, check, title }));
}
