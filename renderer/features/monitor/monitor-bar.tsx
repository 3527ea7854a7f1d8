import { ActionIcon, Button, Menu, Select, TextInput, Tooltip } from '@mantine/core';
import {
  IconChevronDown,
  IconChevronUp,
  IconClipboard,
  IconDownload,
  IconEraser,
  IconFilter,
  IconPlayerPause,
  IconPlayerPlay,
  IconRegex,
  IconRotateClockwise,
  IconSearch,
} from '@tabler/icons-react';
import type { ReactNode, RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { PortState } from '../../../preload/contract/ports.ts';
import { useAction } from '../../lib/actions.ts';
import { saveFile } from '../../lib/files.ts';
import { setParameters, useParameters } from '../../lib/location.ts';
import { levels, patternOf } from '../../lib/log-view.ts';
import { bytesText } from '../../lib/quantities.ts';
import type { LiveLog, LogMatches } from './live-log.ts';
import css from './monitor.module.css';

export interface MonitorBarProps {
  port: PortState;
  log: LiveLog;
  searchField: RefObject<HTMLInputElement | null>;
  found: LogMatches;
  matchIndex: number;
  onStep(by: 1 | -1): void;
  isPaused: boolean;
  onPause(): void;
  onClear(): void;
  onCopyAll(): void;
}

export function MonitorBar(props: MonitorBarProps) {
  const { t } = useTranslation();
  const { port, log } = props;
  const { run, isBusy } = useAction();

  async function save(format: 'raw' | 'text' | 'jsonl'): Promise<void> {
    if (log.sessionId === null) return;
    const file = await run('logs.export', { sessionId: log.sessionId, port: port.address, format });
    if (file !== null) saveFile(file.fileName, file.data);
  }

  return (
    <div className={css.bar} role="toolbar" aria-label={t('monitor.tools')}>
      <span className={css.portState} title={port.address}>
        <span className={css.dot} data-state={port.state} />
        <span className="truncate">
          {port.yieldedTo === undefined ? t(`monitor.state.${port.state}`) : t('monitor.lentTo', { to: port.yieldedTo })} ·{' '}
          {port.options.baudRate} · {bytesText(port.receivedBytes)}
        </span>
      </span>
      <Search {...props} />
      <LevelSelect />
      <span className={css.grow} />
      <Tool
        label={props.isPaused ? `${t('monitor.resume')} · Space` : `${t('monitor.pause')} · Space`}
        onClick={props.onPause}
        isOn={props.isPaused}
      >
        {props.isPaused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
      </Tool>
      <Tool label={`${t('monitor.clear')} · Ctrl+L`} onClick={props.onClear}>
        <IconEraser size={16} />
      </Tool>
      <Tool label={t('monitor.copyAll')} onClick={props.onCopyAll}>
        <IconClipboard size={16} />
      </Tool>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={t('monitor.save')} title={t('monitor.save')} disabled={log.sessionId === null} loading={isBusy}>
            <IconDownload size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {(['text', 'raw', 'jsonl'] as const).map((format) => (
            <Menu.Item key={format} onClick={() => void save(format)}>
              {t(`monitor.saveAs.${format}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" size="compact-sm" leftSection={<IconRotateClockwise size={14} />} disabled={port.state !== 'open'}>
            {t('monitor.reset')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(['run', 'download'] as const).map((into) => (
            <Menu.Item key={into} onClick={() => void run('ports.reset', { address: port.address, into })}>
              {t(`monitor.resetInto.${into}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

function Search({ searchField, found, matchIndex, onStep }: MonitorBarProps) {
  const { t } = useTranslation();
  const parameters = useParameters();
  const words = parameters.get('find') ?? '';
  const isFiltering = parameters.get('filter') === '1';
  const isRegexp = parameters.get('regexp') === '1';
  const isMalformed = words !== '' && patternOf({ text: words, isRegexp, isCaseSensitive: false }) === null;
  const count = found.isSearching ? '…' : `${found.seqs.length}${found.isTruncated ? '+' : ''}`;
  return (
    <>
      <TextInput
        ref={searchField}
        w={230}
        placeholder={`${t('monitor.find')}  /`}
        aria-label={t('monitor.find')}
        leftSection={<IconSearch size={14} />}
        rightSectionWidth={76}
        rightSection={
          words !== '' && (
            <span className={css.count} aria-live="polite">
              {isMalformed ? t('monitor.badRegexp') : matchIndex >= 0 ? `${matchIndex + 1}/${count}` : count}
            </span>
          )
        }
        value={words}
        error={isMalformed}
        onChange={(event) => setParameters({ find: event.currentTarget.value === '' ? null : event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1);
          if (event.key === 'Escape') {
            setParameters({ find: null, filter: null });
            event.currentTarget.blur();
          }
        }}
      />
      <Tool label={`${t('monitor.previous')} · Shift+Enter`} onClick={() => onStep(-1)}>
        <IconChevronUp size={16} />
      </Tool>
      <Tool label={`${t('monitor.next')} · Enter`} onClick={() => onStep(1)}>
        <IconChevronDown size={16} />
      </Tool>
      <Tool label={t('monitor.filterToo')} isOn={isFiltering} onClick={() => setParameters({ filter: isFiltering ? null : '1' })}>
        <IconFilter size={16} />
      </Tool>
      <Tool label={t('monitor.regexp')} isOn={isRegexp} onClick={() => setParameters({ regexp: isRegexp ? null : '1' })}>
        <IconRegex size={16} />
      </Tool>
    </>
  );
}

function LevelSelect() {
  const { t } = useTranslation();
  const level = useParameters().get('level') ?? 'all';
  return (
    <Select
      w={124}
      aria-label={t('monitor.level')}
      allowDeselect={false}
      value={level}
      onChange={(value) => setParameters({ level: value === 'all' ? null : value })}
      data={[
        { value: 'all', label: t('monitor.allLevels') },
        ...levels.slice(0, 4).map((value) => ({ value, label: t(`monitor.levelFrom.${value as 'error' | 'warn' | 'info' | 'debug'}`) })),
      ]}
    />
  );
}

interface ToolProps {
  label: string;
  onClick(): void;
  isOn?: boolean;
  children: ReactNode;
}

function Tool({ label, onClick, isOn, children }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        aria-label={label.split(' · ')[0]}
        aria-pressed={isOn}
        onClick={onClick}
        {...(isOn === true ? { variant: 'light', color: 'trace' } : {})}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
