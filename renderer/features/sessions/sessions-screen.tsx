import { ActionIcon, Badge, Button, FileButton, Menu, Table, TextInput, VisuallyHidden } from '@mantine/core';
import { IconDots, IconDownload, IconNote, IconPin, IconPinnedOff, IconSearch, IconTrash, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionSummary } from '../../../preload/contract/sessions.ts';
import { useAction } from '../../lib/actions.ts';
import { readFile } from '../../lib/files.ts';
import { goTo, setParameters, useParameters } from '../../lib/location.ts';
import { durationText, wallText } from '../../lib/quantities.ts';
import { sessionTitle } from '../../lib/session-title.ts';
import { useSessionList } from '../../lib/streams.ts';
import { FirstRun } from '../first-run/first-run.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { DeleteSession, EditSession } from './session-actions.tsx';
import css from './sessions.module.css';
import { StorageBar } from './storage-bar.tsx';
import { useFileDrop } from './use-file-drop.ts';

type DialogKind = 'edit' | 'delete' | 'export';

export function SessionsScreen() {
  const { t } = useTranslation();
  const sessions = useSessionList();
  const words = useParameters().get('q') ?? '';
  const [dialog, setDialog] = useState<{ kind: DialogKind; session: SessionSummary } | null>(null);
  const { run, isBusy } = useAction();
  const [importing, setImporting] = useState<string | null>(null);
  const drop = useFileDrop((file) => void importFile(file));

  async function importFile(file: File | null): Promise<void> {
    if (file === null) return;
    setImporting(file.name);
    const imported = await run('sessions.import', { data: (await readFile(file)).slice(), fileName: file.name.slice(0, 300) });
    setImporting(null);
    if (imported !== null) goTo(`/sessions/${encodeURIComponent(imported.id)}`);
  }

  const needle = words.toLowerCase();
  const shown = sessions?.filter(({ title, note, boards, id }) =>
    [title, note, id, ...boards].some((text) => text.toLowerCase().includes(needle)),
  );
  return (
    <div className={css.screen} {...drop.handlers}>
      <header className={css.head}>
        <h1>{t('frame.sessions')}</h1>
        <TextInput
          w={240}
          placeholder={t('sessions.find')}
          aria-label={t('sessions.find')}
          leftSection={<IconSearch size={14} />}
          value={words}
          onChange={(event) => setParameters({ q: event.currentTarget.value === '' ? null : event.currentTarget.value })}
        />
        <span style={{ flex: 1 }} />
        <FileButton accept=".talkbench,.whisk" onChange={(file) => void importFile(file)}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconUpload size={15} />} loading={isBusy}>
              {t('sessions.import')}
            </Button>
          )}
        </FileButton>
      </header>
      {importing !== null && <output className={css.importing}>{t('sharing.importing', { name: importing })}</output>}
      {drop.isOver && <div className={css.drop}>{t('sharing.importDrop')}</div>}
      <div className={css.body}>
        {sessions?.length === 0 ? (
          <FirstRun />
        ) : shown?.length === 0 ? (
          <p className="quiet">{t('sessions.nothingFound')}</p>
        ) : (
          <SessionTable sessions={shown ?? []} onDialog={(kind, session) => setDialog({ kind, session })} />
        )}
      </div>
      <StorageBar sessions={sessions?.length ?? 0} />
      {dialog?.kind === 'export' && <ExportDialog session={dialog.session} onClose={() => setDialog(null)} />}
      {dialog?.kind === 'edit' && <EditSession session={dialog.session} onClose={() => setDialog(null)} />}
      {dialog?.kind === 'delete' && <DeleteSession session={dialog.session} onClose={() => setDialog(null)} />}
    </div>
  );
}

interface SessionTableProps {
  sessions: readonly SessionSummary[];
  onDialog(kind: DialogKind, session: SessionSummary): void;
}

function SessionTable({ sessions, onDialog }: SessionTableProps) {
  const { t, i18n } = useTranslation();
  const { run } = useAction();
  return (
    <Table highlightOnHover stickyHeader verticalSpacing={5} className={css.table}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('sessions.name')}</Table.Th>
          <Table.Th w={140}>{t('sessions.started')}</Table.Th>
          <Table.Th w={80} ta="right">
            {t('sessions.length')}
          </Table.Th>
          <Table.Th w={150}>{t('sessions.boards')}</Table.Th>
          <Table.Th w={70} ta="right">
            {t('sessions.turns')}
          </Table.Th>
          <Table.Th w={90} ta="right">
            {t('sessions.rows')}
          </Table.Th>
          <Table.Th w={44}>
            <VisuallyHidden>{t('sessions.actions')}</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {sessions.map((session) => (
          <Table.Tr key={session.id}>
            <Table.Td>
              <a href={`#/sessions/${encodeURIComponent(session.id)}`} className={css.link}>
                {sessionTitle(session)}
              </a>
              {session.state !== 'closed' && (
                <Badge
                  ml={8}
                  size="xs"
                  variant="light"
                  color={session.state === 'recording' ? 'red' : 'orange'}
                  title={t(`sessions.stateHint.${session.state}`)}
                >
                  {t(`sessions.state.${session.state}`)}
                </Badge>
              )}
              {session.isKept === true && (
                <Badge ml={8} size="xs" variant="light" title={t('sharing.keptHint')}>
                  {t('sharing.kept')}
                </Badge>
              )}
              {session.droppedCount > 0 && (
                <Badge ml={8} size="xs" variant="light" color="red">
                  {t('frame.dropped', { count: session.droppedCount })}
                </Badge>
              )}
              {session.note !== '' && <div className="quiet truncate">{session.note}</div>}
            </Table.Td>
            <Table.Td>{wallText(session.startedWallMs)}</Table.Td>
            <Table.Td ta="right">{durationText(session.durationUs)}</Table.Td>
            <Table.Td className="truncate">{session.boards.join(', ')}</Table.Td>
            <Table.Td ta="right">{session.turnCount}</Table.Td>
            <Table.Td ta="right">{session.logRowCount.toLocaleString(i18n.language)}</Table.Td>
            <Table.Td>
              <Menu position="bottom-end" withinPortal>
                <Menu.Target>
                  <ActionIcon aria-label={t('sessions.actionsOf', { title: sessionTitle(session) })}>
                    <IconDots size={16} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item leftSection={<IconNote size={14} />} onClick={() => onDialog('edit', session)}>
                    {t('sessions.edit')}
                  </Menu.Item>
                  <Menu.Item leftSection={<IconDownload size={14} />} onClick={() => onDialog('export', session)}>
                    {t('sessions.export')}
                  </Menu.Item>
                  <Menu.Item
                    leftSection={session.isKept === true ? <IconPinnedOff size={14} /> : <IconPin size={14} />}
                    onClick={() => void run('sessions.keep', { id: session.id, isKept: session.isKept !== true })}
                  >
                    {session.isKept === true ? t('sharing.unkeep') : t('sharing.keep')}
                  </Menu.Item>
                  <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={() => onDialog('delete', session)}>
                    {t('sessions.delete')}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
