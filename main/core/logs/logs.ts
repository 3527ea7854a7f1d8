import type { LogRow } from '../../../preload/contract/logs.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { createLogArchive } from './archive.ts';
import { createLogExport } from './export.ts';
import type { LogBook } from './log-book.ts';
import { createMarks } from './marks.ts';
import { createViews } from './views.ts';

/** Rows of a recorded log that are looked through, and read, at a time. */
const STRETCH_ROWS = 131_072;
const PIECE_ROWS = 1000;

export interface LogsDeps {
  clock: Clock;
  book: LogBook;
  store: Store;
  log: Log;
  /** Every secret the core holds: none may be in a file. */
  secrets(): Promise<readonly string[]>;
}

type LogCall = 'logs.window' | 'logs.locate' | 'logs.histogram' | 'logs.text' | 'logs.export' | 'logs.tags' | 'logs.mark';

export interface Logs {
  calls: Pick<CallHandlers, LogCall>;
  streams: Pick<StreamHandlers, 'logs.view' | 'logs.rows' | 'logs.marks'>;
  /** The rows of a recorded session that carry an event, in order. Throws TalkError 'session/not-found'. */
  eventRows(sessionId: string, signal: AbortSignal): AsyncIterable<readonly LogRow[]>;
}

/** All that is asked of logs, live and recorded. */
export function createLogs(deps: LogsDeps): Logs {
  const { book, store } = deps;
  const archive = createLogArchive(deps);
  const views = createViews({ ...deps, archive });
  const marks = createMarks({ store, settle: archive.settle });
  return {
    calls: {
      ...views.calls,
      ...marks.calls,
      ...createLogExport({ ...deps, archive, views }),
      'logs.tags': async ({ sessionId }) => {
        if (sessionId !== null && sessionId !== book.log.sessionId) return store.read('log.tags', { sessionId });
        const tags = [...book.log.tags].map(([tag, { rows }]) => ({ tag, rows })).sort((a, b) => b.rows - a.rows);
        return { tags, ports: [...book.log.ports] };
      },
    },
    streams: { ...views.streams, ...marks.streams },
    async *eventRows(sessionId, signal) {
      if (sessionId === book.log.sessionId) await archive.settle();
      const { length } = await archive.open(sessionId);
      for (let from = 0; from < length; from += STRETCH_ROWS) {
        const part = { from, to: Math.min(length, from + STRETCH_ROWS), wantedPorts: [] };
        const { seqs } = await archive.scan(sessionId, { events: [] }, part, signal);
        const wanted = Array.from(seqs);
        for (let at = 0; at < wanted.length; at += PIECE_ROWS) yield archive.rows(sessionId, wanted.slice(at, at + PIECE_ROWS));
      }
    },
  };
}
