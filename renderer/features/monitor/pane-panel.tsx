import { Button } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceState } from '../../../preload/contract/device-state.ts';
import { RowDetails } from '../../components/row-details.tsx';
import { useLogState } from '../../lib/log-hooks.ts';
import type { MonitorBench } from './bench.ts';
import { BoardPanel } from './board-panel.tsx';
import { BookmarksPanel } from './bookmarks-panel.tsx';
import { DecodedFrames } from './decoded-frames.tsx';
import { useDeviceStates } from './device-states.ts';
import css from './monitor.module.css';
import type { PaneLog } from './pane-view.ts';
import { allPorts } from './panes.ts';
import { PlotPanel } from './plot-panel.tsx';
import { type PanelName, SidePanel, showPanel } from './side-panel.tsx';

// Many a reader never opens these.
const AtConsole = lazy(() => import('./at-console.tsx'));
const SymbolsPanel = lazy(async () => ({ default: (await import('./symbols-panel.tsx')).SymbolsPanel }));

export interface PanePanelProps {
  bench: MonitorBench;
  panel: PanelName;
  source: string;
  log: PaneLog;
  timeText(us: number): string;
  onFirstError(): void;
}

/** What stands beside the logs, about the active one. */
export function PanePanel({ bench, panel, source, log, timeText, onFirstError }: PanePanelProps) {
  const { t } = useTranslation();
  const { view, selection } = log;
  // Rows come after they are asked for, and a panel about one of them is drawn again then.
  useLogState(view, (each) => each.version);
  const focus = selection.focus ?? -1;
  const row = view.row(focus);
  const isMerged = source === allPorts;
  const show = (seq: number): void => void log.goTo({ seq }).catch(() => undefined); // the log went: the list says so
  const range = selection.ranges.find(([from, to]) => to > from) ?? null;
  /** The board that is meant: of the row that is selected, on a merged log. */
  const port = isMerged ? (row?.port ?? bench.open[0]?.address ?? null) : source;
  return (
    <SidePanel panel={panel}>
      {panel === 'details' &&
        (row === undefined ? (
          <p className="quiet">{t('monitor.panel.noRow')}</p>
        ) : (
          <>
            <DecodedFrames row={row} neighbour={(distance) => view.row(focus + distance)} onLoad={() => showPanel('symbols')} />
            <RowDetails row={row} timeText={timeText(row.atUs)} />
          </>
        ))}
      {panel === 'board' && (
        <Boards
          bench={bench}
          port={isMerged && row === undefined ? null : port}
          timeText={timeText}
          onShow={show}
          onFirstError={onFirstError}
        />
      )}
      <Suspense fallback={null}>
        {panel === 'at' && (port === null ? <p className="quiet">{t('at.closedHint')}</p> : <AtConsole key={port} address={port} />)}
        {panel === 'symbols' && <SymbolsPanel />}
      </Suspense>
      {panel === 'bookmarks' && (
        <>
          <div className={css.panelRow}>
            <Button size="compact-xs" variant="default" onClick={() => log.stepMark(-1, row?.seq ?? null)}>
              {t('monitor.marks.previous')}
            </Button>
            <Button size="compact-xs" variant="default" onClick={() => log.stepMark(1, row?.seq ?? null)}>
              {t('monitor.marks.next')}
            </Button>
          </div>
          <BookmarksPanel view={view} sessionId={log.sessionId} marks={log.marks} timeText={timeText} onShow={show} />
        </>
      )}
      {panel === 'plot' && (
        <PlotPanel view={view} selected={range} portName={isMerged ? bench.portNames : null} timeText={timeText} onShow={show} />
      )}
    </SidePanel>
  );
}

/** The board's state; of every board when none is meant. */
function Boards({
  bench,
  port,
  ...rest
}: { bench: MonitorBench; port: string | null } & Pick<PanePanelProps, 'timeText' | 'onFirstError'> & { onShow(seq: number): void }) {
  const { t } = useTranslation();
  const devices = [...(useDeviceStates() ?? new Map<string, DeviceState>()).values()].filter((device) =>
    port === null ? bench.faces.has(device.port) : device.port === port,
  );
  if (devices.length === 0) return <p className="quiet">{t('board.none')}</p>;
  return devices.map((device) => (
    <BoardPanel key={device.port} device={device} name={bench.faces.get(device.port)?.name ?? device.port} {...rest} />
  ));
}
