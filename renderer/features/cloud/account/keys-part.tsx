import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Account } from '../../../../preload/contract/cloud/accounts.ts';
import { Confirm } from '../../../components/confirm.tsx';
import { SecretOnce } from '../../../components/secret-once.tsx';
import { useAction } from '../../../lib/actions.ts';
import { wallText } from '../../../lib/quantities.ts';
import cloud from '../cloud.module.css';
import css from './account.module.css';

/** Pairs of SecretId and key that backends sign their requests with. */
export function KeysPart({ account }: { account: Account }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [isAdding, setAdding] = useState(false);
  const [draft, setDraft] = useState({ note: '', secretId: '', secretKey: '' });
  const [made, setMade] = useState<{ secretId: string; secretKey: string } | null>(null);
  const [removing, setRemoving] = useState<string | null>(null);

  async function add(): Promise<void> {
    const { note, secretId, secretKey } = draft;
    const reply = await run('accounts.addKey', {
      note: note.trim(),
      ...(secretId === '' ? {} : { secretId }),
      ...(secretKey === '' ? {} : { secretKey }),
    });
    if (reply === null) return;
    setDraft({ note: '', secretId: '', secretKey: '' });
    setAdding(false);
    setMade(reply.generatedSecretKey === undefined ? null : { secretId: reply.secretId, secretKey: reply.generatedSecretKey });
  }
  async function remove(secretId: string): Promise<void> {
    setRemoving(null);
    if ((await run('accounts.removeKey', { secretId })) !== null && made?.secretId === secretId) setMade(null);
  }

  return (
    <section aria-labelledby="account-keys">
      <div className={css.row}>
        <h2 id="account-keys">{t('account.keys')}</h2>
        <Button
          size="compact-sm"
          variant="default"
          aria-expanded={isAdding}
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setAdding(!isAdding)}
        >
          {t('account.addKey')}
        </Button>
      </div>
      {account.keys.length === 0 && <p className="quiet">{t('account.noKeys')}</p>}
      {account.keys.length > 0 && (
        <table className={cloud.table}>
          <tbody>
            {account.keys.map(({ secretId, note, createdWallMs }) => (
              <tr key={secretId}>
                <td className="mono" title={secretId}>
                  {secretId}
                </td>
                <td title={note}>{note}</td>
                <td className="quiet" style={{ width: 130 }}>
                  {wallText(createdWallMs)}
                </td>
                <td style={{ width: 44 }}>
                  <ActionIcon aria-label={t('account.removeKey', { id: secretId })} onClick={() => setRemoving(secretId)}>
                    <IconTrash size={14} />
                  </ActionIcon>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {isAdding && (
        <form
          className={css.form}
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <TextInput
            autoFocus
            label={t('account.note')}
            placeholder={t('account.noteHint')}
            maxLength={200}
            value={draft.note}
            onChange={(event) => setDraft({ ...draft, note: event.currentTarget.value })}
          />
          <TextInput
            label="SecretId"
            placeholder={t('account.generated')}
            pattern="[A-Za-z0-9_\-]{1,64}"
            autoComplete="off"
            value={draft.secretId}
            onChange={(event) => setDraft({ ...draft, secretId: event.currentTarget.value })}
          />
          <TextInput
            label="SecretKey"
            placeholder={t('account.generated')}
            maxLength={200}
            autoComplete="off"
            value={draft.secretKey}
            onChange={(event) => setDraft({ ...draft, secretKey: event.currentTarget.value })}
          />
          <Button type="submit" loading={isBusy}>
            {t('account.add')}
          </Button>
        </form>
      )}
      {made !== null && (
        <SecretOnce
          hint={t('account.keyOnce')}
          secrets={[
            { label: 'SecretId', value: made.secretId },
            { label: 'SecretKey', value: made.secretKey },
          ]}
        />
      )}
      {removing !== null && (
        <Confirm
          title={t('account.removeKey', { id: removing })}
          text={t('account.removeKeyAsk')}
          action={t('account.remove')}
          onClose={() => setRemoving(null)}
          onConfirm={() => void remove(removing)}
        />
      )}
    </section>
  );
}
