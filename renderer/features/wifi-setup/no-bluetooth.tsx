import { IconBluetoothOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import css from './wifi-setup.module.css';

/** Said before anything is tried: what this window lacks, and what works instead. */
export function NoBluetooth() {
  const { t } = useTranslation();
  return (
    <div className={css.notice} role="status">
      <IconBluetoothOff size={18} aria-hidden />
      <div>
        <strong>{t('wifiSetup.noBluetooth')}</strong>
        <p className="quiet">{t('wifiSetup.noBluetoothNext')}</p>
      </div>
    </div>
  );
}
