import { Button } from '@mantine/core';
import { IconWifiOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ImpairedLink, LinkImpairment } from '../../../../preload/contract/checks.ts';
import { useAction } from '../../../lib/actions.ts';
import { bytesText } from '../../../lib/quantities.ts';
import css from './link.module.css';

/** Every link that is made bad now, and the way to end it: nobody should look for a fault that the bench makes. */
export function ImpairedLinks({ links }: { links: readonly ImpairedLink[] }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const takeOff = ({ productId, deviceName }: ImpairedLink): void => void run('link.impair', { productId, deviceName, impairment: null });
  return (
    <section className={css.impaired} aria-label={t('checks.link.active')} data-active={links.length > 0 || undefined} role="status">
      <header>
        <b>{t(links.length === 0 ? 'checks.link.none' : 'checks.link.active')}</b>
        {links.length > 1 && (
          <Button size="compact-xs" color="red.9" disabled={isBusy} onClick={() => links.forEach(takeOff)}>
            {t('checks.link.takeOffAll')}
          </Button>
        )}
      </header>
      {links.length > 0 && (
        <ul>
          {links.map((link) => (
            <li key={`${link.productId}/${link.deviceName}`}>
              <IconWifiOff size={16} aria-hidden />
              <b className="truncate">{link.deviceName}</b>
              <ImpairmentText impairment={link.impairment} />
              <span className="quiet">
                {t('checks.link.connections', { count: link.connections })}
                {link.heldBytes > 0 && ` · ${t('checks.link.held', { size: bytesText(link.heldBytes) })}`}
              </span>
              <Button size="compact-xs" color="red.9" disabled={isBusy} onClick={() => takeOff(link)}>
                {t('checks.link.takeOff')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function ImpairmentText({ impairment: { delayMs, jitterMs, lossPercent, rateKbitS, isStalled } }: { impairment: LinkImpairment }) {
  const { t } = useTranslation();
  const parts = isStalled
    ? [t('checks.link.stalled')]
    : [
        ...(delayMs > 0 ? [`${t('checks.link.delay')} ${delayMs} ms`] : []),
        ...(jitterMs > 0 ? [`${t('checks.link.jitter')} ${jitterMs} ms`] : []),
        ...(lossPercent > 0 ? [`${t('checks.link.loss')} ${lossPercent}%`] : []),
        ...(rateKbitS === null ? [] : [`${t('checks.link.rate')} ${rateKbitS} kbit/s`]),
      ];
  return <span>{parts.join(' · ')}</span>;
}
