import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TrtcState } from '../../../../preload/contract/cloud/trtc.ts';
import { useAction } from '../../../lib/actions.ts';
import { CopyText } from '../copy-text.tsx';
import { KeptKey } from '../kept-key.tsx';
import css from '../services.module.css';

/** The application's key, UserSigs made with it, and what the served custom TTS asks for. */
export function TrtcKeys({ state }: { state: TrtcState }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  return (
    <section aria-labelledby="trtc-keys" className={css.form}>
      <h2 id="trtc-keys">{t('trtc.keys')}</h2>
      <KeptKey
        label="SDKSecretKey"
        hint={t(state.hasSdkSecretKey ? 'trtc.sdkKeySet' : 'trtc.sdkKeyUnset')}
        isSet={state.hasSdkSecretKey}
        minLength={8}
        maxLength={200}
        isBusy={isBusy}
        onPut={async (key) => (await run('trtc.putSdkSecretKey', { key })) !== null}
      />
      <UserSigMaker hasKey={state.hasSdkSecretKey} />
      <KeptKey
        label={t('trtc.ttsKey')}
        hint={t(state.hasTtsApiKey ? 'trtc.ttsKeySet' : 'trtc.ttsKeyUnset')}
        isSet={state.hasTtsApiKey}
        maxLength={200}
        isBusy={isBusy}
        onPut={async (key) => (await run('trtc.putTtsApiKey', { key })) !== null}
      />
    </section>
  );
}

function UserSigMaker({ hasKey }: { hasKey: boolean }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [userId, setUserId] = useState('talkbench-user');
  const [made, setMade] = useState<string | null>(null);
  const isValid = /^[\w-]{1,32}$/u.test(userId);

  async function make(): Promise<void> {
    const reply = await run('trtc.userSig', { userId });
    if (reply !== null) setMade(reply.userSig);
  }

  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (isValid && hasKey) void make();
      }}
    >
      <div className={css.row} data-end>
        <TextInput
          className={css.grow}
          size="xs"
          label={t('trtc.userSig')}
          description={t(hasKey ? 'trtc.userSigHint' : 'trtc.userSigNeedsKey')}
          disabled={!hasKey}
          error={!isValid && t('trtc.badUserId')}
          value={userId}
          onChange={(event) => {
            setUserId(event.currentTarget.value);
            setMade(null);
          }}
        />
        <Button size="xs" type="submit" variant="default" disabled={!hasKey || !isValid || isBusy}>
          {t('trtc.make')}
        </Button>
      </div>
      {made !== null && (
        <div className={css.row}>
          <code className={`${css.grow} mono truncate`} title={made}>
            {made}
          </code>
          <CopyText text={made} label={t('trtc.copyUserSig')} />
        </div>
      )}
    </form>
  );
}
