import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Account } from '../../../../preload/contract/cloud/accounts.ts';
import { Confirm } from '../../../components/confirm.tsx';
import { SecretOnce } from '../../../components/secret-once.tsx';
import { useAction } from '../../../lib/actions.ts';
import { wallText } from '../../../lib/quantities.ts';
import cloud from '../cloud.module.css';
import css from './account.module.css';

/** Tokens of the speech services, one a client, so that one can be taken back without the others. */
export function SpeechTokens({ account }: { account: Account }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [name, setName] = useState('');
  const [made, setMade] = useState<{ id: string; name: string; token: string } | null>(null);
  const [removing, setRemoving] = useState<Account['speechTokens'][number] | null>(null);

  async function add(): Promise<void> {
    const reply = await run('accounts.addSpeechToken', { name: name.trim() });
    if (reply === null) return;
    if (reply.generatedToken !== undefined) setMade({ id: reply.id, name: name.trim(), token: reply.generatedToken });
    setName('');
  }
  async function remove(id: string): Promise<void> {
    setRemoving(null);
    if ((await run('accounts.removeSpeechToken', { id })) !== null && made?.id === id) setMade(null);
  }

  return (
    <section aria-labelledby="speech-tokens">
      <h2 id="speech-tokens">{t('account.speechTokens')}</h2>
      {account.speechTokens.length === 0 && <p className="quiet">{t('account.noTokens')}</p>}
      {account.speechTokens.length > 0 && (
        <table className={cloud.table}>
          <tbody>
            {account.speechTokens.map((token) => (
              <tr key={token.id}>
                <td title={token.name}>{token.name}</td>
                <td className="quiet" style={{ width: 130 }}>
                  {wallText(token.createdWallMs)}
                </td>
                <td style={{ width: 44 }}>
                  <ActionIcon aria-label={t('account.removeToken', { name: token.name })} onClick={() => setRemoving(token)}>
                    <IconTrash size={14} />
                  </ActionIcon>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') void add();
        }}
      >
        <TextInput
          aria-label={t('account.tokenFor')}
          placeholder={t('account.tokenFor')}
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={isBusy} disabled={name.trim() === ''}>
          {t('account.addToken')}
        </Button>
      </form>
      {made !== null && <SecretOnce hint={t('account.tokenOnce')} secrets={[{ label: made.name, value: made.token }]} />}
      {removing !== null && (
        <Confirm
          title={t('account.removeToken', { name: removing.name })}
          text={t('account.removeTokenAsk')}
          action={t('account.remove')}
          onClose={() => setRemoving(null)}
          onConfirm={() => void remove(removing.id)}
        />
      )}
    </section>
  );
}
