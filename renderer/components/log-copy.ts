import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogRow } from '../../preload/contract/logs.ts';
import { errorValueOf } from '../lib/errors.ts';
import type { LogStore } from '../lib/log-store.ts';
import { useToasts } from '../lib/toasts.ts';

const instantRows = 20_000;

/** Puts rows on the clipboard as text, one a line, and says how many. Rows not in memory are loaded first. */
export function useCopyRows(store: LogStore, lineOf: (row: LogRow) => string): (seqs: readonly number[]) => void {
  const { t } = useTranslation();
  const show = useToasts((state) => state.show);
  return useCallback(
    (seqs) => {
      if (seqs.length === 0) return;
      // A long copy loads rows for seconds; silence would read as a button that does nothing.
      if (seqs.length > instantRows) show({ kind: 'done', text: t('monitor.copying', { count: seqs.length }) });
      store
        .rows(seqs)
        .then(async (rows) => {
          await navigator.clipboard.writeText(rows.map((row) => `${lineOf(row)}\n`).join(''));
          show({ kind: 'done', text: t('monitor.copied', { count: rows.length }) });
        })
        .catch((error: unknown) => show({ kind: 'error', error: errorValueOf(error) }));
    },
    [store, lineOf, show, t],
  );
}
