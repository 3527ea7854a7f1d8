import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../lib/actions.ts';
import { wallText } from '../../lib/quantities.ts';
import { sessionTitle } from '../../lib/session-title.ts';
import { useSessionList } from '../../lib/streams.ts';
import css from './quality.module.css';

interface NewSuiteProps {
  /** Chosen already. */
  sessionIds: readonly string[];
  onClose(): void;
  onText(text: string): void;
}

/** A suite that expects of sessions what they did. */
export function NewSuite({ sessionIds, onClose, onText }: NewSuiteProps) {
  const { t } = useTranslation();
  const sessions = (useSessionList() ?? []).filter(({ turnCount, id }) => turnCount > 0 || sessionIds.includes(id));
  const { run, isBusy } = useAction();
  const [chosen, setChosen] = useState<readonly string[]>(sessionIds);
  const [name, setName] = useState('');

  async function draft(): Promise<void> {
    const drafted = await run('suites.draft', { sessionIds: [...chosen], ...(name.trim() !== '' && { name: name.trim() }) });
    if (drafted !== null) onText(drafted.text);
  }

  return (
    <Modal opened onClose={onClose} title={t('quality.newSuite')} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void draft();
        }}
      >
        <Stack gap="sm">
          <p className="quiet">{t('quality.beginHint')}</p>
          <TextInput
            label={t('quality.nameOfNew')}
            value={name}
            maxLength={120}
            data-autofocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <fieldset className={css.choices}>
            <legend>{t('quality.sessionsForNew')}</legend>
            {sessions.map((session) => (
              <Checkbox
                key={session.id}
                size="xs"
                label={`${sessionTitle(session)} · ${wallText(session.startedWallMs)}`}
                checked={chosen.includes(session.id)}
                onChange={(event) => {
                  const isChosen = event.currentTarget.checked;
                  setChosen((before) => (isChosen ? [...before, session.id] : before.filter((id) => id !== session.id)));
                }}
              />
            ))}
          </fieldset>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('frame.cancel')}
            </Button>
            <Button type="submit" loading={isBusy} disabled={chosen.length === 0}>
              {t('quality.begin')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
