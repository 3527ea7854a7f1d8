import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { useLogCopy } from '../../components/log-copy.ts';
import { LogList, type LogListProps } from '../../components/log-list.tsx';
import { useLogSelection, useLogState, useLogView } from '../../lib/log-hooks.ts';
import type { LogView } from '../../lib/log-view.ts';
import { useCleared } from './cleared.ts';
import css from './log-pane.module.css';
import { allPorts, type Pane } from './panes.ts';

export interface FilteredHalfProps
  extends Pick<LogListProps, 'columns' | 'mode' | 'portLooks' | 'highlights' | 'marks' | 'onMark' | 'onOpen' | 'find'> {
  pane: Pane;
  source: string;
  /** A row was chosen: the whole log above goes to it. */
  onChoose(row: LogRow): void;
}

/** What passes the filter, below the whole log; a row chosen here is shown among its neighbours there. */
export function FilteredHalf({ pane, source, onChoose, ...look }: FilteredHalfProps) {
  const { t } = useTranslation();
  const view = useLogView({ sessionId: null, filter: { ...pane.filter, ...(source === allPorts ? {} : { ports: [source] }) } });
  useCleared(view, source);
  const [selection, select] = useLogSelection(view);
  const copy = useLogCopy(view, { port: source === allPorts });
  const [isFollowing, setFollowing] = useState(true);
  return (
    <div className={css.half}>
      <h3 className={css.halfHead}>
        {t('monitor.filter.passing')} <RowCount view={view} />
      </h3>
      <LogList
        {...look}
        view={view}
        label={t('monitor.filter.passing')}
        selection={selection}
        onSelect={(next) => {
          select(next);
          const row = next.focus === null ? undefined : view.row(next.focus);
          if (row !== undefined && next.focus !== selection.focus) onChoose(row);
        }}
        onCopy={copy}
        isFollowing={isFollowing}
        onFollow={setFollowing}
      />
    </div>
  );
}

function RowCount({ view }: { view: LogView }) {
  return <span className="quiet">{useLogState(view, (each) => each.length - each.start)}</span>;
}
