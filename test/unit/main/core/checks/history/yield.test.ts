import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayOf, yieldOf } from '../../../../../../main/core/checks/history/yield.ts';
import type { CheckRunSummary } from '../../../../../../preload/contract/checks.ts';
import { checkRunOf } from '../../../../../fakes/check-run.ts';

const DAY_MS = 86_400_000;
const noon = new Date(2026, 6, 31, 12).getTime();

function run(id: string, serialNumber: string, over: Partial<CheckRunSummary> = {}): CheckRunSummary {
  return checkRunOf({ id, serialNumber, startedWallMs: noon, state: 'passed', failed: [], ...over });
}

describe('yield', () => {
  test('a board that passes after rework counts in the end and not at once', () => {
    const failed = run('1', 'A', { state: 'failed', failed: ['uplink.frames'] });
    const again = run('2', 'A', { startedWallMs: noon + 1000 });
    expect(yieldOf([again, run('3', 'B'), failed])).toMatchObject({ boards: 2, passedFirst: 1, passedLast: 2, runs: 3 });
  });

  test('a board that was first checked before the window is no first pass of it', () => {
    const failed = run('1', 'A', { state: 'failed', failed: ['memory.leak'], startedWallMs: noon - DAY_MS });
    const again = run('2', 'A');
    expect(yieldOf([failed, again, run('3', 'B')], { fromWallMs: noon })).toEqual({
      ...{ boards: 1, passedFirst: 1, passedLast: 1, runs: 2, pareto: [] },
      days: [{ day: dayOf(noon), boards: 1, passedFirst: 1 }],
    });
  });

  test('the most frequent failure of first runs is first; a check that failed only later is named after them', () => {
    const found = yieldOf([
      run('1', 'A', { state: 'failed', failed: ['echo.return', 'uplink.level'] }),
      run('2', 'B', { state: 'failed', failed: ['uplink.level'] }),
      run('3', 'B', { state: 'failed', failed: ['uplink.level', 'memory.leak'], startedWallMs: noon + 1 }),
    ]);
    expect(found.pareto).toEqual([
      { check: 'uplink.level', boards: 2, runs: 3, cumulative: 2 / 3 },
      { check: 'echo.return', boards: 1, runs: 1, cumulative: 1 },
      { check: 'memory.leak', boards: 0, runs: 1, cumulative: 1 },
    ]);
  });

  test('each question of a list is a bar of its own, with its newest words; those of before are one', () => {
    const asked = (id: string, title: string | null) => ({ id, check: 'person.question', title });
    const failing = (id: string, board: string, over: Partial<CheckRunSummary>) =>
      run(id, board, { state: 'failed', startedWallMs: noon + Number(id), ...over, failed: over.failed ?? ['person.question'] });
    const found = yieldOf([
      failing('1', 'A', {
        failed: ['person.question', 'person.question'],
        failedItems: [asked('screen', 'Screen lit?'), asked('led', 'LED lit?')],
      }),
      failing('2', 'B', { failedItems: [asked('screen', 'Is the screen lit?')] }),
      failing('3', 'C', { listId: null, listName: 'Brought along', failedItems: [asked('screen', null)] }),
      failing('4', 'D', {}),
      failing('5', 'D', { failed: ['uplink.level'], failedItems: [{ id: 'quiet', check: 'uplink.level', title: 'Quiet' }] }),
    ]);
    const check = 'person.question';
    expect(found.pareto).toEqual([
      { check, question: { list: 'esp32', id: 'screen', title: 'Is the screen lit?' }, boards: 2, runs: 2, cumulative: 2 / 5 },
      { check, question: { list: 'Brought along', id: 'screen', title: 'screen' }, boards: 1, runs: 1, cumulative: 3 / 5 },
      { check, question: { list: 'esp32', id: 'led', title: 'LED lit?' }, boards: 1, runs: 1, cumulative: 4 / 5 },
      { check, boards: 1, runs: 1, cumulative: 1 },
      { check: 'uplink.level', boards: 0, runs: 1, cumulative: 1 },
    ]);
  });

  test('what nobody gave a serial number is told by its device, else every run is a board', () => {
    const nameless = { productId: null, deviceName: null };
    const runs = [run('1', ''), run('2', ''), run('3', '', nameless), run('4', '', nameless)];
    expect(yieldOf(runs).boards).toBe(3);
  });

  const state = fc.constantFrom('passed', 'failed', 'incomplete', 'cancelled', 'running');
  const anyRuns = fc
    .array(
      fc.record({
        serialNumber: fc.constantFrom('A', 'B', 'C', 'D', ''),
        state,
        day: fc.integer({ min: 0, max: 4 }),
        failed: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }),
      }),
      { maxLength: 30 },
    )
    .map((made) =>
      made.map(({ day, failed, ...rest }, i) =>
        run(String(i), rest.serialNumber, { ...rest, startedWallMs: noon + day * DAY_MS, failed: rest.state === 'failed' ? failed : [] }),
      ),
    );

  test('counts add up, in whatever order the runs come', () => {
    fc.assert(
      fc.property(anyRuns, fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }), (runs, from, length) => {
        const window = { fromWallMs: noon + from * DAY_MS, toWallMs: noon + (from + length) * DAY_MS };
        const found = yieldOf(runs, window);
        const counted = runs.filter(({ state: it }) => it !== 'cancelled' && it !== 'running');
        const within = counted.filter(({ startedWallMs }) => startedWallMs >= window.fromWallMs && startedWallMs <= window.toWallMs);
        expect(found.runs).toBe(within.length);
        expect(found.days.reduce((sum, { boards }) => sum + boards, 0)).toBe(found.boards);
        expect(found.days.reduce((sum, { passedFirst }) => sum + passedFirst, 0)).toBe(found.passedFirst);
        expect(found.days.map(({ day }) => day)).toEqual(found.days.map(({ day }) => day).sort());
        expect(found.passedFirst).toBeLessThanOrEqual(found.boards);
        expect(found.passedLast).toBeLessThanOrEqual(found.boards);
        for (const { check, boards, runs: failedRuns } of found.pareto) {
          expect(failedRuns).toBe(within.filter(({ failed }) => failed.includes(check)).length);
          expect(boards).toBeLessThanOrEqual(failedRuns);
        }
        const shares = found.pareto.map(({ cumulative }) => cumulative);
        expect(shares).toEqual([...shares].sort((one, other) => one - other));
        if (found.pareto.some(({ boards }) => boards > 0)) expect(shares.at(-1)).toBeCloseTo(1, 9);
        expect(yieldOf([...runs].reverse(), window)).toEqual(found);
      }),
    );
  });
});
