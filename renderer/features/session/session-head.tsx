import { ActionIcon, Badge, Button, Tooltip } from '@mantine/core';
import { IconArrowLeft, IconDownload, IconLink, IconNote, IconRepeat, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionSummary } from '../../../preload/contract/sessions.ts';
import { goTo } from '../../lib/location.ts';
import { durationText, wallText } from '../../lib/quantities.ts';
import { sessionTitle } from '../../lib/session-title.ts';
import { ExportDialog } from '../sessions/export-dialog.tsx';
import { DeleteSession, EditSession } from '../sessions/session-actions.tsx';
import css from './session.module.css';

/** `onCopyLink` copies the address of what is shown. */
export function SessionHead({ session, onCopyLink }: { session: SessionSummary; onCopyLink(): void }) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<'edit' | 'delete' | 'export' | null>(null);
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
        <Badge size="sm" variant="light" color="red" flex="none">
          {t('frame.dropped', { count: session.droppedCount })}
        </Badge>
      )}
      <span className="quiet truncate">
        {wallText(session.startedWallMs)} · {durationText(session.durationUs)} · {session.boards.join(', ')}
      </span>
      <span className={css.grow} />
      <Tooltip label={t('playback.copyLinkHint')}>
        <ActionIcon aria-label={t('playback.copyLink')} onClick={onCopyLink}>
          <IconLink size={17} />
        </ActionIcon>
      </Tooltip>
      <Button
        component="a"
        href={`#/replay?session=${encodeURIComponent(session.id)}`}
        variant="default"
        size="compact-sm"
        leftSection={<IconRepeat size={15} />}
      >
        {t('replay.open')}
      </Button>
      <Button variant="default" size="compact-sm" leftSection={<IconNote size={15} />} onClick={() => setDialog('edit')}>
        {t('sessions.edit')}
      </Button>
      <Button variant="default" size="compact-sm" leftSection={<IconDownload size={15} />} onClick={() => setDialog('export')}>
        {t('sessions.export')}
      </Button>
      <Tooltip label={t('sessions.delete')}>
        <ActionIcon aria-label={t('sessions.delete')} onClick={() => setDialog('delete')}>
          <IconTrash size={16} />
        </ActionIcon>
      </Tooltip>
      {dialog === 'export' && <ExportDialog session={session} onClose={() => setDialog(null)} />}
      {dialog === 'edit' && <EditSession session={session} onClose={() => setDialog(null)} />}
      {dialog === 'delete' && (
        <DeleteSession session={session} onClose={() => setDialog(null)} onDeleted={() => goTo('/sessions', { replace: true })} />
      )}
    </header>
  );
}
