import { Select } from '@mantine/core';
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionDetail } from '../../../preload/contract/sessions.ts';
import { useLogCopy } from '../../components/log-copy.ts';
import { LogList } from '../../components/log-list.tsx';
import { portLooksOf } from '../../lib/log-columns.ts';
import { useLogMarks, useLogSelection, useLogState, useLogView } from '../../lib/log-hooks.ts';
import { type LogSelection, selectOne } from '../../lib/log-selection.ts';
import type { LogView } from '../../lib/log-view.ts';
import css from './session.module.css';
import { type SessionViewStore, useSessionView, useSessionViewStore } from './session-view.ts';

const everyPort = '*';

/** The session's log beside the timeline: it follows the cursor, and a row that is selected moves it. */
export function LogPanel({ sessionId, ports }: { sessionId: string; ports: SessionDetail['ports'] }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState(everyPort);
  const addresses = useMemo(() => ports.map((port) => port.address), [ports]);
  const port = addresses.includes(chosen) ? chosen : null;
  return (
    <section className={css.panel} aria-label={t('session.log')}>
      <header className={css.panelHead}>
        <h2>{t('session.log')}</h2>
        {addresses.length > 1 && (
          <Select
            size="xs"
            aria-label={t('session.port')}
            data={[{ value: everyPort, label: t('log.allPorts') }, ...addresses.map((value) => ({ value, label: value }))]}
            value={port ?? everyPort}
            onChange={(value) => setChosen(value ?? everyPort)}
            allowDeselect={false}
          />
        )}
        {addresses.length === 1 && <span className="mono quiet truncate">{addresses[0]}</span>}
      </header>
      {addresses.length === 0 ? (
        <p className={css.nothing}>{t('session.noLog')}</p>
      ) : (
        <SessionLog sessionId={sessionId} port={port} addresses={addresses} />
      )}
    </section>
  );
}

function SessionLog({ sessionId, port, addresses }: { sessionId: string; port: string | null; addresses: readonly string[] }) {
  const { t } = useTranslation();
  const viewStore = useSessionViewStore();
  const view = useLogView({ sessionId, filter: port === null ? {} : { ports: [port] } });
  const [selection, setSelection] = useLogSelection(view);
  const marks = useLogMarks(sessionId);
  const copy = useLogCopy(view, { hostTime: 'elapsed', port: port === null && addresses.length > 1 });
  const cursorIndex = useCursorIndex(view);
  const outside = useSelectedOutside(view, selection, setSelection);
  const looks = useMemo(() => portLooksOf(addresses), [addresses]);

  const onSelect = useCallback(
    (next: LogSelection) => {
      setSelection(next);
      if (next.focus === null) return;
      view
        .rows(next.focus, 1)
        .then(([row]) => {
          if (row !== undefined) viewStore.getState().select({ kind: 'log', port: row.port, seq: row.seq }, row.atUs);
        })
        .catch(() => undefined); // not reachable: the selection stays in the list
    },
    [view, viewStore, setSelection],
  );

  const reveal = useMemo(() => (cursorIndex === null ? null : { index: cursorIndex }), [cursorIndex]);
  return (
    <LogList
      view={view}
      label={t('session.log')}
      selection={selection}
      onSelect={onSelect}
      onCopy={copy}
      columns={{ hostTime: 'elapsed', deviceTime: false, tag: false, port: port === null && addresses.length > 1 }}
      portLooks={looks}
      marks={marks}
      current={cursorIndex}
      reveal={outside ?? reveal}
    />
  );
}

/** What is selected elsewhere (on the timeline, in the link) is the one that is selected here, where this view shows it. */
function useSelectedOutside(view: LogView, selection: LogSelection, select: (selection: LogSelection) => void): { index: number } | null {
  const selected = useSessionView((state) => state.selected);
  const generation = useLogState(view, (each) => each.generation);
  const [found, setFound] = useState<{ index: number; seq: number } | null>(null);
  const seq = selected?.kind === 'log' ? selected.seq : null;
  const ownSeq = selection.focus === null ? null : (view.row(selection.focus)?.seq ?? null);
  useEffect(() => {
    if (generation === 0 || seq === null || seq === ownSeq) return;
    let isOver = false;
    view
      .locate({ seq })
      .then((place) => {
        if (isOver || place.seq !== seq) return;
        select(selectOne(place.index));
        setFound({ index: place.index, seq });
      })
      .catch(() => undefined); // not reachable: the list stays as it is
    return () => {
      isOver = true;
    };
  }, [view, generation, seq, ownSeq, select]);
  return found?.seq === seq ? found : null;
}

/** The row the cursor stands on, looked up at most once at a time: while it plays only the latest position matters. */
function useCursorIndex(view: LogView): number | null {
  const viewStore = useSessionViewStore();
  const lookup = useMemo(() => createCursorLookup(view, viewStore), [view, viewStore]);
  return useSyncExternalStore(lookup.listen, lookup.get);
}

function createCursorLookup(view: LogView, viewStore: SessionViewStore) {
  let index: number | null = null;
  let isBusy = false;
  let wanted: number | null = null;
  let generation = 0;
  const listeners = new Set<() => void>();

  async function run(): Promise<void> {
    isBusy = true;
    try {
      while (wanted !== null) {
        const atUs = wanted;
        wanted = null;
        const place = await view.locate({ atUs });
        // The first row from the cursor on is the one after it, unless it stands right on it.
        index = place.atUs === atUs ? place.index : Math.max(0, place.index - 1);
        for (const listener of listeners) listener();
      }
    } catch {
      // The rows cannot be had: the panel stays where it is.
    } finally {
      isBusy = false;
    }
  }
  function look(): void {
    if (!view.isReady) return;
    wanted = viewStore.getState().cursorUs;
    if (!isBusy) void run(); // never rejects
  }
  return {
    get: () => index,
    listen(listener: () => void): () => void {
      listeners.add(listener);
      const stops = [
        viewStore.subscribe((state, before) => {
          if (state.cursorUs !== before.cursorUs) look();
        }),
        view.listen(() => {
          if (view.generation === generation) return;
          generation = view.generation;
          look();
        }),
      ];
      look();
      return () => {
        listeners.delete(listener);
        for (const stop of stops) stop();
      };
    },
  };
}
