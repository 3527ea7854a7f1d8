import type { LogFilter, LogRow } from '../../../preload/contract/logs.ts';
import type { Lab } from '../../lib/lab.ts';
import { LogView } from '../../lib/log-view.ts';

/** Crashes that a board prints without a level. */
const crashes = ['panic', 'brownout', 'watchdog', 'heap-corrupt'];

/** The first row of a port that is an error, by its level or by what it tells, at or after a row; null when there is none. */
export async function firstErrorSince(lab: Lab, port: string, sinceSeq: number): Promise<LogRow | null> {
  const found = await Promise.all([
    firstSince(lab, { ports: [port], minimumLevel: 'error' }, sinceSeq),
    firstSince(lab, { ports: [port], events: crashes }, sinceSeq),
  ]);
  return found.filter((row) => row !== null).sort((a, b) => a.seq - b.seq)[0] ?? null;
}

/** Waits as long as the log is being looked through and nothing has been found; what is found first is the first. */
async function firstSince(lab: Lab, filter: LogFilter, seq: number): Promise<LogRow | null> {
  const view = new LogView(lab, { sessionId: null, filter, tail: 0 });
  const close = view.open();
  try {
    for (;;) {
      if (view.isReady) {
        const isComplete = view.judgedRows >= view.totalRows;
        const place = await view.locate({ seq });
        if (place.seq !== null) return (await view.rows(place.index, 1))[0] ?? null;
        if (isComplete) return null;
      }
      await new Promise<void>((resolve) => {
        const stop = view.listen(() => {
          stop();
          resolve();
        });
      });
    }
  } finally {
    close();
  }
}
