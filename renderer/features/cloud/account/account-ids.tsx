import { NumberInput, TagsInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Account } from '../../../../preload/contract/cloud/accounts.ts';
import { useAction } from '../../../lib/actions.ts';
import css from './account.module.css';

/** The numbers by which requests name this cloud. */
export function AccountIds({ account }: { account: Account }) {
  const { t } = useTranslation();
  const { run } = useAction();
  const [appId, setAppId] = useState(account.appId);
  const [sdkAppId, setSdkAppId] = useState<number | string>(account.sdkAppId);
  const isAppId = /^\d{1,20}$/.test(appId);

  function apply(): void {
    if (isAppId && appId !== account.appId) void run('accounts.update', { appId });
    if (typeof sdkAppId === 'number' && sdkAppId !== account.sdkAppId) void run('accounts.update', { sdkAppId });
  }
  const onKeyDown = (event: { key: string }): void => {
    if (event.key === 'Enter') apply();
  };

  return (
    <section aria-labelledby="account-ids">
      <h2 id="account-ids">{t('account.ids')}</h2>
      <div className={css.fields}>
        <TextInput
          label={t('account.appId')}
          description={t('account.appIdHint')}
          classNames={{ input: 'mono' }}
          maxLength={20}
          error={isAppId ? null : t('account.digits')}
          value={appId}
          onChange={(event) => setAppId(event.currentTarget.value)}
          onBlur={apply}
          onKeyDown={onKeyDown}
        />
        <NumberInput
          label="sdkAppId"
          description={t('account.sdkAppIdHint')}
          classNames={{ input: 'mono' }}
          min={1}
          max={4_294_967_295}
          allowDecimal={false}
          hideControls
          value={sdkAppId}
          onChange={setSdkAppId}
          onBlur={apply}
          onKeyDown={onKeyDown}
        />
        <TagsInput
          size="xs"
          label={t('account.allowed')}
          description={t('account.allowedHint')}
          maxTags={200}
          value={account.allowedAppIds}
          onChange={(next) => {
            const allowedAppIds = next.filter((each) => /^\d{1,20}$/.test(each));
            void run('accounts.update', { allowedAppIds });
          }}
        />
      </div>
    </section>
  );
}
