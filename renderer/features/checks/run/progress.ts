import type { CheckResult, CheckRun, CheckState } from '../../../../preload/contract/checks.ts';

export const isOver = (state: CheckState): boolean => state !== 'waiting' && state !== 'running' && state !== 'asking';

/** 0..1, every check as long as any other. */
export function progressOf({ state, results }: Pick<CheckRun, 'state' | 'results'>): number {
  if (state !== 'running' || results.length === 0) return 1;
  const done = results.reduce((sum, result) => sum + (isOver(result.state) ? 1 : Math.min(1, Math.max(0, result.progress))), 0);
  return done / results.length;
}

/** What is looked at unless somebody chose: what asks, what runs, what failed first, what could not be done; else the first. */
export function tellingResult(results: readonly CheckResult[]): CheckResult | undefined {
  for (const wanted of ['asking', 'running', 'failed', 'error', 'person'] as const) {
    const found = results.find(({ state }) => state === wanted);
    if (found !== undefined) return found;
  }
  return results[0];
}
