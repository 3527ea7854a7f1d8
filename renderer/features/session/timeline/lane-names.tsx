import { IconChevronDown, IconChevronRight, IconEyeOff, IconPin, IconPinnedFilled } from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import css from '../timeline.module.css';
import { laneGroups, nameOf, type Row } from './lane-places.ts';
import type { LaneKey } from './model.ts';
import { toggleGroup, toggleHidden, togglePinned } from './preferences.ts';

export interface LaneNamesProps {
  rows: readonly Row[];
  pinnedHeight: number;
  scrollTop: number;
  focused: LaneKey | null;
  titleOf(key: LaneKey): string;
  onFocus(key: LaneKey): void;
  /** Opens the lane as a list. */
  onList(key: LaneKey): void;
  onStep(step: 1 | -1): void;
  onReveal(row: Row): void;
}

/** The column of lanes: a list for the keyboard, with buttons for the pointer that do what its keys do. */
export function LaneNames(props: LaneNamesProps) {
  const { rows, pinnedHeight, scrollTop, focused } = props;
  const { t } = useTranslation();
  const lanes = rows.filter((row) => row.kind === 'lane');
  function onKeyDown(event: KeyboardEvent): void {
    const at = lanes.findIndex(({ key }) => key === focused);
    const lane = lanes[at];
    const go = (row: (typeof lanes)[number] | undefined): void => {
      if (row === undefined) return;
      props.onFocus(row.key);
      props.onReveal(row);
    };
    const actions = new Map<string, () => void>([
      ['ArrowDown', () => go(lanes[at + 1])],
      ['ArrowUp', () => go(lanes[Math.max(0, at - 1)])],
      ['Home', () => go(lanes[0])],
      ['End', () => go(lanes.at(-1))],
      ['ArrowRight', () => props.onStep(1)],
      ['ArrowLeft', () => props.onStep(-1)],
      ['Enter', () => lane !== undefined && props.onList(lane.key)],
      ['p', () => lane !== undefined && togglePinned(lane.key)],
      ['h', () => lane !== undefined && toggleHidden(lane.key)],
      ['c', () => lane !== undefined && collapseGroupOf(lane.key)],
    ]);
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : actions.get(event.key);
    if (action === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  }
  return (
    <div
      className={css.names}
      role="tree"
      tabIndex={0}
      aria-label={t('timeline.lanes')}
      aria-description={t('timeline.lanesHint')}
      aria-activedescendant={focused === null ? undefined : idOf(focused)}
      onKeyDown={onKeyDown}
    >
      <div className={css.scrolling} style={{ top: pinnedHeight }}>
        {rows.map((row) =>
          row.isPinned ? null : row.kind === 'group' ? (
            // biome-ignore lint/a11y/useFocusableInteractive: an item of a tree with aria-activedescendant is not focused itself
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the tree, which has the focus
            <div
              key={row.group}
              role="treeitem"
              aria-level={1}
              aria-selected={false}
              className={css.group}
              aria-expanded={!row.isCollapsed}
              style={{ top: row.top - scrollTop - pinnedHeight, height: row.height }}
              onClick={() => toggleGroup(row.group)}
            >
              {row.isCollapsed ? <IconChevronRight size={12} /> : <IconChevronDown size={12} />}
              {t(`timeline.group.${row.group}`)}
              {row.isCollapsed && <span className="quiet">{row.laneCount}</span>}
            </div>
          ) : (
            <LaneName key={row.key} {...props} row={row} top={row.top - scrollTop - pinnedHeight} />
          ),
        )}
      </div>
      {rows.map((row) => row.isPinned && row.kind === 'lane' && <LaneName key={row.key} {...props} row={row} top={row.top} />)}
    </div>
  );
}

function LaneName({ row, top, focused, titleOf, onFocus, onList }: LaneNamesProps & { row: Extract<Row, { kind: 'lane' }>; top: number }) {
  const { t } = useTranslation();
  const title = titleOf(row.key);
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: an item of a tree with aria-activedescendant is not focused itself
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the tree, which has the focus
    <div
      id={idOf(row.key)}
      role="treeitem"
      aria-level={2}
      aria-selected={row.key === focused}
      className={css.name}
      style={{ top, height: row.height + 1 }}
      title={title}
      onClick={() => onFocus(row.key)}
      onDoubleClick={() => onList(row.key)}
    >
      <span className="truncate">{title}</span>
      <span className={css.nameTools} aria-hidden="true">
        <button
          type="button"
          tabIndex={-1}
          title={t(row.isPinned ? 'timeline.unpin' : 'timeline.pin')}
          onClick={() => togglePinned(row.key)}
        >
          {row.isPinned ? <IconPinnedFilled size={12} /> : <IconPin size={12} />}
        </button>
        <button type="button" tabIndex={-1} title={t('timeline.hide')} onClick={() => toggleHidden(row.key)}>
          <IconEyeOff size={12} />
        </button>
      </span>
    </div>
  );
}

function collapseGroupOf(key: LaneKey): void {
  const group = laneGroups.find(({ lanes }) => (lanes as readonly string[]).includes(nameOf(key)));
  if (group !== undefined) toggleGroup(group.name);
}

function idOf(key: LaneKey): string {
  return `lane-${key.replaceAll(/[^\w-]/g, '_')}`;
}
