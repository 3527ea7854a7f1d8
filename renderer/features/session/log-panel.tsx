import { Select } from '@mantine/core';
import { useCallback, useMemo, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogRow } from '../../../preload/contract/logs.ts';
import type { SessionDetail } from '../../../preload/contract/sessions.ts';
import { useCopyRows } from '../../components/log-copy.ts';
import { LogList } from '../../components/log-list.tsx';
import { useLab } from '../../lib/lab.ts';
import { type LogSelection, nothingSelected, selectOne } from '../../lib/log-selection.ts';
import { LogStore } from '../../lib/log-store.ts';
import { wholeView } from '../../lib/log-view.ts';
import { instantText } from '../../lib/quantities.ts';
import css from './session.module.css';
import { type SessionViewStore, useSessionView, useSessionViewStore } from './session-view.ts';

function timeText(row: LogRow): string {
  return instantText(row.atUs);
}

function lineOf(row: LogRow): string {
  return `${instantText(row.atUs)} ${row.text}`;
}

/** A port's log beside the timeline: it follows the cursor, and a row that is selected moves it. */
export function LogPanel({ sessionId, ports }: { sessionId: string; ports: SessionDetail['ports'] }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string | null>(null);
  const port = ports.find((each) => each.address === chosen) ?? ports[0];
  return (
    <section className={css.panel} aria-label={t('session.log')}>
      <header className={css.panelHead}>
        <h2>{t('session.log')}</h2>
        {ports.length > 1 && (
          <Select
            size="xs"
            aria-label={t('session.port')}
            data={ports.map((each) => each.address)}
            value={port?.address ?? null}
            onChange={setChosen}
            allowDeselect={false}
          />
        )}
        {port !== undefined && ports.length === 1 && <span className="mono quiet truncate">{port.address}</span>}
      </header>
      {port === undefined ? (
        <p className={css.nothing}>{t('session.noLog')}</p>
      ) : (
        <PortLog key={port.address} sessionId={sessionId} port={port.address} rowCount={port.rowCount} />
      )}
    </section>
  );
}

function PortLog({ sessionId, port, rowCount }: { sessionId: string; port: string; rowCount: number }) {
  const { t } = useTranslation();
  const lab = useLab();
  const viewStore = useSessionViewStore();
  const store = useMemo(() => {
    const created = new LogStore(async (fromSeq, limit) => (await lab.call('logs.page', { sessionId, port, fromSeq, limit })).rows);
    created.reset([], rowCount);
    return created;
  }, [lab, sessionId, port, rowCount]);
  const [own, setOwn] = useState<LogSelection>(nothingSelected);
  const selected = useSessionView((state) => state.selected);
  const cursorSeq = useCursorSeq(store);
  const copy = useCopyRows(store, lineOf);

  // Selected elsewhere (on the timeline): it is the one selected here.
  const outsideSeq = selected?.kind === 'log' && selected.port === port ? selected.seq : null;
  const selection = own.focus === outsideSeq ? own : outsideSeq === null ? nothingSelected : selectOne(outsideSeq);

  const onSelect = useCallback(
    (next: LogSelection) => {
      setOwn(next);
      if (next.focus === null) return;
      const row = store.row(next.focus);
      viewStore.getState().select({ kind: 'log', port, seq: next.focus }, row?.atUs);
    },
    [store, viewStore, port],
  );

  return (
    <LogList
      store={store}
      view={wholeView(rowCount)}
      label={t('session.log')}
      selection={selection}
      onSelect={onSelect}
      onCopy={copy}
      timeText={timeText}
      isTagShown={false}
      currentSeq={cursorSeq}
      revealSeq={outsideSeq ?? cursorSeq}
    />
  );
}

/** The row the cursor stands on, looked up at most once at a time: while it plays only the latest position matters. */
function useCursorSeq(store: LogStore): number | null {
  const viewStore = useSessionViewStore();
  const lookup = useMemo(() => createCursorLookup(store, viewStore), [store, viewStore]);
  return useSyncExternalStore(lookup.listen, lookup.get);
}

function createCursorLookup(store: LogStore, viewStore: SessionViewStore) {
  let seq: number | null = null;
  let isBusy = false;
  let wanted: number | null = null;
  const listeners = new Set<() => void>();

  async function run(): Promise<void> {
    isBusy = true;
    while (wanted !== null) {
      const us = wanted;
      wanted = null;
      seq = Math.max(0, await store.seqAt(us));
      for (const listener of listeners) listener();
    }
    isBusy = false;
  }
  function look(us: number): void {
    wanted = us;
    if (!isBusy)
      run().catch(() => {
        isBusy = false; // the rows could not be loaded: the panel stays where it is
      });
  }
  return {
    get: () => seq,
    listen(listener: () => void): () => void {
      listeners.add(listener);
      const unsubscribe = viewStore.subscribe((state, before) => {
        if (state.cursorUs !== before.cursorUs) look(state.cursorUs);
      });
      look(viewStore.getState().cursorUs);
      return () => {
        listeners.delete(listener);
        unsubscribe();
      };
    },
  };
}
