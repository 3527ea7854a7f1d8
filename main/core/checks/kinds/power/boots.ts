import type { LogRow } from '../../../../../preload/contract/logs.ts';
import type { Bench, BoardPort } from '../../bench.ts';

/** One start of the chip as its log tells it. */
export interface Boot {
  /** Where it begins. */
  row: LogRow;
  /** As the chip named it; null where it does not tell. */
  reason: string | null;
  /** One of `ResetCause` (logs/grammar/esp-rom.ts), where the reason's meaning is known. */
  cause: string | null;
}

/** What else begins a start on boards whose loader says nothing, the surest first. */
const otherBeginnings: readonly ((row: LogRow) => boolean)[] = [
  ({ event }) => event === 'boot.app-started',
  ({ event, payload }) => event === 'twetalk.banner' && /version/i.test(String(fact(payload, 'key'))),
  ({ event }) => event === 'twetalk.sdk',
];

const ONE_START_US = 10_000_000;
/** Lines come a little after their times; a start sets those back to nothing. */
const CLOCK_DIFFERENCE_MS = 500;

/** Grammars that only an application writes. */
const applications: ReadonlySet<string> = new Set(['twetalk', 'tuya', 'agentic-kit', 'jieli', 'luatos']);

/** Grammars of what speaks before an application does, or when it has died. */
const beforeApplications: ReadonlySet<string> = new Set(['esp-rom', 'esp-panic', 'esp-coredump']);
/** Under these ESP-IDF's second-stage bootloader logs, in the form that applications have too. */
const loaderTag = /^(?:boot(?:\.\w+|_comm|loader\w*)?|esp_image|flash_parts|flash_encrypt|secure_boot\w*|efuse|qio_mode)$/;

/**
 * Starts in rows of one port, oldest first. A board whose port goes with it (native USB) prints its ROM's banner while nobody listens, so that how a
 * start is told is another matter after each return; one whose application has not spoken yet goes on over its port's leaving.
 */
export function bootsOf(rows: readonly LogRow[]): Boot[] {
  const boots: Boot[] = [];
  let isGoingOn = false;
  for (const stretch of portStretches(rows)) {
    const loaded = loaderBoots(stretch);
    const told = loaded.length > 0 ? loaded : applicationBoots(stretch);
    for (const boot of loaded.length === 0 && isGoingOn ? told.slice(1) : told) boots.push(boot);
    const last = boots.at(-1)?.row;
    const from = last === undefined ? -1 : stretch.indexOf(last);
    isGoingOn = (from !== -1 || isGoingOn) && !stretch.slice(Math.max(0, from)).some(isApplication);
  }
  return boots;
}

/** The ROM's banner begins one; the line that gives the reason belongs to it. */
function loaderBoots(rows: readonly LogRow[]): Boot[] {
  const boots: Boot[] = [];
  let isReasonOpen = false;
  for (const row of rows) {
    if (row.event === 'boot.rom') {
      if (isSaidAgain(row, boots.at(-1)?.row)) continue;
      boots.push({ row, reason: null, cause: null });
      isReasonOpen = true;
    } else if (row.event === 'boot.reset') {
      const told = { reason: textOf(fact(row.payload, 'reason')), cause: textOf(fact(row.payload, 'cause')) };
      const last = boots.at(-1);
      if (isReasonOpen && last !== undefined) Object.assign(last, told);
      else boots.push({ row, ...told });
      isReasonOpen = false;
    }
  }
  return boots;
}

/** Of one start some modules tell in two ways (MODEM:STARTUP, AT READY). The same words again are another start. */
function isSaidAgain(row: LogRow, before: LogRow | undefined): boolean {
  if (before === undefined || !isModuleStart(row) || !isModuleStart(before)) return false;
  return row.atUs - before.atUs < ONE_START_US && row.text.trim() !== before.text.trim();
}

function applicationBoots(rows: readonly LogRow[]): Boot[] {
  const begins = otherBeginnings.find((is) => rows.some(is));
  return begins === undefined ? [] : rows.filter(begins).map((row) => ({ row, reason: null, cause: null }));
}

/** Rows from each time that the port went away to the next. */
function portStretches(rows: readonly LogRow[]): (readonly LogRow[])[] {
  const lost = rows.flatMap(({ event }, index) => (event === 'port.lost' ? index : []));
  return [0, ...lost].map((from, index) => rows.slice(from, lost[index]));
}

/**
 * Where the port came back of which no start is told after: what has its port from its own supply had none meanwhile. A board whose clock went on
 * has lost its port alone.
 */
export function untoldReturns(rows: readonly LogRow[]): LogRow[] {
  const untold: LogRow[] = [];
  let before: LogRow | undefined;
  for (const stretch of portStretches(rows)) {
    const at = stretch[0]?.event === 'port.lost' ? stretch.findIndex(({ event }) => event === 'port.reopened') : -1;
    const back = stretch[at];
    if (back !== undefined && !stretch.some(beginsBoot) && !hasGoneOn(before, stretch.slice(at).find(isTimed))) untold.push(back);
    before = stretch.findLast(isTimed) ?? before;
  }
  return untold;
}

const isTimed = ({ deviceMs }: LogRow) => deviceMs !== undefined;

/** By the board's own times, in the last line before and the first after. */
function hasGoneOn(before: LogRow | undefined, after: LogRow | undefined): boolean {
  if (after?.deviceMs === undefined || before?.deviceMs === undefined) return false;
  const passedMs = (after.atUs - before.atUs) / 1000;
  return Math.abs(after.deviceMs - before.deviceMs - passedMs) < CLOCK_DIFFERENCE_MS;
}

export function beginsBoot(row: LogRow): boolean {
  return row.event === 'boot.rom' || row.event === 'boot.reset' || otherBeginnings.some((is) => is(row));
}

/** The firmware has crashed; not the lines that go on about it. */
export function isPanic({ event, continues }: LogRow): boolean {
  return continues === undefined && (event === 'panic' || event === 'panic.assert' || event === 'lua.error' || event === 'heap-corrupt');
}

/** A module that is ready for AT commands says so as its first: all of its firmware runs by then. */
export function isModuleStart({ event, grammar }: Pick<LogRow, 'event' | 'grammar'>): boolean {
  return event === 'boot.rom' && grammar === 'at';
}

/** The first line that is neither the ROM's nor a loader's. */
export function isApplication({ event, grammar }: LogRow): boolean {
  return (
    isModuleStart({ event, grammar }) ||
    event === 'boot.app-started' ||
    event === 'twetalk.banner' ||
    (applications.has(grammar) && event?.startsWith('boot.') !== true)
  );
}

/** The ROM's line, a loader's, or a crash's: where nothing else is said no application runs. */
export function isLoaderOrPanic(row: LogRow): boolean {
  const { event, grammar, tag } = row;
  if (isModuleStart(row)) return false;
  return beforeApplications.has(grammar) || event?.startsWith('boot.') === true || (tag !== undefined && loaderTag.test(tag));
}

/** The board says that it has reached its cloud or its voice connection. */
export function isConnected({ event, payload }: LogRow): boolean {
  if (event === 'twetalk.ready') return fact(payload, 'code') === 0;
  if (event === 'twetalk.ws-connected') return (fact(payload, 'result') ?? 0) === 0;
  return event === 'mqtt.connected' || event === 'voice.connected' || event === 'tuya.client-ready';
}

export function fact(payload: unknown, name: string): unknown {
  return typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>)[name] : undefined;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Of a module, whose USB ports have no line that resets it. 3GPP TS 27.007 §8.2, and what Luat's firmware has beside it. */
const moduleResets = ['AT+CFUN=1,1', 'AT+RESET'];
export const isModuleReset = (command: string) => moduleResets.includes(command);
/** A command was not answered: for its restart to be seen. */
const UNANSWERED_MS = 3000;

/**
 * Starts the board anew: by its lines, by its AT port, or by a person's hand. The instant before it; null when there was nobody to do it.
 * A person may have pressed the button before they said so: what the log tells since the question counts.
 */
export async function startAnew(bench: Bench, port: BoardPort): Promise<number | null> {
  const sinceUs = bench.clock.nowUs();
  if (port.family === 'cat1' ? await resetModule(bench, port) : await port.reset()) return sinceUs;
  const answer = await bench.ask({ ask: 'press-reset', data: {}, kind: 'do' });
  return answer === 'done' || answer === 'yes' ? sinceUs : null;
}

/**
 * False where no command does it: an older firmware, or no AT port. One that takes its ports with it, or restarts before it has answered, has done
 * it all the same.
 */
async function resetModule(bench: Bench, port: BoardPort): Promise<boolean> {
  const sinceUs = bench.clock.nowUs();
  const isParting = (row: LogRow) => row.event === 'port.lost' || beginsBoot(row);
  for (const command of moduleResets) {
    const answer = await port.at(command).catch(() => null);
    if (answer?.final?.kind === 'ok') return true;
    if (answer === null) return (await port.until(isParting, { sinceUs, timeoutMs: UNANSWERED_MS })) !== null;
  }
  return false;
}

/** Rows of the newest start and what followed it; of the run so far where none is known. */
export function sinceLastBoot(port: BoardPort): readonly LogRow[] {
  const rows = port.rows(0);
  const last = bootsOf(rows).at(-1)?.row;
  return last === undefined ? rows : rows.slice(rows.indexOf(last));
}
