import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SessionSummary } from '../../../preload/contract/sessions.ts';
import { useAction } from '../../lib/actions.ts';
import { sessionTitle } from '../../lib/session-title.ts';

/** Renames a session and edits its note. */
export function EditSession({ session, onClose }: { session: SessionSummary; onClose(): void }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [title, setTitle] = useState(session.title);
  const [note, setNote] = useState(session.note);
  async function save(): Promise<void> {
    if ((await run('sessions.update', { id: session.id, title, note })) !== null) onClose();
  }
  return (
    <Modal opened onClose={onClose} title={t('sessions.editTitle')} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={t('sessions.name')}
            placeholder={sessionTitle({ ...session, title: '' })}
            value={title}
            maxLength={200}
            data-autofocus
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
          <Textarea
            label={t('sessions.note')}
            value={note}
            maxLength={20_000}
            autosize
            minRows={4}
            maxRows={12}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('frame.cancel')}
            </Button>
            <Button type="submit" loading={isBusy}>
              {t('sessions.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

export function DeleteSession({ session, onClose, onDeleted }: { session: SessionSummary; onClose(): void; onDeleted?(): void }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  async function remove(): Promise<void> {
    if ((await run('sessions.remove', { id: session.id })) === null) return;
    onClose();
    onDeleted?.();
  }
  return (
    <Modal opened onClose={onClose} title={t('sessions.deleteTitle')} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      <Stack gap="sm">
        <div>{t('sessions.deleteAsk', { title: sessionTitle(session) })}</div>
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={onClose}>
            {t('frame.cancel')}
          </Button>
          <Button color="red.9" loading={isBusy} onClick={() => void remove()}>
            {t('sessions.delete')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
