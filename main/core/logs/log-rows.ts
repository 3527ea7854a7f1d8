import type { LogFilter } from '../../../preload/contract/logs.ts';
import { isTalkError } from '../../../preload/contract/talk-error.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import { LiveLog } from './live-log.ts';
import type { LogIndex } from './log-index.ts';
import type { BookRow } from './row.ts';

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

/** Where recorded rows are read. Sees what is on disk: `settle` first to see what was just recorded. */
export interface LogArchive {
  settle(): Promise<void>;
  /** Throws TalkError 'session/not-found'. */
  open(sessionId: string): Promise<RecordedLog>;
  /** Those of `seqs` (ascending) that could be kept, with their bytes. */
  rows(sessionId: string, seqs: readonly number[]): Promise<BookRow[]>;
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
