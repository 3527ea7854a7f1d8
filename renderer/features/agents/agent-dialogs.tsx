import { Button, FileButton, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgentDocument } from '../../../preload/contract/agents.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useAction } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import css from './agents.module.css';
import { freeAgentId } from './layers.ts';

interface DialogProps {
  agents: readonly AgentDocument[];
  onClose(): void;
  onMade(id: string): void;
}

export function NewAgent({ agents, onClose, onMade }: DialogProps) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [name, setName] = useState('');
  async function make(): Promise<void> {
    const id = freeAgentId(name, new Set(agents.map((agent) => agent.id)));
    if ((await run('agents.put', { id, name: name.trim(), layer: {} })) === null) return;
    onMade(id);
    onClose();
  }
  return (
    <Modal opened onClose={onClose} title={t('agents.new')} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') void make();
        }}
      >
        <Stack gap="sm">
          <TextInput
            data-autofocus
            required
            label={t('agents.name')}
            description={t('agents.nameHint')}
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('frame.cancel')}
            </Button>
            <Button type="submit" loading={isBusy}>
              {t('agents.create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** A configuration of TWeTalk or TRTC as an agent; what could not be taken over is said before the dialog goes. */
export function ImportAgent({ agents, onClose, onMade }: DialogProps) {
  const { t } = useTranslation();
  const lab = useLab();
  const [name, setName] = useState('');
  const [json, setJson] = useState('');
  const [refused, setRefused] = useState<TalkErrorValue | null>(null);
  const [done, setDone] = useState<{ name: string; notes: readonly string[] } | null>(null);

  async function take(): Promise<void> {
    try {
      setRefused(null);
      const id = freeAgentId(name, new Set(agents.map((agent) => agent.id)));
      const { agent, notes } = await lab.call('agents.import', { id, name: name.trim(), json });
      onMade(agent.id);
      setDone({ name: agent.name, notes });
    } catch (error) {
      setRefused(errorValueOf(error));
    }
  }

  return (
    <Modal opened size="lg" onClose={onClose} title={t('agents.importTitle')} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      {done !== null ? (
        <Stack gap="sm">
          <div>{t('agents.imported', { name: done.name })}</div>
          {done.notes.length > 0 && (
            <div>
              <strong>{t('agents.notTaken')}</strong>
              <ul className={css.notes}>
                {done.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            </div>
          )}
          <Group justify="flex-end">
            <Button data-autofocus onClick={onClose}>
              {t('frame.close')}
            </Button>
          </Group>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== '') void take();
          }}
        >
          <Stack gap="sm">
            <div className="quiet">{t('agents.importHint')}</div>
            <TextInput
              data-autofocus
              required
              label={t('agents.name')}
              maxLength={80}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Textarea
              required
              label={t('agents.json')}
              autosize
              minRows={6}
              maxRows={14}
              spellCheck={false}
              classNames={{ input: 'mono' }}
              value={json}
              onChange={(event) => setJson(event.currentTarget.value)}
            />
            {refused !== null && <ErrorNotice error={refused} />}
            <Group justify="space-between">
              <FileButton accept=".json,application/json" onChange={(file) => void file?.text().then(setJson)}>
                {(props) => (
                  <Button {...props} variant="default">
                    {t('agents.importFile')}
                  </Button>
                )}
              </FileButton>
              <Button type="submit">{t('agents.import')}</Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
