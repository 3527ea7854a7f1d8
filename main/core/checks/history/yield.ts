import type { CheckRunSummary, CheckYield } from '../../../../preload/contract/checks.ts';
import { QUESTION_CHECK } from '../lists/question-check.ts';

export interface YieldWindow {
  fromWallMs?: number | undefined;
  /** Not after it. */
  toWallMs?: number | undefined;
}

type Run = Pick<
  CheckRunSummary,
  'id' | 'serialNumber' | 'productId' | 'deviceName' | 'startedWallMs' | 'state' | 'failed' | 'failedItems' | 'listId' | 'listName'
>;
type Bar = Pick<CheckYield['pareto'][number], 'check' | 'question'>;

/**
 * How many boards passed, at once and in the end. A board belongs to the window in which it was checked first, so give all runs of the boards,
 * also those outside: one that came back from rework is no first pass. Runs that were cancelled or are still under way count nowhere.
 */
export function yieldOf(
  given: Iterable<Run>,
  { fromWallMs = Number.NEGATIVE_INFINITY, toWallMs = Number.POSITIVE_INFINITY }: YieldWindow = {},
): CheckYield {
  const boards = new Map<string, Run[]>();
  // Two runs that began in one millisecond have some order, and always the same.
  const inOrder = [...given].sort((one, other) => one.startedWallMs - other.startedWallMs || (one.id < other.id ? -1 : 1));
  let runs = 0;
  const bars = new Map<string, Bar>();
  const runsByBar = new Map<string, number>();
  for (const run of inOrder) {
    if (run.state === 'cancelled' || run.state === 'running' || run.startedWallMs > toWallMs) continue;
    const board = boardOf(run);
    const own = boards.get(board);
    if (own === undefined) boards.set(board, [run]);
    else own.push(run);
    if (run.startedWallMs < fromWallMs) continue;
    runs++;
    for (const [key, bar] of barsOf(run)) {
      // In order: the newest words stand.
      bars.set(key, bar);
      count(runsByBar, key);
    }
  }

  const days = new Map<string, { boards: number; passedFirst: number }>();
  const boardsByBar = new Map<string, number>();
  let passedFirst = 0;
  let passedLast = 0;
  let boardCount = 0;
  for (const own of boards.values()) {
    const [first, last] = [own[0], own.at(-1)];
    if (first === undefined || last === undefined || first.startedWallMs < fromWallMs) continue;
    boardCount++;
    const day = days.get(dayOf(first.startedWallMs)) ?? { boards: 0, passedFirst: 0 };
    days.set(dayOf(first.startedWallMs), day);
    day.boards++;
    if (first.state === 'passed') {
      day.passedFirst++;
      passedFirst++;
    }
    if (last.state === 'passed') passedLast++;
    for (const key of barsOf(first).keys()) count(boardsByBar, key);
  }
  return {
    boards: boardCount,
    passedFirst,
    passedLast,
    runs,
    pareto: paretoOf(bars, boardsByBar, runsByBar),
    days: [...days].map(([day, counts]) => ({ day, ...counts })),
  };
}

/** Without a serial number it is told by its device; without either every run is another board. */
function boardOf({ id, serialNumber, productId, deviceName }: Run): string {
  if (serialNumber !== '') return JSON.stringify(['serial', serialNumber]);
  return JSON.stringify(productId === null || deviceName === null ? ['run', id] : ['device', productId, deviceName]);
}

/** What failed, once each, by what tells it from others: a check by its name, a list's own question by its list and item. */
function barsOf({ failed, failedItems, listId, listName }: Run): Map<string, Bar> {
  const list = listId ?? listName;
  const items = failedItems ?? failed.map((check) => ({ id: null, check, title: null }));
  return new Map(
    items.map(({ id, check, title }): [string, Bar] =>
      check === QUESTION_CHECK && id !== null
        ? [JSON.stringify([check, list, id]), { check, question: { list, id, title: title ?? id } }]
        : [check, { check }],
    ),
  );
}

function paretoOf(
  bars: ReadonlyMap<string, Bar>,
  boardsByBar: ReadonlyMap<string, number>,
  runsByBar: ReadonlyMap<string, number>,
): CheckYield['pareto'] {
  const rows = [...bars]
    .map(([key, bar]) => ({ key, bar, boards: boardsByBar.get(key) ?? 0, runs: runsByBar.get(key) ?? 0 }))
    .sort((one, other) => other.boards - one.boards || other.runs - one.runs || (one.key < other.key ? -1 : 1));
  const all = rows.reduce((sum, { boards }) => sum + boards, 0);
  let sum = 0;
  return rows.map(({ bar, boards, runs }) => {
    sum += boards;
    return { ...bar, boards, runs, cumulative: all === 0 ? 0 : sum / all };
  });
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** The factory's own day: '2026-07-31'. */
export function dayOf(wallMs: number): string {
  const at = new Date(wallMs);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
