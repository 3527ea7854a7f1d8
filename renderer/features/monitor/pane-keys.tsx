import { type ReactNode, type RefObject, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { errorValueOf } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { useShortcuts } from '../../lib/shortcuts.ts';
import { useToasts } from '../../lib/toasts.ts';
import { useDevicesNow } from './device-states.ts';
import { nextBytesMode, nextHostTime } from './display.ts';
import { withFlag, withMinimumLevel } from './filter-parts.ts';
import { firstErrorSince } from './first-error.ts';
import { useListKeys } from './list-keys.ts';
import type { LogPaneProps } from './log-pane.tsx';
import type { PaneLog } from './pane-view.ts';
import { allPorts } from './panes.ts';
import type { VisibleRows } from './visible-rows.ts';

export type PaneMenu = 'tags' | 'jump' | 'display' | 'save';

/** Which menu of the tools is open, and how to open one. */
export interface PaneMenus {
  shown: PaneMenu | null;
  show(menu: PaneMenu, isShown: boolean): void;
  /** To the first error since the board's last boot. */
  firstError(): void;
}

export interface PaneKeysProps extends Pick<LogPaneProps, 'bench' | 'pane' | 'source' | 'onChange' | 'searchField' | 'filterField'> {
  log: PaneLog;
  visible(): VisibleRows | null;
  /** What the list stands in. */
  box: RefObject<HTMLElement | null>;
  onUnzoom(): void;
  /** Only the rows of the stretch that was drawn, or selected. */
  onOnlyRange(): void;
  children(menus: PaneMenus): ReactNode;
}

const levelSteps = [null, 'error', 'warn', 'info', 'debug'] as const;

/** The keys of the active pane, and the menus that keys open. */
export function PaneKeys(props: PaneKeysProps) {
  const { bench, pane, source, log, visible, onChange, onUnzoom, onOnlyRange, searchField, filterField, children } = props;
  const { t } = useTranslation();
  const lab = useLab();
  const show = useToasts((state) => state.show);
  const [menu, setMenu] = useState<PaneMenu | null>(null);
  const devicesNow = useDevicesNow();
  const { filter } = pane;
  const { view, search, selection } = log;
  const toField = (field: { current: HTMLInputElement | null }) => () => {
    field.current?.focus();
    field.current?.select();
  };
  const hereIndex = (): number => selection.focus ?? visible()?.first ?? 0;
  const focused = () => (selection.focus === null ? undefined : view.row(selection.focus));
  const focusedSeq = (): number | null => focused()?.seq ?? null;

  async function goToFirstError(): Promise<void> {
    try {
      const ports = source === allPorts ? bench.open.map((port) => port.address) : [source];
      const bootsOf = (port: string) => devicesNow().get(port)?.boots ?? [];
      const since = async (boot: -1 | -2): Promise<number | null> => {
        const rows = await Promise.all(ports.map((port) => firstErrorSince(lab, port, bootsOf(port).at(boot)?.seq ?? 0)));
        const seqs = rows.flatMap((row) => (row === null ? [] : [row.seq]));
        return seqs.length === 0 ? null : Math.min(...seqs);
      };
      let seq = await since(-1);
      if (seq === null) {
        // A board that has just rebooted did so for a reason, and that is before the boot.
        seq = ports.some((port) => bootsOf(port).length > 0) ? await since(-2) : null;
        show({ kind: 'done', text: t(seq === null ? 'monitor.noError' : 'monitor.errorBeforeBoot') });
      }
      if (seq !== null) await log.goTo({ seq });
    } catch (error) {
      show({ kind: 'error', error: errorValueOf(error) });
    }
  }
  const menus: PaneMenus = {
    shown: menu,
    show: (name, isShown) => setMenu(isShown ? name : null),
    firstError: () => void goToFirstError(),
  };

  const previousMatch = (): void => search.step(-1, hereIndex());
  const nextMark = (): void => log.stepMark(1, focusedSeq());
  const toEnd = (): void => log.follow(true);
  useListKeys(props.box);
  useShortcuts({
    '/': toField(searchField),
    'Ctrl+f': toField(searchField),
    f: toField(filterField),
    n: () => search.step(1, hereIndex()),
    N: previousMatch,
    l: () => {
      const at = levelSteps.indexOf((filter.minimumLevel ?? null) as (typeof levelSteps)[number]);
      onChange({ ...pane, filter: withMinimumLevel(filter, levelSteps[(at + 1) % levelSteps.length] ?? null) });
    },
    m: () => onChange({ ...pane, filter: withFlag(filter, 'collapseRepeats', filter.collapseRepeats !== true) }),
    x: () => onChange({ ...pane, mode: pane.mode === 'hide' ? 'dim' : 'hide' }),
    v: () => onChange({ ...pane, isBeside: !pane.isBeside }),
    t: () => setMenu('tags'),
    g: () => setMenu('jump'),
    c: () => setMenu('display'),
    'Ctrl+s': () => setMenu('save'),
    T: nextHostTime,
    h: nextBytesMode,
    e: () => void goToFirstError(),
    z: onUnzoom,
    Z: onOnlyRange,
    Space: log.togglePause,
    End: toEnd,
    'Ctrl+l': log.clear,
    b: () => {
      const row = focused();
      if (row !== undefined) log.mark(row);
    },
    B: nextMark,
    'Alt+B': () => log.stepMark(-1, focusedSeq()),
  });
  return children(menus);
}
