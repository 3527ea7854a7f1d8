import { ActionIcon, Button, CopyButton, Group, Modal, Stack, TextInput, Tooltip } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceRecord } from '../../../preload/contract/pipeline.ts';
import { useAction } from '../../lib/actions.ts';
import { wallText } from '../../lib/quantities.ts';
import { useDevices } from '../../lib/streams.ts';
import css from './talk.module.css';

export function DevicesPanel() {
  const { t } = useTranslation();
  const devices = useDevices() ?? [];
  const [isAdding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<DeviceRecord | null>(null);
  return (
    <section className={css.group} aria-labelledby="devices-title">
      <Group justify="space-between">
        <h2 id="devices-title">{t('talk.devices')}</h2>
        <Tooltip label={t('talk.addDevice')}>
          <ActionIcon aria-label={t('talk.addDevice')} onClick={() => setAdding(true)}>
            <IconPlus size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
      {devices.length === 0 && <p className="quiet">{t('talk.noDevices')}</p>}
      {devices.map((device) => (
        <DeviceCard key={`${device.productId}/${device.deviceName}`} device={device} onRemove={() => setRemoving(device)} />
      ))}
      {isAdding && <AddDevice onClose={() => setAdding(false)} />}
      {removing !== null && <RemoveDevice device={removing} onClose={() => setRemoving(null)} />}
    </section>
  );
}

function DeviceCard({ device, onRemove }: { device: DeviceRecord; onRemove(): void }) {
  const { t } = useTranslation();
  const properties = Object.entries(device.properties);
  return (
    <div className={css.card}>
      <Group gap={6} wrap="nowrap">
        <span className={css.dot} data-on={device.isOnline || undefined} />
        <strong className="truncate">{device.deviceName}</strong>
        <span className="quiet">{device.isOnline ? t('talk.online') : t('talk.offline')}</span>
        <span className={css.grow} />
        <ActionIcon aria-label={t('talk.removeDevice', { name: device.deviceName })} onClick={onRemove}>
          <IconTrash size={14} />
        </ActionIcon>
      </Group>
      <div className="quiet truncate">
        <span className="mono">{device.productId}</span>
        {device.firmwareVersion !== null && ` · ${device.firmwareVersion}`}
        {!device.isOnline && device.lastOnlineWallMs !== null && ` · ${wallText(device.lastOnlineWallMs)}`}
      </div>
      {properties.length > 0 && (
        <div className={css.properties}>
          {properties.map(([name, value]) => (
            <span key={name} className={css.chip}>
              {name} <b>{JSON.stringify(value)}</b>
            </span>
          ))}
        </div>
      )}
    </div>
  );
}

function AddDevice({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [productId, setProductId] = useState('');
  const [deviceName, setDeviceName] = useState('');
  const [secret, setSecret] = useState('');
  const [generatedSecret, setGeneratedSecret] = useState<string | null>(null);

  async function add(): Promise<void> {
    const result = await run('devices.put', { productId, deviceName, ...(secret === '' ? {} : { secret }) });
    if (result === null) return;
    if (result.generatedSecret === undefined) onClose();
    else setGeneratedSecret(result.generatedSecret);
  }

  return (
    <Modal opened onClose={onClose} title={t('talk.addDevice')} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      {generatedSecret !== null ? (
        <Stack gap="sm">
          <div>{t('talk.secretOnce')}</div>
          <code className={css.secret}>{generatedSecret}</code>
          <Group justify="flex-end">
            <CopyButton value={generatedSecret}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  {copied ? t('frame.copied') : t('frame.copy')}
                </Button>
              )}
            </CopyButton>
            <Button onClick={onClose}>{t('frame.close')}</Button>
          </Group>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <Stack gap="sm">
            <TextInput
              label="ProductId"
              description={t('talk.productIdHint')}
              pattern="[A-Za-z0-9]{1,10}"
              required
              data-autofocus
              value={productId}
              onChange={(event) => setProductId(event.currentTarget.value)}
            />
            <TextInput
              label="DeviceName"
              description={t('talk.deviceNameHint')}
              pattern="[\w:@\-]{1,48}"
              required
              value={deviceName}
              onChange={(event) => setDeviceName(event.currentTarget.value)}
            />
            <TextInput
              label={t('talk.secret')}
              description={t('talk.secretHint')}
              pattern="[A-Za-z0-9+\/]+={0,2}"
              autoComplete="off"
              value={secret}
              onChange={(event) => setSecret(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {t('frame.cancel')}
              </Button>
              <Button type="submit" loading={isBusy}>
                {t('talk.add')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

function RemoveDevice({ device, onClose }: { device: DeviceRecord; onClose(): void }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const { productId, deviceName } = device;
  async function remove(): Promise<void> {
    await run('devices.remove', { productId, deviceName });
    onClose();
  }
  return (
    <Modal opened onClose={onClose} title={t('talk.removeTitle')} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      <Stack gap="sm">
        <div>{t('talk.removeAsk', { name: deviceName })}</div>
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={onClose}>
            {t('frame.cancel')}
          </Button>
          <Button color="red.9" loading={isBusy} onClick={() => void remove()}>
            {t('talk.remove')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
