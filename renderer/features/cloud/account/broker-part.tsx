import { Button, CopyButton, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BrokerAccess } from '../../../../preload/contract/cloud/broker.ts';
import { Confirm } from '../../../components/confirm.tsx';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { useAction, useReply } from '../../../lib/actions.ts';
import { useCoreStatus, useSettings } from '../../../lib/streams.ts';
import cloud from '../cloud.module.css';
import { CloudSettings } from '../cloud-settings.tsx';
import css from './account.module.css';
import { connectionTo, emqxAnswers, mosquittoConfiguration } from './broker-configuration.ts';

/** MQTT by the bench itself, or through a broker of the lab's: how the bench gets in there, and what that broker asks the bench. */
export function BrokerPart() {
  const { t } = useTranslation();
  const { run } = useAction();
  const settings = useSettings();
  const status = useCoreStatus();
  const [version, setVersion] = useState(0);
  const isExternal = settings?.broker.kind === 'external';
  const access = useReply('broker.access', {}, { isEnabled: isExternal, version }).data;
  const connection = connectionTo(settings?.broker.url ?? '', status?.listeners ?? []);
  const gateway = status?.listeners.find(({ name, state }) => name === 'gateway' && state === 'listening');
  const host = settings?.listeners.advertisedHost || (gateway === undefined || gateway.host === '0.0.0.0' ? '<bench>' : gateway.host);

  return (
    <>
      <CloudSettings
        group="broker"
        title={t('account.broker.title')}
        names={isExternal ? ['kind', 'url', 'username', 'isCertificateChecked', 'authority', 'topics'] : ['kind']}
      />
      {isExternal && (
        <section aria-label={t('account.broker.state')} className={css.broker}>
          <div className={css.state}>
            <span>{t('account.broker.state')}</span>
            <span className={connection?.state === 'listening' ? cloud.good : cloud.wait}>
              {connection === undefined ? t('account.broker.notYet') : t(`account.broker.stateOf.${connection.state}`)}
            </span>
          </div>
          {connection?.error !== undefined && <ErrorNotice error={connection.error} />}
          <div className={css.row}>
            <Button size="compact-sm" variant="default" onClick={() => void run('reach.reopen', {})}>
              {t('reach.reopen')}
            </Button>
            <span className="quiet">{t('account.broker.reopen')}</span>
          </div>
        </section>
      )}
      {isExternal && access !== undefined && (
        <>
          <BrokerPassword hasPassword={access.hasPassword} onChanged={() => setVersion(version + 1)} />
          <AccessFacts access={access} host={host} port={gateway?.port ?? 8787} onChanged={() => setVersion(version + 1)} />
        </>
      )}
      <CloudSettings
        group="broker"
        title={t('account.broker.limits')}
        names={['messagesPerSecond', 'connectionsPerMinute', 'isExpiryChecked']}
      />
    </>
  );
}

function BrokerPassword({ hasPassword, onChanged }: { hasPassword: boolean; onChanged(): void }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [draft, setDraft] = useState('');
  async function put(password: string | null): Promise<void> {
    if ((await run('broker.setPassword', { password })) === null) return;
    setDraft('');
    onChanged();
  }
  return (
    <div className={cloud.head}>
      <PasswordInput
        label={t('account.broker.password')}
        description={t(hasPassword ? 'account.broker.passwordSet' : 'account.broker.passwordUnset')}
        value={draft}
        maxLength={500}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': t('callbacks.showKey') }}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Enter' && draft !== '' && void put(draft)}
      />
      <Button size="compact-sm" disabled={isBusy || draft === ''} onClick={() => void put(draft)}>
        {t('callbacks.keep')}
      </Button>
      {hasPassword && (
        <Button size="compact-sm" variant="default" disabled={isBusy} onClick={() => void put(null)}>
          {t('callbacks.forget')}
        </Button>
      )}
    </div>
  );
}

interface AccessProps {
  access: BrokerAccess;
  host: string;
  port: number;
  onChanged(): void;
}

/** What is put into EMQX or Mosquitto, ready to be copied. */
function AccessFacts({ access, host, port, onChanged }: AccessProps) {
  const { t } = useTranslation();
  const { run } = useAction();
  const [isRenewing, setRenewing] = useState(false);
  async function renew(): Promise<void> {
    setRenewing(false);
    if ((await run('broker.newToken', {})) !== null) onChanged();
  }
  return (
    <section aria-labelledby="broker-access">
      <div className={css.row}>
        <h2 id="broker-access">{t('account.broker.access')}</h2>
        <Button size="compact-sm" variant="default" onClick={() => setRenewing(true)}>
          {t('account.broker.newToken')}
        </Button>
      </div>
      <p className="quiet">{t('account.broker.accessHint')}</p>
      <Configuration title="EMQX 5" text={emqxAnswers(access, host, port)} />
      <Configuration title="Mosquitto (mosquitto-go-auth)" text={mosquittoConfiguration(access, host, port)} />
      {isRenewing && (
        <Confirm
          title={t('account.broker.newToken')}
          text={t('account.broker.newTokenAsk')}
          action={t('account.broker.newToken')}
          onClose={() => setRenewing(false)}
          onConfirm={() => void renew()}
        />
      )}
    </section>
  );
}

function Configuration({ title, text }: { title: string; text: string }) {
  const { t } = useTranslation();
  return (
    <div style={{ marginTop: 8 }}>
      <div className={css.state}>
        <strong>{title}</strong>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" aria-label={`${t('frame.copy')}: ${title}`} onClick={copy}>
              {copied ? t('frame.copied') : t('frame.copy')}
            </Button>
          )}
        </CopyButton>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <pre className={css.code} tabIndex={0}>
        {text}
      </pre>
    </div>
  );
}
