import { useTranslation } from 'react-i18next';
import { ErrorText } from '../../../components/error-notice.tsx';
import { useCoreStatus } from '../../../lib/streams.ts';
import cloud from '../cloud.module.css';
import { CloudSettings } from '../cloud-settings.tsx';
import css from './account.module.css';

/** The listeners that speak TLS, and the switch for all of them. */
export function TlsListeners() {
  const { t } = useTranslation();
  const listeners = useCoreStatus()?.listeners.filter(({ name }) => name.endsWith('-tls')) ?? [];
  return (
    <div>
      <CloudSettings group="listeners" title={t('account.tls')} names={['isTlsOn', 'mqttTlsPort', 'gatewayTlsPort']} />
      {listeners.length === 0 && <p className="quiet">{t('account.noTls')}</p>}
      {listeners.map(({ name, host, port, state, error }) => (
        <div key={name}>
          <div className={css.state}>
            <span>{name}</span>
            <span className="mono">
              {host}:{port}
            </span>
            <span className={state === 'listening' ? cloud.good : cloud.bad}>{t(`account.listener.${state}`)}</span>
          </div>
          {error !== undefined && <ErrorText error={error} />}
        </div>
      ))}
      <p className="quiet">{t('account.reopenHint')}</p>
    </div>
  );
}
