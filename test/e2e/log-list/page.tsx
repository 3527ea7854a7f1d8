import '@mantine/core/styles.css';
import '../../../renderer/app/app.css';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import type { LogFilter, LogRow } from '../../../preload/contract/logs.ts';
import { LogList, type LogListProps } from '../../../renderer/components/log-list.tsx';
import { startI18n } from '../../../renderer/lib/i18n.ts';
import { LabProvider } from '../../../renderer/lib/lab.ts';
import { useLogSearch, useLogSelection, useLogState, useLogView, useNewRows } from '../../../renderer/lib/log-hooks.ts';
import { selectedCount } from '../../../renderer/lib/log-selection.ts';
import type { LogView } from '../../../renderer/lib/log-view.ts';
import { LogLab, logRow } from '../../fakes/log-lab.ts';

/** What a spec holds: the far end, and what the page was told. */
export interface Bench {
  lab: LogLab;
  logRow: typeof logRow;
  view: LogView;
  copied: (readonly (readonly [number, number])[])[];
  marked: number[];
  opened: number[];
  set(changes: Partial<Shown>): void;
}

declare global {
  interface Window {
    bench: Bench;
  }
}

interface Shown {
  filter: LogFilter;
  find: string;
  props: Partial<LogListProps>;
  canFollow: boolean;
}

const lab = new LogLab();
const bench = { lab, logRow, copied: [], marked: [], opened: [] } as unknown as Bench;
window.bench = bench;

function Page() {
  const [shown, setShown] = useState<Shown>({ filter: {}, find: '', props: {}, canFollow: true });
  const view = useLogView({ sessionId: null, filter: shown.filter });
  const [selection, setSelection] = useLogSelection(view);
  const [isFollowing, setFollowing] = useState(true);
  const find = shown.find === '' ? null : { text: shown.find, isRegexp: false, isCaseSensitive: false };
  const search = useLogSearch(view, find);
  useEffect(() => {
    Object.assign(bench, { view, set: (changes: Partial<Shown>) => setShown((before) => ({ ...before, ...changes })) });
  }, [view]);
  const length = useLogState(view, (each) => each.length);
  const newRows = useNewRows(view, isFollowing);
  return (
    <div style={{ display: 'flex', flexDirection: 'column', height: 440, width: 1000 }}>
      <output data-testid="state">
        {`length ${length} · new ${newRows} · following ${isFollowing} · selected ${selectedCount(selection)} · found ${search.count} · at ${search.current?.index ?? '-'}`}
      </output>
      <button type="button" onClick={() => search.step(1, selection.focus ?? view.start)}>
        next
      </button>
      <LogList
        view={view}
        label="Log"
        selection={selection}
        onSelect={setSelection}
        onCopy={(ranges) => bench.copied.push(ranges)}
        find={find}
        current={search.current?.index ?? null}
        reveal={search.current}
        onMark={(row: LogRow) => bench.marked.push(row.seq)}
        onOpen={(row: LogRow) => bench.opened.push(row.seq)}
        {...(shown.canFollow ? { isFollowing, onFollow: setFollowing } : {})}
        {...shown.props}
      />
    </div>
  );
}

await startI18n('en');
const connection = { state: { state: 'connecting' as const }, onState: () => () => {}, retryNow: () => {} };
createRoot(document.getElementById('root') as HTMLElement).render(
  <LabProvider value={{ lab, connection }}>
    <Page />
  </LabProvider>,
);
