import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallbackKind } from '../../../../preload/contract/cloud/callbacks.ts';
import { useAction, useReply } from '../../../lib/actions.ts';
import { KeptKey } from '../kept-key.tsx';

/** The key that messages are signed with. */
export function SignKey({ kind }: { kind: CallbackKind }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [version, setVersion] = useState(0);
  const isSet = useReply('callbacks.keys', {}, { version }).data?.[kind] === true;

  async function put(key: string | null): Promise<boolean> {
    const done = await run('callbacks.putKey', { kind, key });
    if (done !== null) setVersion(version + 1);
    return done !== null;
  }

  return (
    <KeptKey
      label={t('callbacks.key')}
      hint={t(isSet ? 'callbacks.keySet' : 'callbacks.keyUnset')}
      maxLength={32}
      {...{ isSet, isBusy }}
      onPut={put}
    />
  );
}
