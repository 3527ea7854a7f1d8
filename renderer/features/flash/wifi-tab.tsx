import { Anchor } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import css from './flash.module.css';

/** The place of Wi-Fi setup over the air. */
export function WifiTab() {
  const { t } = useTranslation();
  return (
    <div className={css.nothing}>
      <h1>{t('flash.tabs.wifi')}</h1>
      <p className="quiet">{t('flash.wifi.what')}</p>
      <p>
        {t('flash.wifi.meanwhile')} <Anchor href="#/flash?tab=provisioning">{t('flash.wifi.toProvisioning')}</Anchor>
      </p>
    </div>
  );
}
