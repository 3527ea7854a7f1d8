import { TalkError } from '../../../preload/contract/errors.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { LogBook } from './log-book.ts';
import { LogIndex } from './log-index.ts';
import type { LogArchive } from './log-rows.ts';

/** A stretch of a log takes milliseconds to judge; an expression that takes so long would take for ever. */
const SCAN_TIMEOUT_MS = 10_000;

/** Logs as the store has them. */
export function createLogArchive(deps: { store: Store; book: LogBook; log: Log }): LogArchive {
  const { store, book, log } = deps;
  return {
    async settle() {
      book.flush();
      await store.flush().catch((error: unknown) => log.warn({ err: error }, 'reading what is stored'));
    },
    async open(sessionId) {
      const summary = await store.read('session.summary', { id: sessionId });
      if (summary === null) throw new TalkError('session/not-found', { id: sessionId });
      const blocks = await store.read('log.blocks', { sessionId });
      const index = new LogIndex();
      for (const [at, firstSeq] of blocks.firstSeqs.entries())
        index.add({
          firstSeq,
          rows: blocks.rowCounts[at] ?? 0,
          firstUs: blocks.firstUs[at] ?? 0,
          lastUs: blocks.lastUs[at] ?? 0,
          error: blocks.errors[at] ?? 0,
          warn: blocks.warns[at] ?? 0,
          info: blocks.infos[at] ?? 0,
        });
      return { sessionId, startedWallMs: summary.startedWallMs, length: blocks.length, index, isLive: false };
    },
    rows: (sessionId, seqs) => store.read('log.window', { sessionId, seqs }),
    lines: (sessionId, seqs, form) => store.read('log.lines', { sessionId, seqs: Uint32Array.from(seqs), ...form }),
    scan: (sessionId, filter, { from, to, wantedPorts }, signal) =>
      store.bulk('log.scan', { sessionId, filter, fromSeq: from, toSeq: to, wantedPorts }, { signal, timeoutMs: SCAN_TIMEOUT_MS }),
  };
}
