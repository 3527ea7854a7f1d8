import { ActionIcon, Badge, Button, Tooltip } from '@mantine/core';
import { IconArrowLeft, IconDownload, IconNote, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionSummary } from '../../../preload/contract/sessions.ts';
import { goTo } from '../../lib/location.ts';
import { durationText, wallText } from '../../lib/quantities.ts';
import { sessionTitle } from '../../lib/session-title.ts';
import { DeleteSession, EditSession, useExportSession } from '../sessions/session-actions.tsx';
import css from './session.module.css';

export function SessionHead({ session }: { session: SessionSummary }) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<'edit' | 'delete' | null>(null);
  const exporting = useExportSession();
  return (
    <header className={css.head}>
      <Tooltip label={t('sessions.back')}>
        <ActionIcon component="a" href="#/sessions" aria-label={t('sessions.back')}>
          <IconArrowLeft size={17} />
        </ActionIcon>
      </Tooltip>
      <h1 title={sessionTitle(session)}>{sessionTitle(session)}</h1>
      {session.state !== 'closed' && (
        <Badge data-state={session.state} size="sm" variant="light" color={session.state === 'recording' ? 'red' : 'orange'}>
          {t(`sessions.state.${session.state}`)}
        </Badge>
      )}
      {session.droppedCount > 0 && (
        <Badge size="sm" variant="light" color="red">
          {t('frame.dropped', { count: session.droppedCount })}
        </Badge>
      )}
      <span className="quiet truncate">
        {wallText(session.startedWallMs)} · {durationText(session.durationUs)} · {session.boards.join(', ')}
      </span>
      <span className={css.grow} />
      <Button variant="default" size="compact-sm" leftSection={<IconNote size={15} />} onClick={() => setDialog('edit')}>
        {t('sessions.edit')}
      </Button>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<IconDownload size={15} />}
        loading={exporting.isBusy}
        onClick={() => exporting.save(session.id)}
      >
        {t('sessions.export')}
      </Button>
      <Tooltip label={t('sessions.delete')}>
        <ActionIcon aria-label={t('sessions.delete')} onClick={() => setDialog('delete')}>
          <IconTrash size={16} />
        </ActionIcon>
      </Tooltip>
      {dialog === 'edit' && <EditSession session={session} onClose={() => setDialog(null)} />}
      {dialog === 'delete' && (
        <DeleteSession session={session} onClose={() => setDialog(null)} onDeleted={() => goTo('/sessions', { replace: true })} />
      )}
    </header>
  );
}
