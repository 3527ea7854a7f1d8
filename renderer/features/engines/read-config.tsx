import { Button, FileButton, Group, Modal, PasswordInput, Stack, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EngineKind } from '../../../preload/contract/engines.ts';
import type { CallReply } from '../../../preload/contract/index.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { errorValueOf } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { setParameters } from '../../lib/location.ts';
import css from './engines.module.css';

type Read = CallReply<'engines.read'>;

/** A configuration of the documents, as profiles: read first, stored when it has been looked at and its keys are given. */
export function ReadConfig({ kinds, onClose }: { kinds: readonly EngineKind[]; onClose(): void }) {
  const { t } = useTranslation();
  const lab = useLab();
  const [json, setJson] = useState('');
  const [read, setRead] = useState<Read | null>(null);
  const [secrets, setSecrets] = useState<Readonly<Record<string, Record<string, string>>>>({});
  const [refused, setRefused] = useState<TalkErrorValue | null>(null);

  async function readIt(): Promise<void> {
    try {
      setRefused(null);
      setRead(await lab.call('engines.read', { json }));
    } catch (error) {
      setRead(null);
      setRefused(errorValueOf(error));
    }
  }

  async function take({ profiles }: Read): Promise<void> {
    try {
      for (const { profile } of profiles) {
        const given = Object.entries(secrets[profile.id] ?? {}).filter(([, value]) => value !== '');
        await lab.call('engines.put', { profile, secrets: Object.fromEntries(given) });
      }
      const first = profiles[0]?.profile;
      if (first !== undefined) setParameters({ engine: `${first.stage}:${first.id}`, new: null });
      onClose();
    } catch (error) {
      setRefused(errorValueOf(error));
    }
  }

  return (
    <Modal opened size="lg" onClose={onClose} title={t('engines.read.title')} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      <Stack gap="sm">
        <div className="quiet">{t('engines.read.hint')}</div>
        <Textarea
          aria-label={t('agents.json')}
          data-autofocus
          autosize
          minRows={6}
          maxRows={12}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          value={json}
          onChange={(event) => setJson(event.currentTarget.value)}
        />
        <Group gap={8}>
          <Button disabled={json.trim() === ''} onClick={() => void readIt()}>
            {t('engines.read.read')}
          </Button>
          <FileButton accept=".json,application/json" onChange={(file) => void file?.text().then(setJson)}>
            {(props) => (
              <Button {...props} variant="default">
                {t('agents.importFile')}
              </Button>
            )}
          </FileButton>
        </Group>
        {refused !== null && <ErrorNotice error={refused} />}
        {read !== null && read.profiles.length === 0 && <div>{t('engines.read.nothing')}</div>}
        {read !== null && read.profiles.length > 0 && (
          <>
            <strong>{t('engines.read.found')}</strong>
            {read.profiles.map(({ profile }) => (
              <div key={profile.id} className={css.found}>
                <div>
                  {profile.name} <span className="quiet">{t(`engines.stage.${profile.stage}`)}</span>
                </div>
                <div className="mono quiet">{JSON.stringify(profile.config)}</div>
                {(kinds.find((kind) => kind.kind === profile.kind && kind.stage === profile.stage)?.fields ?? [])
                  .filter((field) => field.kind === 'secret')
                  .map((field) => (
                    <PasswordInput
                      key={field.name}
                      size="xs"
                      autoComplete="off"
                      label={t(`engines.field.${field.name as 'apiKey'}`, { defaultValue: field.name })}
                      withAsterisk={field.isRequired}
                      value={secrets[profile.id]?.[field.name] ?? ''}
                      onChange={(event) => {
                        const value = event.currentTarget.value;
                        setSecrets((all) => ({ ...all, [profile.id]: { ...all[profile.id], [field.name]: value } }));
                      }}
                    />
                  ))}
              </div>
            ))}
            <div className="quiet">{t('engines.read.secretsHint')}</div>
          </>
        )}
        {read !== null && read.notes.length > 0 && (
          <div>
            <strong>{t('engines.read.notes')}</strong>
            <ul className={css.notes}>
              {read.notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          </div>
        )}
        {read !== null && read.profiles.length > 0 && (
          <Group justify="flex-end">
            <Button onClick={() => void take(read)}>{t('engines.read.take', { count: read.profiles.length })}</Button>
          </Group>
        )}
      </Stack>
    </Modal>
  );
}
