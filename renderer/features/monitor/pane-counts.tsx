import { Button } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useLogState, useNewRows } from '../../lib/log-hooks.ts';
import type { LogView } from '../../lib/log-view.ts';
import css from './log-pane.module.css';
import type { PaneLog } from './pane-view.ts';

/** How many rows a pane shows. It and the button below run with the log, and nothing around them has to be rendered for that. */
export function PaneCounts({ view, isMerged }: { view: LogView; isMerged: boolean }) {
  const { t } = useTranslation();
  const shown = useLogState(view, (each) => each.length - each.start);
  const all = useLogState(view, (each) => each.totalRows);
  const judged = useLogState(view, (each) => each.judgedRows);
  if (judged < all) return t('monitor.filter.judging', { percent: Math.floor((judged / Math.max(1, all)) * 100) });
  return isMerged ? t('monitor.filter.counts', { shown, all }) : t('monitor.filter.rows', { count: shown });
}

/** Back to the end of a log, and how much has come there since it was left. */
export function NewLines({ log }: { log: PaneLog }) {
  const { t } = useTranslation();
  const isEmpty = useLogState(log.view, (each) => each.length === each.start);
  const newRows = useNewRows(log.view, log.isFollowing);
  if (log.isFollowing || isEmpty) return null;
  return (
    <Button
      className={css.newLines ?? ''}
      size="compact-sm"
      radius="xl"
      leftSection={<IconArrowDown size={14} />}
      onClick={() => log.follow(true)}
    >
      {newRows > 0 ? t('monitor.newLines', { count: newRows }) : t('monitor.toEnd')}
    </Button>
  );
}
