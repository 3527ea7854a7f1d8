import { TalkError } from '../../../preload/contract/errors.ts';
import type { StreamBody } from '../../../preload/contract/index.ts';
import type { LogRow, LogViewState } from '../../../preload/contract/logs.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { CallHandlers, StreamAttachment, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { Log } from '../log.ts';
import { Judge } from './judge.ts';
import type { LogBook } from './log-book.ts';
import type { LogArchive, RecordedLog } from './log-rows.ts';
import { type BookRow, contractRow } from './row.ts';
import { View } from './view.ts';

/** A clipboard of more is nobody's wish, and one string has its limit. */
const TEXT_LIMIT_BYTES = 64 << 20;
/** Rows made text at a time where many are wanted. */
const PIECE_ROWS = 8192;
/** Of rows for programs: those of a client that falls behind are kept until so many wait, then it loses them. */
const RETAINED_ROWS = 32_768;

export interface ViewsDeps {
  clock: Clock;
  book: LogBook;
  archive: LogArchive;
  log: Log;
}

export interface Views {
  calls: Pick<CallHandlers, 'logs.window' | 'logs.locate' | 'logs.histogram' | 'logs.text'>;
  streams: Pick<StreamHandlers, 'logs.view' | 'logs.rows'>;
  /** Throws TalkError 'not-found'. */
  find(viewId: string): View;
  readonly openCount: number;
}

/** The views that are open, and what can be asked of them. */
export function createViews(deps: ViewsDeps): Views {
  const { clock, book, archive, log } = deps;
  const views = new Map<string, View>();
  const recorded = new Map<string, { log: Promise<RecordedLog>; users: number }>();
  const viewDeps = { clock, archive, onFault: (error: unknown, id: string) => log.error({ err: error, id }, 'internal error') };

  function find(viewId: string): View {
    const view = views.get(viewId);
    if (view === undefined) throw new TalkError('not-found', { what: 'view', id: viewId });
    return view;
  }

  /** A recorded log is known as long as a view shows it. */
  function borrowRecorded(sessionId: string): { log: Promise<RecordedLog>; giveBack(): void } {
    const known = recorded.get(sessionId) ?? { log: archive.open(sessionId), users: 0 };
    recorded.set(sessionId, known);
    known.users++;
    const giveBack = () => {
      if (--known.users === 0) recorded.delete(sessionId);
    };
    return { log: known.log, giveBack };
  }

  /** Over the live log; over whichever is live, when no session was named. */
  function liveView(request: StreamBody<'logs.view'>): StreamAttachment<LogViewState, LogViewState> {
    const topic: Topic<LogViewState, LogViewState> = new Topic({ snapshot: () => view.state, retain: 1 });
    const open = () => {
      const opened = new View(book.log, request, topic, viewDeps);
      views.set(opened.id, opened);
      return opened;
    };
    const close = () => {
      view.close();
      views.delete(view.id);
    };
    let view = open();
    const stop = book.listen({
      onRows: (rows, of) => of === view.log && view.onRows(rows),
      onRestart() {
        if (request.sessionId !== null) return view.onRestart();
        close();
        view = open();
        topic.publish(view.state);
      },
    });
    return {
      topic,
      isState: true,
      close() {
        stop();
        close();
      },
    };
  }

  function recordedView(sessionId: string, request: StreamBody<'logs.view'>): StreamAttachment<LogViewState, LogViewState> {
    const session = borrowRecorded(sessionId);
    let isClosed = false;
    let view: View | null = null;
    const topic: Topic<LogViewState, LogViewState> = new Topic({ snapshot: () => (view as View).state, retain: 1 });
    const ready = session.log.then((opened) => {
      if (isClosed) return;
      view = new View(opened, request, topic, viewDeps);
      views.set(view.id, view);
    });
    return {
      topic,
      isState: true,
      ready,
      close() {
        isClosed = true;
        session.giveBack();
        view?.close();
        if (view !== null) views.delete(view.id);
      },
    };
  }

  function rowStream({ filter, tail }: StreamBody<'logs.rows'>): ReturnType<StreamHandlers['logs.rows']> {
    const judge = new Judge(filter);
    const topic: Topic<ReturnType<typeof snapshot>, LogRow> = new Topic({ snapshot: () => snapshot(), retain: RETAINED_ROWS });
    const wanted = (rows: readonly BookRow[]): LogRow[] => {
      const found: LogRow[] = [];
      judge.judge(rows, (row, isCounted) => isCounted || found.push(contractRow(row)));
      return found;
    };
    const snapshot = () => {
      const { sessionId, startedWallMs, recent } = book.log;
      return { sessionId, startedWallMs, rows: tail === 0 ? [] : wanted(recent.slice(0, recent.length)).slice(-tail) };
    };
    const stop = book.listen({
      onRows(rows) {
        try {
          for (const row of wanted(rows)) topic.publish(row);
        } catch (error) {
          topic.fail(error);
        }
      },
      // Times are from another start.
      onRestart: () => topic.restart(),
    });
    return { topic, close: stop };
  }

  return {
    find,
    get openCount() {
      return views.size;
    },
    calls: {
      'logs.window': async ({ viewId, from, limit }) => find(viewId).window(from, limit),
      'logs.locate': async ({ viewId, seq, atUs }) => {
        const view = find(viewId);
        if (seq === undefined && atUs === undefined)
          throw new TalkError('bad-request', { issues: [{ path: 'seq', message: 'seq or atUs' }] });
        const index = seq === undefined ? await view.indexOfTime(atUs as number) : view.indexOfSeq(seq);
        const [row] = await view.rows(index, index + 1);
        return { index, seq: row?.seq ?? null, atUs: row?.atUs ?? null };
      },
      'logs.histogram': async ({ viewId, buckets, fromUs, toUs }) => find(viewId).histogram(buckets, { fromUs, toUs }),
      'logs.text': async ({ viewId, ranges, style }, { signal }) => {
        const view = find(viewId);
        const texts: string[] = [];
        let bytes = 0;
        let rows = 0;
        for (const indices of piecesOf(ranges, view.length)) {
          signal.throwIfAborted();
          const text = await view.linesAt(indices, style, TEXT_LIMIT_BYTES - bytes);
          bytes += text.length;
          if (bytes > TEXT_LIMIT_BYTES) throw new TalkError('too-large', { limitBytes: TEXT_LIMIT_BYTES, sizeBytes: bytes });
          texts.push(text);
          rows += indices.length;
        }
        return { text: texts.join(''), rows };
      },
    },
    streams: {
      'logs.view': (request) => {
        const { sessionId } = request;
        return sessionId === null || sessionId === book.log.sessionId ? liveView(request) : recordedView(sessionId, request);
      },
      'logs.rows': rowStream,
    },
  };
}

/** The indices of ranges (both ends included), in order and each once, so many at a time. */
function* piecesOf(ranges: readonly (readonly [number, number])[], length: number): Generator<number[]> {
  let piece: number[] = [];
  let next = 0;
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    for (next = Math.max(first, next); next <= Math.min(last, length - 1); next++) {
      piece.push(next);
      if (piece.length < PIECE_ROWS) continue;
      yield piece;
      piece = [];
    }
  }
  if (piece.length > 0) yield piece;
}
