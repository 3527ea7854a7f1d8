import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProductRecord } from '../../../../preload/contract/cloud/products.ts';
import { SecretOnce } from '../../../components/secret-once.tsx';
import { useAction } from '../../../lib/actions.ts';
import { titleOf } from './device-tree.ts';

interface NewDeviceProps {
  products: readonly ProductRecord[];
  productId: string | null;
  onClose(): void;
  onMade(productId: string, deviceName: string): void;
}

/** One device; without a typed secret one is made, and shown this once. */
export function NewDevice({ products, productId: given, onClose, onMade }: NewDeviceProps) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [productId, setProductId] = useState(given ?? products[0]?.productId ?? null);
  const [deviceName, setDeviceName] = useState('');
  const [secret, setSecret] = useState('');
  const [generated, setGenerated] = useState<string | null>(null);

  async function make(): Promise<void> {
    if (productId === null) return;
    const reply = await run('devices.put', { productId, deviceName, ...(secret === '' ? {} : { secret }) });
    if (reply === null) return;
    onMade(productId, deviceName);
    if (reply.generatedSecret === undefined) onClose();
    else setGenerated(reply.generatedSecret);
  }

  return (
    <Modal opened onClose={onClose} size="lg" title={t('devices.newDevice')} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      {generated !== null && productId !== null ? (
        <Stack gap="sm">
          <SecretOnce
            hint={t('devices.secretOnce')}
            secrets={[
              { label: 'ProductId', value: productId },
              { label: 'DeviceName', value: deviceName },
              { label: 'DeviceSecret', value: generated },
            ]}
          />
          <Group justify="flex-end">
            <Button data-autofocus onClick={onClose}>
              {t('frame.close')}
            </Button>
          </Group>
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void make();
          }}
        >
          <Stack gap="sm">
            <Select
              required
              label={t('devices.product')}
              allowDeselect={false}
              searchable
              value={productId}
              placeholder={t('devices.none')}
              onChange={setProductId}
              data={products.map((product) => ({ value: product.productId, label: labelOf(product) }))}
            />
            <TextInput
              data-autofocus
              required
              label="DeviceName"
              description={t('devices.deviceNameHint')}
              pattern="[\w:@\-]{1,48}"
              maxLength={48}
              classNames={{ input: 'mono' }}
              value={deviceName}
              onChange={(event) => setDeviceName(event.currentTarget.value)}
            />
            <TextInput
              label="DeviceSecret"
              description={t('devices.secretHint')}
              pattern="[A-Za-z0-9+\/]+={0,2}"
              autoComplete="off"
              classNames={{ input: 'mono' }}
              value={secret}
              onChange={(event) => setSecret(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {t('frame.cancel')}
              </Button>
              <Button type="submit" loading={isBusy} disabled={productId === null}>
                {t('devices.create')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

function labelOf(product: ProductRecord): string {
  return product.name === '' ? product.productId : `${titleOf(product)} (${product.productId})`;
}
