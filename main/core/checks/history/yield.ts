import type { CheckRunSummary, CheckYield } from '../../../../preload/contract/checks.ts';

export interface YieldWindow {
  fromWallMs?: number | undefined;
  /** Not after it. */
  toWallMs?: number | undefined;
}

type Run = Pick<CheckRunSummary, 'id' | 'serialNumber' | 'productId' | 'deviceName' | 'startedWallMs' | 'state' | 'failed'>;

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
  const runsByCheck = new Map<string, number>();
  for (const run of inOrder) {
    if (run.state === 'cancelled' || run.state === 'running' || run.startedWallMs > toWallMs) continue;
    const board = boardOf(run);
    const own = boards.get(board);
    if (own === undefined) boards.set(board, [run]);
    else own.push(run);
    if (run.startedWallMs < fromWallMs) continue;
    runs++;
    for (const check of new Set(run.failed)) count(runsByCheck, check);
  }

  const days = new Map<string, { boards: number; passedFirst: number }>();
  const boardsByCheck = new Map<string, number>();
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
    for (const check of new Set(first.failed)) count(boardsByCheck, check);
  }
  return {
    boards: boardCount,
    passedFirst,
    passedLast,
    runs,
    pareto: paretoOf(boardsByCheck, runsByCheck),
    days: [...days].map(([day, counts]) => ({ day, ...counts })),
  };
}

/** Without a serial number it is told by its device; without either every run is another board. */
function boardOf({ id, serialNumber, productId, deviceName }: Run): string {
  if (serialNumber !== '') return JSON.stringify(['serial', serialNumber]);
  return JSON.stringify(productId === null || deviceName === null ? ['run', id] : ['device', productId, deviceName]);
}

function paretoOf(boardsByCheck: ReadonlyMap<string, number>, runsByCheck: ReadonlyMap<string, number>): CheckYield['pareto'] {
  const rows = [...new Set([...boardsByCheck.keys(), ...runsByCheck.keys()])]
    .map((check) => ({ check, boards: boardsByCheck.get(check) ?? 0, runs: runsByCheck.get(check) ?? 0 }))
    .sort((one, other) => other.boards - one.boards || other.runs - one.runs || (one.check < other.check ? -1 : 1));
  const all = rows.reduce((sum, { boards }) => sum + boards, 0);
  let sum = 0;
  return rows.map((row) => {
    sum += row.boards;
    return { ...row, cumulative: all === 0 ? 0 : sum / all };
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
