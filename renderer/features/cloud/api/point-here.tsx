import { useTranslation } from 'react-i18next';
import { CopyText } from '../copy-text.tsx';
import { useGatewayAddress } from '../gateway-address.ts';
import css from '../services.module.css';

/** Another endpoint is all that an official SDK needs. */
export function PointHere() {
  const { t } = useTranslation();
  const address = useGatewayAddress();
  const profile = `profile: { httpProfile: { endpoint: '${address ?? ''}', protocol: 'http://' } }`;
  return (
    <section aria-labelledby="api-point" className={css.form}>
      <h2 id="api-point">{t('cloudApi.point')}</h2>
      {address === null ? (
        <p className="quiet">{t('speech.closedHere')}</p>
      ) : (
        <>
          <div>
            {t('cloudApi.pointHint')}{' '}
            <a className={css.link} href="#/cloud?tab=account">
              {t('cloudApi.keysLink')}
            </a>
          </div>
          <pre className={css.code}>{profile}</pre>
          <div className={css.row}>
            <CopyText text={`http://${address}/`} label={t('reach.copy', { url: address })}>
              {address}
            </CopyText>
            <CopyText text={profile} label={t('cloudApi.copyProfile')} />
          </div>
        </>
      )}
    </section>
  );
}
