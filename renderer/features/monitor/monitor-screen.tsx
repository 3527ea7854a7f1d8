import { useRef, useState } from 'react';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useShortcuts } from '../../lib/shortcuts.ts';
import { useBoards, useDemoProgress, useHasSessions } from '../../lib/streams.ts';
import { DemoSteps, isDemoRunning } from '../first-run/demo-steps.tsx';
import { FirstRun } from '../first-run/first-run.tsx';
import { useBench } from './bench.ts';
import { useDeviceFact } from './device-states.ts';
import { useDisplay } from './display.ts';
import { KeyTable } from './key-table.tsx';
import { type LayoutActions, useLayout } from './layout.ts';
import { LogPane } from './log-pane.tsx';
import css from './monitor.module.css';
import { MonitorTabs } from './monitor-tabs.tsx';
import { NoPortOpen } from './no-port-open.tsx';
import { allPorts, maximumPanes } from './panes.ts';
import { PortList } from './port-list.tsx';
import { SendBar } from './send-bar.tsx';
import { SendFile } from './send-file.tsx';
import { PanelButtons, type PanelName, panelKeys, panels, showPanel, usePanel } from './side-panel.tsx';
import { Silent } from './silent.tsx';

/** Ports on the left; their logs as tabs and panes, each alone or all as one; what is known of them on the right. */
export function MonitorScreen() {
  const bench = useBench();
  const layout = useLayout();
  const hasSessions = useHasSessions();
  const boards = useBoards();
  const demo = useDemoProgress();
  const panel = usePanel();
  const { isPortListShown } = useDisplay();
  const isEmptyBench = bench.states?.length === 0 && hasSessions === false && boards?.length === 0;
  // A port that was closed keeps its log, and its tab as long as it is looked at. One that never opened has no log.
  const wanted = new Set(layout.panes.map((pane) => pane.source));
  const tabs = (bench.states ?? []).filter(
    (port) => wanted.has(port.address) || (port.state === 'failed' ? port.receivedBytes > 0 : port.state !== 'closed'),
  );
  const first = tabs[0]?.address ?? null;
  const sourceOf = (source: string | null): string | null =>
    source === allPorts || tabs.some((port) => port.address === source) ? source : first;
  const source = sourceOf(layout.panes[layout.active]?.source ?? null);
  const port = tabs.find((each) => each.address === source) ?? null;
  const [toolSlot, setToolSlot] = useState<HTMLElement | null>(null);
  const [panelSlot, setPanelSlot] = useState<HTMLElement | null>(null);
  const [isPortSettingsShown, setPortSettingsShown] = useState(false);
  const [areKeysShown, setKeysShown] = useState(false);
  const sendField = useRef<HTMLInputElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const filterField = useRef<HTMLInputElement>(null);
  const places = tabs.map((tab) => tab.address);

  /** The new pane shows what the others do not yet: the next port, else all of them. */
  function split(): void {
    layout.split(places.find((address) => !layout.panes.some((pane) => sourceOf(pane.source) === address)) ?? allPorts);
  }
  useScreenKeys({
    layout,
    places,
    panel,
    onSplit: split,
    onKeys: () => setKeysShown(true),
    onSettings: () => setPortSettingsShown(true),
    sendField,
  });

  // One of several: the board of a merged log that was written to last, else the first that is open.
  const [lastTarget, setLastTarget] = useState<string | null>(null);
  const target =
    source === allPorts ? (tabs.find((tab) => tab.address === lastTarget) ?? tabs.find((tab) => tab.state === 'open') ?? null) : port;
  const warnings = useDeviceFact((devices) =>
    [...devices.values()]
      .filter((device) => (source === allPorts ? bench.faces.has(device.port) : device.port === source))
      .reduce((sum, device) => sum + device.notices.filter((notice) => notice.severity !== 'info').length, 0),
  );

  return (
    <div className={css.screen} data-ports={isPortListShown || source === null || undefined}>
      {(isPortListShown || source === null) && (
        <PortList bench={bench} currentAddress={port?.address ?? null} onShow={(address) => layout.show(address)} />
      )}
      <div className={css.main}>
        {!isEmptyBench && demo !== null && isDemoRunning(demo) && <DemoSteps progress={demo} isBand />}
        {source === null ? (
          isEmptyBench ? (
            <FirstRun />
          ) : (
            <NoPortOpen onOpened={(address) => layout.show(address)} />
          )
        ) : (
          <>
            <MonitorTabs
              bench={bench}
              tabs={tabs}
              source={source}
              port={port}
              canSplit={layout.panes.length < maximumPanes}
              isPortSettingsShown={isPortSettingsShown}
              onPortSettings={setPortSettingsShown}
              onShow={(next) => layout.show(next)}
              onSplit={split}
              onKeys={() => setKeysShown(true)}
            />
            <div ref={setToolSlot} className={css.toolSlot} />
            {/* The list of ports says it too, and takes no room from the log. */}
            {port?.error !== undefined && !isPortListShown && <ErrorNotice error={port.error} />}
            <div className={css.logs}>
              <div className={css.panes}>
                {layout.panes.map((pane, index) => {
                  const shown = sourceOf(pane.source) ?? allPorts;
                  return (
                    <LogPane
                      // biome-ignore lint/suspicious/noArrayIndexKey: a pane is its place; another log in it is another pane
                      key={`${index} ${shown}`}
                      bench={bench}
                      pane={pane}
                      source={shown}
                      isActive={index === layout.active}
                      isSplit={layout.panes.length > 1}
                      panel={panel}
                      toolSlot={toolSlot}
                      panelSlot={panelSlot}
                      onChange={(changed) => layout.change(index, changed)}
                      onActivate={() => layout.activate(index)}
                      onClose={() => layout.close(index)}
                      emptyHint={<Silent ports={shown === allPorts ? [] : tabs.filter((tab) => tab.address === shown)} />}
                      searchField={searchField}
                      filterField={filterField}
                    />
                  );
                })}
              </div>
              <div ref={setPanelSlot} className={css.panelSlot} />
              <PanelButtons shown={panel} alarms={{ board: warnings }} />
            </div>
            <SendBar
              key={target?.address ?? ''}
              address={target?.address ?? null}
              targets={source === allPorts ? tabs.map((tab) => ({ value: tab.address, label: bench.portNames(tab.address) })) : []}
              onTarget={setLastTarget}
              isOpen={target?.state === 'open'}
              field={sendField}
            >
              {target !== null && <SendFile port={target} />}
            </SendBar>
          </>
        )}
      </div>
      {areKeysShown && <KeyTable onClose={() => setKeysShown(false)} />}
    </div>
  );
}

interface ScreenKeys {
  layout: LayoutActions;
  places: readonly string[];
  panel: PanelName | null;
  onSplit(): void;
  onKeys(): void;
  onSettings(): void;
  sendField: { current: HTMLInputElement | null };
}

/** The keys that go from place to place; those of the log itself are the active pane's. */
function useScreenKeys({ layout, places, panel, onSplit, onKeys, onSettings, sendField }: ScreenKeys): void {
  const tabKeys = places.slice(0, 9).map((address, index) => [String(index + 1), () => layout.show(address)] as const);
  const panelShortcuts = panels.map((name) => [panelKeys[name].toLowerCase(), () => showPanel(panel === name ? null : name)] as const);
  const beside = (by: 1 | -1): void => {
    layout.activate((layout.active + by + layout.panes.length) % layout.panes.length);
  };
  const isReady = places.length > 0;
  const closePanel = (): void => showPanel(null);
  useShortcuts(
    {
      ...Object.fromEntries(tabKeys),
      ...Object.fromEntries(panelShortcuts),
      '0': () => layout.show(allPorts),
      s: onSplit,
      w: () => layout.close(layout.active),
      '[': () => beside(-1),
      ']': () => beside(1),
      o: () => useDisplay.setState(({ isPortListShown }) => ({ isPortListShown: !isPortListShown })),
      ',': onSettings,
      i: () => sendField.current?.focus(),
      '?': onKeys,
      ...(panel === null ? {} : { Escape: closePanel }),
    },
    isReady,
  );
}
