import { Button, Menu } from '@mantine/core';
import { IconAntennaBars2, IconArrowsUpDown, IconCertificate, IconDots, IconKey, IconRobot, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProductRecord } from '../../../../preload/contract/cloud/products.ts';
import type { DeviceRecord } from '../../../../preload/contract/pipeline.ts';
import { Confirm } from '../../../components/confirm.tsx';
import strip from '../../../components/tab-strip.module.css';
import { useAction, useReply } from '../../../lib/actions.ts';
import { setParameters, useParameters } from '../../../lib/location.ts';
import { ActionsPart } from './actions-part.tsx';
import { CallsPart } from './calls-part.tsx';
import { titleOf } from './device-tree.ts';
import css from './devices.module.css';
import { FirmwarePart } from './firmware-part.tsx';
import { LivePart } from './live-part.tsx';
import { NewCertificate, NewSecret } from './new-proof.tsx';

const parts = ['live', 'actions', 'firmware', 'calls'] as const;

interface DeviceProps {
  device: DeviceRecord;
  product: ProductRecord;
  onShow(productId: string, deviceName?: string | null): void;
}

function whyOffline({ activatedWallMs }: DeviceRecord, { authentication }: ProductRecord) {
  if (activatedWallMs !== null) return 'devices.away';
  return authentication === 'certificate' ? 'devices.neverCameCertificate' : 'devices.neverCame';
}

/** One device: what it is and says, what it can be told, its firmware and its calls. */
export function DeviceDetails({ device, product, onShow }: DeviceProps) {
  const { t } = useTranslation();
  const { run } = useAction();
  const parameters = useParameters();
  const [dialog, setDialog] = useState<'secret' | 'certificate' | 'remove' | null>(null);
  const { productId, deviceName, isOnline } = device;
  const part = parts.find((each) => each === parameters.get('part')) ?? 'live';
  const thing = useReply('thingmodel.get', { productId });
  const close = (): void => setDialog(null);

  async function remove(): Promise<void> {
    close();
    if ((await run('devices.remove', { productId, deviceName })) !== null) onShow(productId);
  }

  return (
    <>
      <header className={css.head}>
        <span className={css.dot} data-on={isOnline || undefined} />
        <h1 className="truncate">{deviceName}</h1>
        <button type="button" className={css.entry} style={{ width: 'auto' }} onClick={() => onShow(productId)}>
          {titleOf(product)}
        </button>
        <span className={isOnline ? css.good : 'quiet'}>{t(isOnline ? 'devices.online' : 'devices.offline')}</span>
        {device.firmwareVersion !== null && <span className="mono quiet truncate">{device.firmwareVersion}</span>}
        <span className={css.grow} />
        <Button
          component="a"
          size="compact-sm"
          variant="default"
          href={`#/wire?device=${encodeURIComponent(`${productId}_${deviceName}`)}`}
          leftSection={<IconArrowsUpDown size={14} aria-hidden />}
        >
          {t('frame.wire')}
        </Button>
        <Button
          component="a"
          size="compact-sm"
          variant="default"
          href={`#/agents?product=${encodeURIComponent(productId)}&device=${encodeURIComponent(deviceName)}`}
          leftSection={<IconRobot size={14} aria-hidden />}
        >
          {t('devices.agent')}
        </Button>
        <Button
          component="a"
          size="compact-sm"
          variant="default"
          href={`#/checks?tab=link&device=${encodeURIComponent(`${productId}/${deviceName}`)}`}
          leftSection={<IconAntennaBars2 size={14} aria-hidden />}
        >
          {t('checks.link.weak')}
        </Button>
        <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
          <Menu.Target>
            <Button size="compact-sm" variant="default" aria-label={t('devices.otherActions')}>
              <IconDots size={14} aria-hidden />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconKey size={14} />} onClick={() => setDialog('secret')}>
              {t('devices.newSecret.title')}
            </Menu.Item>
            {product.authentication === 'certificate' && (
              <Menu.Item leftSection={<IconCertificate size={14} />} onClick={() => setDialog('certificate')}>
                {t('devices.certificate.title')}
              </Menu.Item>
            )}
            <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={() => setDialog('remove')}>
              {t('devices.removeDevice')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </header>
      <div className={strip.tabs} role="tablist" aria-label={deviceName}>
        {parts.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`device-tab-${each}`}
            aria-controls="device-panel"
            aria-selected={each === part}
            onClick={() => setParameters({ part: each === 'live' ? null : each })}
          >
            {t(`devices.part.${each}`)}
          </button>
        ))}
      </div>
      {!isOnline && (
        <div className={css.offline}>
          {t(whyOffline(device, product))} <a href="#/cloud?tab=reach">{t('cloud.tab.reach')}</a>
        </div>
      )}
      <div className={css.part} role="tabpanel" id="device-panel" aria-labelledby={`device-tab-${part}`}>
        {part === 'live' && thing.data !== undefined && <LivePart device={device} product={product} model={thing.data.model} />}
        {part === 'actions' && thing.data !== undefined && <ActionsPart device={device} model={thing.data.model} />}
        {part === 'firmware' && <FirmwarePart device={device} />}
        {part === 'calls' && <CallsPart device={device} />}
      </div>
      {dialog === 'secret' && <NewSecret device={device} onClose={close} />}
      {dialog === 'certificate' && <NewCertificate device={device} onClose={close} />}
      {dialog === 'remove' && (
        <Confirm
          title={t('devices.removeDevice')}
          text={t('devices.removeDeviceAsk', { name: deviceName })}
          action={t('devices.removeDevice')}
          onClose={close}
          onConfirm={() => void remove()}
        />
      )}
    </>
  );
}
