import type { Check, Measured } from '../../../../../../main/core/checks/check.ts';
import { measureSteadily } from '../../../../../../main/core/checks/lateness/steadily.ts';
import { judge } from '../../../../../../main/core/checks/runner/judge.ts';
import { FakeBench, type FakeBenchOptions } from '../../../../../fakes/fake-bench.ts';
import { type SoundingBoardOptions, soundingBoard } from '../../../../../fakes/sounding-board.ts';

/** One check on a board of these faults, and its verdict by the check's own limits. */
export async function verdictOn(
  check: Check,
  board: SoundingBoardOptions = {},
  {
    parameters = {},
    options = {},
    prepare = () => {},
  }: { parameters?: object; options?: FakeBenchOptions; prepare?: (bench: FakeBench) => void } = {},
) {
  const bench = new FakeBench(options);
  soundingBoard(bench, board);
  prepare(bench);
  const steadily = { check, parameters: check.parameters.parse(parameters), limits: {}, timeoutMs: 600_000 };
  const measured: Measured = await bench.drive(measureSteadily(bench, steadily));
  const { state, next, reason, values } = judge(check, {}, measured);
  return { bench, measured, state, next, reason, values: Object.fromEntries(values.map(({ name, value }) => [name, value])) };
}
