import { Button, Loader, Modal } from '@mantine/core';
import { IconBluetooth } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BluetoothChoice } from '../../../preload/contract/desktop-bridge.ts';
import css from './wifi-setup.module.css';

/** The desktop app has no list of its own as a browser has: boards as they are found, until one is chosen or nobody looks any more. */
export function BluetoothChooser() {
  const { t } = useTranslation();
  const [found, setFound] = useState<readonly BluetoothChoice[] | null>(null);
  useEffect(() => {
    const unlisten = window.talkbench?.onBluetoothDevices(setFound);
    return () => {
      unlisten?.();
      void window.talkbench?.chooseBluetooth('');
    };
  }, []);
  if (found === null) return null;
  function choose(deviceId: string): void {
    setFound(null);
    void window.talkbench?.chooseBluetooth(deviceId);
  }
  return (
    <Modal opened onClose={() => choose('')} title={t('wifiSetup.chooseTitle')} closeButtonProps={{ 'aria-label': t('wifiSetup.cancel') }}>
      <ul className={css.found}>
        {found.map(({ deviceId, deviceName }) => (
          <li key={deviceId}>
            <Button
              fullWidth
              variant="default"
              justify="flex-start"
              leftSection={<IconBluetooth size={15} aria-hidden />}
              onClick={() => choose(deviceId)}
            >
              {deviceName === '' ? t('wifiSetup.unnamed') : deviceName}
            </Button>
          </li>
        ))}
      </ul>
      <p className="quiet">
        <Loader size={12} /> {t('wifiSetup.searching')}
      </p>
    </Modal>
  );
}
