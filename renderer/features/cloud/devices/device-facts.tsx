import { useTranslation } from 'react-i18next';
import type { ProductRecord } from '../../../../preload/contract/cloud/products.ts';
import type { DeviceRecord } from '../../../../preload/contract/pipeline.ts';
import { wallText } from '../../../lib/quantities.ts';
import css from './devices.module.css';

interface FactsProps {
  device: DeviceRecord;
  product: ProductRecord;
  subscriptions: readonly string[] | null | undefined;
}

/** Who the device is, and how it came here. */
export function DeviceFacts({ device, product, subscriptions }: FactsProps) {
  const { t } = useTranslation();
  const { connection } = device;
  const time = (wallMs: number | null): string => (wallMs === null ? t('devices.never') : wallText(wallMs));
  const topics = device.topics.length > 0 ? device.topics : (subscriptions ?? []);
  const facts: [string, string, isCode?: boolean][] = [
    ['ProductId', device.productId, true],
    [t('devices.secret'), t(device.hasSecret ? 'devices.secretKept' : 'devices.secretNone')],
    [t('devices.firmware'), device.firmwareVersion ?? '—', true],
    [t('devices.activated'), time(device.activatedWallMs)],
    [t('devices.lastOnline'), time(device.lastOnlineWallMs)],
    [t('devices.connections'), String(device.connectionCount)],
  ];
  if (connection !== null)
    facts.push(
      [t('devices.address'), connection.address ?? t('devices.addressUnknown'), connection.address !== null],
      [t('devices.provedBy'), `${t(`devices.provenBy.${connection.proof}`)}${connection.isTls ? ' · TLS' : ''}`],
      [t('devices.sdkAppId'), connection.sdkAppId === '' ? '—' : connection.sdkAppId, true],
    );
  const fingerprint = device.certificateFingerprint;
  if (fingerprint !== null || product.authentication === 'certificate')
    facts.push([t('devices.fingerprint'), fingerprint ?? t('devices.certificate.none'), fingerprint !== null]);
  return (
    <>
      <section aria-labelledby="device-facts">
        <h2 id="device-facts">{t('devices.facts')}</h2>
        <dl className={css.facts}>
          {facts.map(([name, value, isCode]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd className={isCode === true ? 'mono' : undefined}>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section aria-labelledby="device-topics">
        <h2 id="device-topics">{t('devices.topics')}</h2>
        {topics.length === 0 ? (
          <p className="quiet">{t(device.isOnline && subscriptions === null ? 'devices.topicsUnknown' : 'devices.noTopics')}</p>
        ) : (
          <ul className={`${css.topics} mono`}>
            {topics.map((topic) => (
              <li key={topic}>{topic}</li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}
