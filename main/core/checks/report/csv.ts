import type { CheckResult, CheckRun, CheckValue } from '../../../../preload/contract/checks.ts';
import { csvCell } from '../../sessions/export/tables.ts';

interface Line {
  run: CheckRun;
  result: CheckResult | null;
  value: CheckValue | null;
}

/** Names and their order stay: an MES was told them (docs/checks.md). What is new goes to the end. */
const columns: readonly (readonly [name: string, cell: (line: Line) => string | number | boolean | null | undefined])[] = [
  ['run_id', ({ run }) => run.id],
  ['serial_number', ({ run }) => run.serialNumber],
  ['run_state', ({ run }) => run.state],
  ['started', ({ run }) => new Date(run.startedWallMs).toISOString()],
  ['run_duration_ms', ({ run }) => Math.round(run.durationMs)],
  ['operator', ({ run }) => run.operator],
  ['list_name', ({ run }) => run.listName],
  ['list_version', ({ run }) => run.listVersion],
  ['board_kind', ({ run }) => run.boardKind],
  ['port', ({ run }) => run.port],
  ['product_id', ({ run }) => run.productId],
  ['device_name', ({ run }) => run.deviceName],
  ['firmware_version', ({ run }) => run.firmwareVersion],
  ['mac', ({ run }) => run.facts.mac],
  ['imei', ({ run }) => run.facts.imei],
  ['check_id', ({ result }) => result?.id],
  ['check', ({ result }) => result?.check],
  ['check_state', ({ result }) => result?.state],
  ['reason', ({ result }) => result?.reason],
  ['value_name', ({ value }) => value?.name],
  ['value', ({ value }) => value?.value],
  ['unit', ({ value }) => value?.unit],
  ['limit_min', ({ value }) => value?.limit?.min],
  ['limit_max', ({ value }) => value?.limit?.max],
  ['limit_equals', ({ value }) => value?.limit?.equals],
  ['limit_one_of', ({ value }) => value?.limit?.oneOf?.join('|')],
  ['limit_matches', ({ value }) => value?.limit?.matches],
  ['is_met', ({ value }) => value?.isMet],
  ['next', ({ result }) => result?.next],
  ['note', ({ result }) => result?.note],
  ['error', ({ result }) => result?.error?.code],
  ['check_duration_ms', ({ result }) => (result?.durationMs == null ? null : Math.round(result.durationMs))],
  ['session_id', ({ run }) => run.sessionId],
  ['list_id', ({ run }) => run.listId],
];

export const csvColumns: readonly string[] = columns.map(([name]) => name);

/**
 * A line a value; a check that measured nothing has one line, and so has a run without checks: nobody is missing from the table. RFC 4180 in
 * UTF-8 without a byte order mark. What is not known is empty, never 0.
 */
export function csvOfRuns(runs: readonly CheckRun[]): string {
  const lines = runs.flatMap(linesOf).map((line) => columns.map(([, cell]) => csvCell(plain(cell(line)))).join(','));
  return [csvColumns.join(','), ...lines, ''].join('\r\n');
}

function linesOf(run: CheckRun): Line[] {
  if (run.results.length === 0) return [{ run, result: null, value: null }];
  return run.results.flatMap((result): Line[] =>
    result.values.length === 0 ? [{ run, result, value: null }] : result.values.map((value) => ({ run, result, value })),
  );
}

function plain(cell: string | number | boolean | null | undefined): string | number | null {
  return typeof cell === 'boolean' ? String(cell) : (cell ?? null);
}
