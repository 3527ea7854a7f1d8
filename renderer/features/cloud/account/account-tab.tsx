import { useTranslation } from 'react-i18next';
import cloud from '../cloud.module.css';
import { CloudSettings } from '../cloud-settings.tsx';
import { AccountIds } from './account-ids.tsx';
import { useAccount } from './account-streams.ts';
import { AuthorityPart } from './authority-part.tsx';
import { BrokerPart } from './broker-part.tsx';
import { KeysPart } from './keys-part.tsx';
import { SpeechTokens } from './speech-tokens.tsx';
import { TlsListeners } from './tls-listeners.tsx';

/** Whose cloud this is, whom it trusts, and which broker it stands on. */
export function AccountTab() {
  const { t } = useTranslation();
  const account = useAccount();
  if (account === null) return null;
  return (
    <div className={cloud.columns}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={cloud.body} tabIndex={0} aria-label={t('cloud.tab.account')}>
        <AccountIds key={`${account.appId} ${account.sdkAppId}`} account={account} />
        <KeysPart account={account} />
        <SpeechTokens account={account} />
        <AuthorityPart />
      </section>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <aside className={cloud.side} tabIndex={0} aria-label={t('cloud.settings')}>
        <CloudSettings group="devices" title={t('account.whoGetsIn')} />
        <TlsListeners />
        <BrokerPart />
      </aside>
    </div>
  );
}
