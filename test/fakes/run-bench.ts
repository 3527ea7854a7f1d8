import { z } from 'zod';
import type { Bench } from '../../main/core/checks/bench.ts';
import { type Check, check, type Measured, type ValueSpec } from '../../main/core/checks/check.ts';
import type { OpenBench, RunBench } from '../../main/core/checks/run-bench.ts';
import type { FakeBench } from './fake-bench.ts';

/** A board that is played by a `FakeBench`, for a whole run: each check has the runner's own hooks. */
export function fakeRunBench(fake: FakeBench): RunBench & { begun: number; ended: number; isClosed: boolean } {
  const board = {
    gone: new AbortController().signal,
    there: async () => {},
    settled: async () => {},
    still: async () => {},
    doubtedSinceUs: null,
    begun: 0,
    ended: 0,
    isClosed: false,
    begin(hooks: Parameters<RunBench['begin']>[0]) {
      board.begun += 1;
      for (const [name, fact] of fake.facts) hooks.facts.set(name, fact);
      const bench = Object.assign(Object.create(fake) as Bench, hooks);
      return {
        bench,
        end: async () => {
          board.ended += 1;
        },
      };
    },
    close: async () => {
      board.isClosed = true;
    },
  };
  return board;
}

/** Each run gets what `boardOf` gives for its port. */
export function fakeOpenBench(boardOf: (port: string | null) => FakeBench): OpenBench {
  return async ({ port }) => fakeRunBench(boardOf(port));
}

/** A check that measures what a test says. */
export function fakeCheck(
  name: string,
  measure: (bench: Bench, parameters: { level: number }) => Measured | Promise<Measured>,
  more: Partial<Pick<Check, 'needs' | 'nexts' | 'group'>> & { values?: readonly ValueSpec[] } = {},
): Check {
  return check({
    name,
    group: 'power',
    needs: [],
    values: [{ name: 'level', unit: 'dB', limit: { min: 1 }, next: 'turn-up' }],
    nexts: ['turn-up'],
    ...more,
    parameters: z.strictObject({ level: z.number().default(3) }),
    measure: async (bench, parameters) => measure(bench, parameters),
  });
}
