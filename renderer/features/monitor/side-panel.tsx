import { Tooltip } from '@mantine/core';
import { IconBookmarks, IconBug, IconChartLine, IconCpu, IconInfoCircle, IconTerminal } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { setParameters, useParameters } from '../../lib/location.ts';
import css from './side-panel.module.css';

export const panels = ['details', 'board', 'bookmarks', 'plot', 'at', 'symbols'] as const;
export type PanelName = (typeof panels)[number];

export const panelKeys: Record<PanelName, string> = { details: 'D', board: 'R', bookmarks: 'K', plot: 'P', at: 'A', symbols: 'Y' };

const icons = {
  details: IconInfoCircle,
  board: IconCpu,
  bookmarks: IconBookmarks,
  plot: IconChartLine,
  at: IconTerminal,
  symbols: IconBug,
};

/** The panel that is open, as the link has it. */
export function usePanel(): PanelName | null {
  const wanted = useParameters().get('panel');
  return panels.find((panel) => panel === wanted) ?? null;
}

export function showPanel(panel: PanelName | null): void {
  setParameters({ panel });
}

/** The column of panel buttons at the right edge. `alarms`: how many things a panel has to report. */
export function PanelButtons({ shown, alarms }: { shown: PanelName | null; alarms: Partial<Record<PanelName, number>> }) {
  const { t } = useTranslation();
  return (
    <nav className={css.buttons} aria-label={t('monitor.panel.label')}>
      {panels.map((panel) => {
        const Icon = icons[panel];
        const alarm = alarms[panel] ?? 0;
        return (
          <Tooltip key={panel} label={`${t(`monitor.panel.${panel}`)} · ${panelKeys[panel]}`} position="left">
            <button
              type="button"
              className={css.button}
              aria-label={
                alarm > 0 ? `${t(`monitor.panel.${panel}`)} (${t('monitor.panel.alarms', { count: alarm })})` : t(`monitor.panel.${panel}`)
              }
              aria-pressed={shown === panel}
              aria-keyshortcuts={panelKeys[panel]}
              onClick={() => showPanel(shown === panel ? null : panel)}
            >
              <Icon size={18} stroke={1.7} aria-hidden />
              {alarm > 0 && <span className={css.alarm} aria-hidden data-count={alarm} />}
            </button>
          </Tooltip>
        );
      })}
    </nav>
  );
}

export function SidePanel({ panel, children }: { panel: PanelName; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <aside className={css.panel} aria-label={t(`monitor.panel.${panel}`)}>
      <header className={css.head}>
        <h2>{t(`monitor.panel.${panel}`)}</h2>
        <button type="button" className={css.close} aria-label={t('monitor.panel.close')} onClick={() => showPanel(null)}>
          ×
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <div className={css.body} tabIndex={0}>
        {children}
      </div>
    </aside>
  );
}
