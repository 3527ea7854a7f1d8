import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { IconColumns2, IconKeyboard, IconLayoutSidebarLeftExpand, IconRotateClockwise } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { PortState } from '../../../preload/contract/ports.ts';
import { useAction } from '../../lib/actions.ts';
import { hasBaudRate } from '../../lib/port-kind.ts';
import type { MonitorBench } from './bench.ts';
import { useDisplay } from './display.ts';
import css from './monitor.module.css';
import { allPorts } from './panes.ts';
import { BoardDot } from './port-list.tsx';
import { PortSettings } from './port-settings.tsx';
import { Tool } from './tool.tsx';

export interface MonitorTabsProps {
  bench: MonitorBench;
  tabs: readonly PortState[];
  source: string | null;
  port: PortState | null;
  canSplit: boolean;
  isPortSettingsShown: boolean;
  onPortSettings(isShown: boolean): void;
  onShow(source: string): void;
  onSplit(): void;
  onKeys(): void;
}

/** A tab for each port and one for all of them; at its end, what can be done with the port of the active pane. */
export function MonitorTabs(props: MonitorTabsProps) {
  const { bench, tabs, source, port, onShow } = props;
  const { t } = useTranslation();
  const { isPortListShown } = useDisplay();
  return (
    <div className={css.tabBar}>
      {!isPortListShown && (
        <Tooltip label={`${t('monitor.showPorts')} · O`}>
          <ActionIcon aria-label={t('monitor.showPorts')} onClick={() => useDisplay.setState({ isPortListShown: true })}>
            <IconLayoutSidebarLeftExpand size={17} />
          </ActionIcon>
        </Tooltip>
      )}
      <div className={css.tabs} role="tablist" aria-label={t('monitor.openPorts')}>
        {tabs.length > 1 && (
          <button
            type="button"
            role="tab"
            className={css.tab}
            aria-selected={source === allPorts}
            aria-keyshortcuts="0"
            onClick={() => onShow(allPorts)}
          >
            {t('monitor.all')}
          </button>
        )}
        {tabs.map((tab, index) => {
          const face = bench.faces.get(tab.address);
          return (
            <button
              key={tab.address}
              type="button"
              role="tab"
              className={css.tab}
              title={`${tab.address} · ${t(`monitor.state.${tab.state}`)}`}
              aria-selected={tab.address === source}
              {...(index < 9 ? { 'aria-keyshortcuts': String(index + 1) } : {})}
              onClick={() => onShow(tab.address)}
            >
              <BoardDot colour={face?.colour ?? 'grey'} state={tab.state} />
              <span className="truncate">{face?.name ?? tab.address}</span>
            </button>
          );
        })}
      </div>
      {port !== null && <PortTools port={port} isSettingsShown={props.isPortSettingsShown} onSettings={props.onPortSettings} />}
      <Tooltip label={`${t('monitor.split')} · S`}>
        <ActionIcon aria-label={t('monitor.split')} disabled={!props.canSplit} onClick={props.onSplit}>
          <IconColumns2 size={17} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={`${t('monitor.keys.title')} · ?`}>
        <ActionIcon aria-label={t('monitor.keys.title')} onClick={props.onKeys}>
          <IconKeyboard size={17} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

function PortTools({
  port,
  isSettingsShown,
  onSettings,
}: {
  port: PortState;
  isSettingsShown: boolean;
  onSettings(isShown: boolean): void;
}) {
  const { t } = useTranslation();
  const { run } = useAction();
  const state = port.yieldedTo === undefined ? t(`monitor.state.${port.state}`) : t('monitor.lentTo', { to: port.yieldedTo });
  return (
    <>
      <span className={css.portState} data-state={port.state}>
        {hasBaudRate(port.address) ? `${state} · ${port.options.baudRate}` : state}
      </span>
      <PortSettings port={port} isShown={isSettingsShown} onShow={onSettings} />
      {hasBaudRate(port.address) && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Tool label={t('monitor.reset')} disabled={port.state !== 'open'}>
              <IconRotateClockwise size={16} />
            </Tool>
          </Menu.Target>
          <Menu.Dropdown>
            {(['run', 'download'] as const).map((into) => (
              <Menu.Item key={into} onClick={() => void run('ports.reset', { address: port.address, into })}>
                {t(`monitor.resetInto.${into}`)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}
