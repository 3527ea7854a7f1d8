import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { useReply } from '../../../lib/actions.ts';
import { errorValueOf } from '../../../lib/errors.ts';
import { saveFile } from '../../../lib/files.ts';
import { wallText } from '../../../lib/quantities.ts';
import { useSettings } from '../../../lib/streams.ts';
import { CloudSettings } from '../cloud-settings.tsx';
import css from './account.module.css';

/** The bench's own authority: what boards have to trust, and how they come to. */
export function AuthorityPart() {
  const { t } = useTranslation();
  const certificates = useSettings()?.certificates;
  const { data, error } = useReply('certificates.authority', {}, { version: certificates });
  return (
    <section aria-labelledby="authority">
      <div className={css.row}>
        <h2 id="authority">{t('account.authority')}</h2>
        {data !== undefined && (
          <>
            <Button
              size="compact-sm"
              leftSection={<IconDownload size={14} aria-hidden />}
              onClick={() => saveFile('talkbench-ca.pem', new TextEncoder().encode(data.pem))}
            >
              {t('account.savePem')}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconDownload size={14} aria-hidden />}
              onClick={() => saveFile('talkbench-ca.der', data.der)}
            >
              {t('account.saveDer')}
            </Button>
          </>
        )}
      </div>
      {error !== null && <ErrorNotice error={errorValueOf(error)} />}
      {data !== undefined && (
        <dl className={css.facts}>
          <dt>{t('account.subject')}</dt>
          <dd>{data.subject}</dd>
          <dt>SHA-256</dt>
          <dd className="mono">{data.fingerprint}</dd>
          <dt>{t('account.until')}</dt>
          <dd>{wallText(data.notAfterWallMs)}</dd>
          <dt>{t('account.serverNames')}</dt>
          <dd className="mono">{data.server.names.join(', ')}</dd>
          <dt>{t('account.serverUntil')}</dt>
          <dd>{wallText(data.server.notAfterWallMs)}</dd>
        </dl>
      )}
      <h3 style={{ margin: '4px 0 0', fontSize: 13 }}>{t('account.howTitle')}</h3>
      <ol className={css.how}>
        <li>{t('account.how.save')}</li>
        <li>{t('account.how.firmware')}</li>
        <li>{t('account.how.address')}</li>
        <li>
          {t('account.how.try')} <code>curl --cacert talkbench-ca.pem https://…:8788/addresses</code>
        </li>
      </ol>
      <CloudSettings group="certificates" title={t('account.certificates')} />
    </section>
  );
}
