import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionDetail } from '../../../preload/contract/sessions.ts';
import { instantText } from '../../lib/quantities.ts';
import type { NumberedEvent } from './lanes.ts';
import css from './session.module.css';
import { useSessionViewStore } from './session-view.ts';

/** Gaps that are gone to one by one; more are in the transcript. */
const mostGaps = 6;

/** What is missing of a recording, said once at its top: that it was cut off, what could not be kept, and where gaps are. */
export function SessionTroubles({ detail, events }: { detail: SessionDetail; events: readonly NumberedEvent[] }) {
  const { t } = useTranslation();
  const store = useSessionViewStore();
  const [isHidden, setHidden] = useState(false);
  const { session, turns } = detail;
  const isRecovered = session.state === 'recovered';
  const unfinished = isRecovered ? turns.filter((turn) => turn.outcome === null).length : 0;
  const gaps = events.filter(({ event }) => event.kind === 'dropped');
  if (isHidden || (!isRecovered && session.droppedCount === 0 && gaps.length === 0)) return null;
  return (
    <div className={css.troubles} role="status" data-testid="session-troubles">
      <IconAlertTriangle size={16} color="var(--warning)" aria-hidden />
      <div className={css.grow}>
        {isRecovered && <div>{t('playback.trouble.recovered', { time: instantText(session.durationUs, 1) })}</div>}
        {unfinished > 0 && <div>{t('playback.trouble.recoveredTurns', { count: unfinished })}</div>}
        {session.droppedCount > 0 && <div>{t('playback.trouble.dropped', { count: session.droppedCount })}</div>}
        {gaps.length > 0 && (
          <div>
            {t('playback.trouble.gaps', { count: gaps.length })}{' '}
            {gaps.slice(0, mostGaps).map(({ ordinal, event }) => (
              <Button
                key={ordinal}
                size="compact-xs"
                variant="subtle"
                aria-label={t('playback.trouble.showGap', { time: instantText(event.atUs, 1) })}
                onClick={() => store.getState().select({ kind: 'event', ordinal }, event.atUs)}
              >
                {instantText(event.atUs, 1)}
              </Button>
            ))}
            {gaps.length > mostGaps && '…'}
          </div>
        )}
      </div>
      <Tooltip label={t('playback.trouble.hide')}>
        <ActionIcon size={20} aria-label={t('playback.trouble.hide')} onClick={() => setHidden(true)}>
          <IconX size={14} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
