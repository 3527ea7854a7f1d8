import type { LogFilter, LogTextStyle } from '../../../preload/contract/logs.ts';
import { isTalkError } from '../../../preload/contract/talk-error.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import { LiveLog } from './live-log.ts';
import type { LogIndex } from './log-index.ts';
import type { BookRow } from './row.ts';
import { rowText } from './text.ts';

/** A log that is recorded already: what is known of it without reading its rows. */
export interface RecordedLog {
  readonly sessionId: string;
  readonly startedWallMs: number;
  readonly length: number;
  readonly index: LogIndex;
  readonly isLive: false;
}

export type AnyLog = LiveLog | RecordedLog;

/** Rows that a filter found, one at each place of the lists, in order. */
export interface FoundRows {
  seqs: ArrayLike<number>;
  atUs: ArrayLike<number>;
  /** Its level's place in `logLevels` plus one; 0: none. */
  levels: ArrayLike<number>;
  /** With `collapseRepeats` only. Places in `ports`, and 1 for a row that only repeats the wanted row before it of its port. */
  portOf?: ArrayLike<number> | undefined;
  isCounted?: ArrayLike<number> | undefined;
  ports: readonly string[];
}

export interface LinesForm {
  style: LogTextStyle;
  /** Wall time of `atUs` 0. */
  startedWallMs: number;
  limitCharacters: number;
}

/** Where recorded rows are read. Sees what is on disk: `settle` first to see what was just recorded. */
export interface LogArchive {
  settle(): Promise<void>;
  /** Throws TalkError 'session/not-found'. */
  open(sessionId: string): Promise<RecordedLog>;
  /** Those of `seqs` (ascending) that could be kept, with their bytes. */
  rows(sessionId: string, seqs: readonly number[]): Promise<BookRow[]>;
  /** Rows as lines, each with its line feed: so many of `seqs` (ascending), from the first, until one is missing or the limit passed. */
  lines(sessionId: string, seqs: readonly number[], form: LinesForm): Promise<{ text: string; rows: number }>;
  /** Judges rows `from` … before `to`. `wantedPorts`: see `Judge`. Throws TalkError 'timeout' and 'cancelled' too. */
  scan(
    sessionId: string,
    filter: LogFilter,
    part: { from: number; to: number; wantedPorts: readonly string[] },
    signal: AbortSignal,
  ): Promise<FoundRows & { wantedPorts: readonly string[] }>;
}

/** The rows with these seqs, ascending, each at its place: one that could not be kept is stood in for. */
export async function rowsOf(log: AnyLog, archive: LogArchive, seqs: readonly number[]): Promise<BookRow[]> {
  const found = new Map<number, BookRow>();
  const missing: number[] = [];
  for (const seq of seqs) {
    const row = log instanceof LiveLog ? log.recent.get(seq) : undefined;
    if (row === undefined) missing.push(seq);
    else found.set(seq, row);
  }
  const { sessionId } = log;
  if (missing.length > 0 && sessionId !== null) {
    const read = async (wanted: readonly number[]) => {
      for (const row of await archive.rows(sessionId, wanted)) found.set(row.seq, row);
    };
    try {
      await read(missing);
    } catch (error) {
      // Of a session that has just begun not even the beginning is stored.
      if (!log.isLive || !isTalkError(error, 'session/not-found')) throw error;
    }
    const still = missing.filter((seq) => !found.has(seq));
    if (still.length > 0 && log.isLive) {
      await archive.settle();
      await read(still);
    }
  }
  return seqs.map((seq) => found.get(seq) ?? lostRow(seq));
}

/** The same as lines of text, each with its line feed. Beyond `limitCharacters` some may be missing. */
export async function linesOf(log: AnyLog, archive: LogArchive, seqs: readonly number[], form: LinesForm): Promise<string> {
  const one = async (wanted: readonly number[]) => {
    const rows = await rowsOf(log, archive, wanted);
    return rows.map((row) => `${rowText(row, form.style, form.startedWallMs)}\n`).join('');
  };
  const { sessionId } = log;
  const inMemory = log instanceof LiveLog ? seqs.findIndex((seq) => seq >= log.recent.from) : -1;
  const stored = inMemory < 0 ? seqs : seqs.slice(0, inMemory);
  if (sessionId === null || stored.length === 0) return one(seqs);
  // These first: the oldest rows in memory are forgotten as new ones come.
  const recent = await one(seqs.slice(stored.length));
  const { text, rows } = await archive.lines(sessionId, stored, form).catch((error: unknown) => {
    if (!log.isLive || !isTalkError(error, 'session/not-found')) throw error;
    return { text: '', rows: 0 };
  });
  const isWhole = rows === stored.length || text.length > form.limitCharacters;
  return text + (isWhole ? '' : await one(stored.slice(rows))) + recent;
}

/** In place of a row that is nowhere any more, so that those after it keep their place. */
function lostRow(seq: number): BookRow {
  return {
    seq,
    port: '?',
    atUs: 0 as MonoUs,
    direction: 'notice',
    text: 'log.lost',
    message: 'log.lost',
    raw: new Uint8Array(0),
    grammar: 'talkbench',
    event: 'log.lost',
    offset: -1,
    isRepeat: false,
  };
}
