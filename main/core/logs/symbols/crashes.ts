import type { LogRow } from '../../../../preload/contract/logs.ts';
import { shaInRow } from './decode.ts';

export interface Crash {
  /** From the first line of the panic to the last that belongs to it. */
  rows: LogRow[];
  /** The line that says what happened. */
  title: string;
  /** The hash of the firmware as far as the log had told it by then. */
  elfSha256: string | null;
}

const crashEvents: ReadonlySet<string> = new Set([
  'panic',
  'panic.assert',
  'panic.registers',
  'backtrace',
  'stack-memory',
  'watchdog',
  'heap-corrupt',
]);
/** As many rows as one question to the decoder may have. What a longer dump has beyond that is left out, and no crash of its own. */
const MAX_ROWS = 500;

/** The crashes of a log, each with all its rows: those that continue its first one, and what stands between them. */
export function* crashesOf(rows: Iterable<LogRow>): Generator<Crash> {
  let elfSha256: string | null = null;
  let open: { crash: Crash; opener: number } | null = null;
  for (const row of rows) {
    const isSame: boolean = open !== null && row.continues === open.opener && !(isOpening(row) && open.crash.rows.some(isDump));
    elfSha256 = shaInRow(row) ?? elfSha256;
    if (open !== null && isSame) {
      if (open.crash.rows.length < MAX_ROWS) open.crash.rows.push(row);
      open.crash.elfSha256 = elfSha256;
      continue;
    }
    if (row.event === undefined || !crashEvents.has(row.event)) continue;
    if (open !== null) yield open.crash;
    open = { opener: row.seq, crash: { rows: [row], title: row.message.trim(), elfSha256 } };
  }
  if (open !== null) yield open.crash;
}

/** "assert failed", then "abort()", are one crash; the same after a dump is the next. */
function isOpening({ event }: LogRow): boolean {
  return event === 'panic' || event === 'panic.assert';
}

function isDump({ event }: LogRow): boolean {
  return event === 'backtrace' || event === 'panic.registers' || event === 'elf-sha';
}
