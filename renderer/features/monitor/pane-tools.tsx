import { Checkbox, Popover, Select } from '@mantine/core';
import {
  IconAlertCircle,
  IconChevronDown,
  IconChevronUp,
  IconClipboard,
  IconDotsVertical,
  IconEraser,
  IconFilter,
  IconLayoutRows,
  IconPlayerPause,
  IconPlayerPlay,
  IconSearch,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogFilter } from '../../../preload/contract/logs.ts';
import { DisplayMenu } from './display-menu.tsx';
import { partsOf, withEvents, withFlag, withMinimumLevel, withPattern, withSent } from './filter-parts.ts';
import { FilterSetsMenu } from './filter-sets-menu.tsx';
import { HighlightsEditor } from './highlights-editor.tsx';
import { JumpToTime } from './jump-to-time.tsx';
import type { LogPaneProps } from './log-pane.tsx';
import type { PaneMenus } from './pane-keys.tsx';
import css from './pane-tools.module.css';
import type { PaneLog } from './pane-view.ts';
import { allPorts } from './panes.ts';
import { PatternField } from './pattern-field.tsx';
import form from './popover.module.css';
import { SaveMenu } from './save-menu.tsx';
import { TagsMenu } from './tags-menu.tsx';
import { Tool } from './tool.tsx';
import type { VisibleRows } from './visible-rows.ts';

export interface PaneToolsProps extends Pick<LogPaneProps, 'pane' | 'source' | 'onChange' | 'searchField' | 'filterField'> {
  log: PaneLog;
  visible(): VisibleRows | null;
  menus: PaneMenus;
  timeText(us: number): string;
  onCopyAll(): void;
}

/** Filter, search and what else can be done with the active log. */
export function PaneTools({ pane, source, log, visible, menus, timeText, onChange, onCopyAll, searchField, filterField }: PaneToolsProps) {
  const { t } = useTranslation();
  const [isEditingHighlights, setEditingHighlights] = useState(false);
  const { filter } = pane;
  const { view, search } = log;
  const setFilter = (next: LogFilter): void => onChange({ ...pane, filter: next });
  const step = (by: 1 | -1): void => search.step(by, log.selection.focus ?? visible()?.first ?? 0);
  const found = search.isSearching ? `${search.count}…` : String(search.count);
  return (
    <div className={css.tools} role="toolbar" aria-label={t('monitor.tools')}>
      <Select
        className={css.level ?? ''}
        aria-label={t('monitor.level')}
        allowDeselect={false}
        value={filter.minimumLevel ?? 'all'}
        onChange={(value) => setFilter(withMinimumLevel(filter, value === 'all' ? null : value))}
        data={[
          { value: 'all', label: t('monitor.allLevels') },
          ...(['error', 'warn', 'info', 'debug'] as const).map((value) => ({ value, label: t(`monitor.levelFrom.${value}`) })),
        ]}
      />
      <PatternField
        className={css.field}
        field={filterField}
        label={t('monitor.filter.text')}
        placeholder={`${t('monitor.filter.text')}  F`}
        icon={<IconFilter size={14} />}
        value={filter.pattern ?? null}
        onChange={(pattern) => setFilter(withPattern(filter, pattern))}
      />
      <TagsMenu
        sessionId={log.sessionId}
        filter={filter}
        isShown={menus.shown === 'tags'}
        onShow={(isShown) => menus.show('tags', isShown)}
        onChange={setFilter}
      />
      <FilterSetsMenu filter={filter} onPick={setFilter} onHighlights={() => setEditingHighlights(true)} />
      <MoreFilters filter={filter} onChange={setFilter} />
      <Tool
        label={t('monitor.filter.beside')}
        keys="V"
        isOn={pane.isBeside}
        disabled={partsOf(filter).length === 0 && !pane.isBeside}
        onClick={() => onChange({ ...pane, isBeside: !pane.isBeside })}
      >
        <IconLayoutRows size={16} />
      </Tool>
      <span className={css.bar} />
      <PatternField
        className={css.field}
        field={searchField}
        label={t('monitor.find')}
        placeholder={`${t('monitor.find')}  /`}
        icon={<IconSearch size={14} />}
        value={pane.find}
        onChange={(find) => onChange({ ...pane, find })}
        result={search.current === null ? found : `${search.current.number + 1}/${found}`}
        onKeyDown={(event) => {
          if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
          if (event.key === 'Escape') onChange({ ...pane, find: null });
        }}
      />
      <Tool label={t('monitor.previous')} keys="Shift+Enter" onClick={() => step(-1)} disabled={pane.find === null}>
        <IconChevronUp size={16} />
      </Tool>
      <Tool label={t('monitor.next')} keys="Enter" onClick={() => step(1)} disabled={pane.find === null}>
        <IconChevronDown size={16} />
      </Tool>
      <span className={css.bar} />
      <Tool label={t('monitor.firstError')} keys="E" onClick={menus.firstError}>
        <IconAlertCircle size={16} />
      </Tool>
      <JumpToTime
        isShown={menus.shown === 'jump'}
        onShow={(isShown) => menus.show('jump', isShown)}
        context={() => ({
          startedWallMs: view.startedWallMs,
          hereUs: (log.selection.focus === null ? undefined : view.row(log.selection.focus)?.atUs) ?? visible()?.fromUs ?? 0,
          endUs: view.row(view.length - 1)?.atUs ?? visible()?.toUs ?? 0,
        })}
        timeText={timeText}
        onJump={(atUs) => void log.goTo({ atUs }).catch(() => undefined)}
      />
      <span className={css.grow} />
      <Tool label={t(log.isPaused ? 'monitor.resume' : 'monitor.pause')} keys="Space" isOn={log.isPaused} onClick={log.togglePause}>
        {log.isPaused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
      </Tool>
      <Tool label={t('monitor.clear')} keys="Ctrl+L" onClick={log.clear}>
        <IconEraser size={16} />
      </Tool>
      <DisplayMenu isShown={menus.shown === 'display'} onShow={(isShown) => menus.show('display', isShown)} />
      <Tool label={t('monitor.copyAll')} keys="Ctrl+A Ctrl+C" onClick={onCopyAll}>
        <IconClipboard size={16} />
      </Tool>
      <SaveMenu
        view={view}
        port={source === allPorts ? null : source}
        isFiltered={partsOf(filter).length > 0 && pane.mode === 'hide' && !pane.isBeside}
        isShown={menus.shown === 'save'}
        onShow={(isShown) => menus.show('save', isShown)}
      />
      {isEditingHighlights && <HighlightsEditor onClose={() => setEditingHighlights(false)} />}
    </div>
  );
}

/** Conditions that are on or off. */
function MoreFilters({ filter, onChange }: { filter: LogFilter; onChange(filter: LogFilter): void }) {
  const { t } = useTranslation();
  const choices = [
    { name: 'anyEvent', isOn: filter.events?.length === 0, to: (isOn: boolean) => withEvents(filter, isOn ? [] : null) },
    { name: 'repeats', isOn: filter.collapseRepeats === true, to: (isOn: boolean) => withFlag(filter, 'collapseRepeats', isOn) },
    { name: 'plain', isOn: filter.keepPlain === true, to: (isOn: boolean) => withFlag(filter, 'keepPlain', isOn) },
    { name: 'noSent', isOn: filter.directions !== undefined, to: (isOn: boolean) => withSent(filter, !isOn) },
  ] as const;
  return (
    <Popover position="bottom-start" withArrow trapFocus>
      <Popover.Target>
        <Tool label={t('monitor.filter.more')} isOn={choices.some((choice) => choice.isOn)}>
          <IconDotsVertical size={16} />
        </Tool>
      </Popover.Target>
      <Popover.Dropdown className={form.popover}>
        {choices.map(({ name, isOn, to }) => (
          <Checkbox
            key={name}
            label={t(`monitor.filter.${name}`)}
            checked={isOn}
            onChange={(event) => onChange(to(event.currentTarget.checked))}
          />
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}
