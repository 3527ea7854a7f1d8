import { TalkError } from '../../../preload/contract/errors.ts';
import type { CallHandlers } from '../endpoint/handlers.ts';
import { createRedact, type Redact, type RedactOptions, redactBytes } from '../store/redact.ts';
import { CrossingPieces } from '../store/redact-crossing.ts';
import { joinSplitRows, toldAs } from '../store/redact-split-rows.ts';
import type { Store } from '../store/store.ts';
import { Judge } from './judge.ts';
import type { LiveLog } from './live-log.ts';
import type { LogBook } from './log-book.ts';
import type { LogArchive } from './log-rows.ts';
import { type BookRow, plainRow } from './row.ts';
import { fileHead, type RowFormat, type RowFormatOptions, rowFormatter } from './row-formats.ts';
import { savedPath } from './saved-path.ts';
import type { Views } from './views.ts';

const PIECE_BYTES = 4 << 20;
const fileExtensions = { raw: 'bin', text: 'log', jsonl: 'jsonl', csv: 'csv' } as const;

export interface ExportDeps {
  store: Store;
  book: LogBook;
  archive: LogArchive;
  views: Views;
  secrets(): Promise<readonly string[]>;
}

/** Logs as files, in pieces. What no session records is in memory, and is one piece. */
export function createLogExport(deps: ExportDeps): Pick<CallHandlers, 'logs.export'> {
  const { store, book, archive, views } = deps;
  return {
    'logs.export': async ({ source, format, style, includeIdentities, cursor }, { signal }) => {
      const view = 'viewId' in source ? views.find(source.viewId) : null;
      const asked = 'viewId' in source ? null : source;
      const filter = view?.filter ?? asked?.filter ?? {};
      const sessionId = view === null ? (asked?.sessionId ?? book.log.sessionId) : view.log.sessionId;
      if (format === 'raw' && filter.ports?.length !== 1) {
        throw new TalkError('bad-request', { issues: [{ path: 'source.filter.ports', message: 'raw bytes are of one port' }] });
      }
      const port = filter.ports?.length === 1 ? `-${savedPath('{port}', { port: filter.ports[0] ?? '', sessionId, wallMs: 0 })[0]}` : '';
      const fileName = `${sessionId ?? 'log'}${port}.${fileExtensions[format]}`;
      const secrets = await deps.secrets();
      if (sessionId === null) {
        const log = (view?.log ?? book.log) as LiveLog;
        const rows: BookRow[] = [];
        const all = withoutCrossing(log.recent.slice(0, log.length), { includeIdentities, secrets });
        new Judge({ ...filter, collapseRepeats: false }).judge(all, (row) => rows.push(row));
        const redact = createRedact({ includeIdentities, secrets });
        const data = format === 'raw' ? rawOf(rows, redact) : textOf(rows, format, { style, startedWallMs: log.startedWallMs, redact });
        return { fileName, data: new Uint8Array(data), cursor: null, doneRows: rows.length, totalRows: rows.length };
      }
      if (sessionId === book.log.sessionId) await archive.settle();
      const body = { sessionId, filter, format, style, includeIdentities, secrets, cursor, pieceBytes: PIECE_BYTES };
      const piece = await store.bulk('log.export', body, { signal });
      const totalRows = view?.length ?? (sessionId === book.log.sessionId ? book.log.length : await recordedLength(sessionId));
      return { fileName, ...piece, totalRows };
    },
  };

  async function recordedLength(id: string): Promise<number> {
    return (await store.read('session.summary', { id }))?.logRowCount ?? 0;
  }
}

/** Rows of cut lines without what lies across them. */
function withoutCrossing(rows: readonly BookRow[], options: RedactOptions): BookRow[] {
  const [texts, bytes] = [new CrossingPieces(options), new CrossingPieces(options)];
  joinSplitRows(rows, { texts, bytes });
  return rows.map((row) => {
    const [text, raw] = [texts.found.get(row.seq), bytes.found.get(row.seq)];
    if (text === undefined && raw === undefined) return row;
    return {
      ...row,
      ...(text === undefined ? {} : toldAs(row, text)),
      ...(raw === undefined ? {} : { raw: new Uint8Array(Buffer.from(raw, 'latin1')) }),
    };
  });
}

function rawOf(rows: readonly BookRow[], redact: Redact): Uint8Array {
  return redactBytes(redact, Buffer.concat(rows.filter(({ direction }) => direction === 'received').map(({ raw }) => raw)));
}

function textOf(rows: readonly BookRow[], format: RowFormat, options: RowFormatOptions): Uint8Array {
  return Buffer.from(fileHead(format) + rows.map(plainRow).map(rowFormatter(format, options)).join(''));
}
