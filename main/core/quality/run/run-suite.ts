import type { SuiteCaseResult, SuiteRun } from '../../../../preload/contract/quality.ts';
import type { TurnRecord } from '../../../../preload/contract/sessions.ts';
import { isTalkError, TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import { howOf } from '../suite/outline.ts';
import type { SuiteFile } from '../suite/read.ts';
import { type CaseDeps, runCase, shownTurns } from './case.ts';
import { judgeBudget } from './judge.ts';

export interface RunOptions {
  id: string;
  suiteId: string | null;
  only: readonly string[];
  jobs: number;
  signal: AbortSignal;
  /** After each change. */
  onChange: (run: SuiteRun) => void;
  onBug: (error: unknown) => string;
}

/** The cases whose names hold one of `only`; all without. Throws TalkError 'suite/nothing-to-run'. */
export function chosenCases({ cases }: SuiteFile, only: readonly string[]): number[] {
  const chosen = cases.flatMap(({ name }, i) => (only.length === 0 || only.some((part) => name.includes(part)) ? [i] : []));
  if (chosen.length === 0) throw new TalkError('suite/nothing-to-run', { only: only.join(', ') });
  return chosen;
}

/**
 * A suite to its end, or until it is cancelled. Recordings are judged `jobs` at a time; what is spoken again is recorded, and one thing
 * is recorded at a time. Resolves with the whole run; throws nothing but bugs.
 */
export async function runSuite(file: SuiteFile, deps: CaseDeps & { clock: Clock }, options: RunOptions): Promise<SuiteRun> {
  const { clock } = deps;
  const { signal, only, jobs, onChange, onBug } = options;
  const { suite } = file;
  const chosen = chosenCases(file, only);
  const startedUs = clock.nowUs();
  const cases = chosen.map((i) => waiting(file, i));
  const turns: (readonly TurnRecord[])[] = [];
  const run: SuiteRun = {
    ...{ id: options.id, suiteId: options.suiteId, name: suite.name, startedWallMs: clock.wallMs(), durationMs: 0 },
    ...{ state: 'running', counts: countsOf(cases), cases, budget: [] },
  };
  const tell = (change: Partial<SuiteRun> = {}) => {
    Object.assign(run, change, { durationMs: (clock.nowUs() - startedUs) / 1000, counts: countsOf(cases) });
    onChange({ ...run, cases: [...cases] });
  };
  tell();

  async function runOne(place: number): Promise<void> {
    const before = cases[place];
    const index = chosen[place];
    const each = index === undefined ? undefined : suite.cases[index];
    if (before === undefined || each === undefined || index === undefined) return;
    if (each.skip === true || signal.aborted) {
      cases[place] = { ...before, state: 'skipped' };
      tell();
      return;
    }
    cases[place] = { ...before, state: 'running' };
    tell();
    const fromUs = clock.nowUs();
    const ended = (rest: Partial<SuiteCaseResult>) => {
      cases[place] = { ...before, durationMs: (clock.nowUs() - fromUs) / 1000, ...rest };
      tell();
    };
    const placed = (expectations: typeof suite.expect, lines: readonly (number | null)[]) =>
      expectations.map((expectation, i) => ({ expectation, line: lines[i] ?? null }));
    const expectations = [
      ...placed(suite.expect, file.expectationLines),
      ...placed(each.expect, file.cases[index]?.expectationLines ?? []),
    ];
    try {
      const judged = await runCase(deps, each, { expectations, name: `${suite.name}: ${before.name}`, line: before.line }, signal);
      turns[place] = judged.turns;
      const isPassed = judged.checks.every(({ isMet }) => isMet);
      ended({ ...judged, turns: shownTurns(judged.turns), state: isPassed ? 'passed' : 'failed' });
    } catch (error) {
      if (signal.aborted) ended({ state: 'skipped', durationMs: null });
      else {
        const value = isTalkError(error) ? error.value : { code: 'internal' as const, data: { id: onBug(error) }, retryable: false };
        ended({ state: 'error', error: value });
      }
    }
  }

  const isRecorded = (place: number) => ['rerun', 'scenario'].includes(cases[place]?.how ?? '');
  const places = cases.map((_, place) => place);
  const quiet = places.filter((place) => !isRecorded(place));
  const recorded = places.filter(isRecorded);
  async function work(queue: number[]): Promise<void> {
    for (let place = queue.shift(); place !== undefined; place = queue.shift()) await runOne(place);
  }
  await Promise.all([work(recorded), ...Array.from({ length: jobs }, () => work(quiet))]);

  const budget = suite.budget === undefined || signal.aborted ? [] : judgeBudget(suite.budget, turns.flat());
  const has = (state: SuiteCaseResult['state']) => cases.some((each) => each.state === state);
  const isMet = !has('failed') && budget.every((check) => check.isMet);
  tell({ budget, state: signal.aborted ? 'cancelled' : has('error') ? 'error' : isMet ? 'passed' : 'failed' });
  return { ...run, cases: [...cases] };
}

function waiting(file: SuiteFile, index: number): SuiteCaseResult {
  const each = file.suite.cases[index];
  if (each === undefined) throw new Error('no such case');
  const { name = '', line = null } = file.cases[index] ?? {};
  return {
    ...{ name, line, ...howOf(each), state: 'waiting', error: null },
    ...{ sessionId: null, goldenId: null, durationMs: null, checks: [], turns: [] },
  };
}

function countsOf(cases: readonly SuiteCaseResult[]): SuiteRun['counts'] {
  const count = (...states: readonly SuiteCaseResult['state'][]) => cases.filter(({ state }) => states.includes(state)).length;
  return {
    passed: count('passed'),
    failed: count('failed'),
    errors: count('error'),
    skipped: count('skipped'),
    waiting: count('waiting', 'running'),
  };
}
