import { Button, PasswordInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction, useReply } from '../../../lib/actions.ts';
import css from './tools.module.css';

/** The secrets a tool names: they can be given and taken away, never read. */
export function SecretFields({ names }: { names: readonly string[] }) {
  const secrets = useReply('agents.secrets', {}, { isEnabled: names.length > 0 });
  return names.map((name) => (
    <SecretField key={name} name={name} isSet={secrets.data?.secrets.find((each) => each.name === name)?.isSet ?? false} />
  ));
}

function SecretField({ name, isSet }: { name: string; isSet: boolean }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const queries = useQueryClient();
  const [draft, setDraft] = useState('');
  async function put(value: string | null): Promise<void> {
    const done = await run('agents.putSecret', { name, value });
    if (done === null) return;
    setDraft('');
    await queries.invalidateQueries({ queryKey: ['agents.secrets'] });
  }
  return (
    <div className={css.row}>
      <PasswordInput
        className={css.grow}
        size="xs"
        autoComplete="off"
        label={`\${secret:${name}}`}
        placeholder={isSet ? t('engines.stored') : t('engines.notStored')}
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
      />
      <Button variant="default" disabled={draft === ''} loading={isBusy} onClick={() => void put(draft)}>
        {t('engines.keep')}
      </Button>
      {isSet && (
        <Button variant="default" onClick={() => void put(null)}>
          {t('engines.forget')}
        </Button>
      )}
    </div>
  );
}
