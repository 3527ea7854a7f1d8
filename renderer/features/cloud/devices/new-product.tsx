import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProductRecord } from '../../../../preload/contract/cloud/products.ts';
import { useAction } from '../../../lib/actions.ts';

export const proofs = ['key', 'psk', 'certificate'] as const satisfies readonly ProductRecord['authentication'][];

/** A product: its id is made up unless one is typed. */
export function NewProduct({ onClose, onMade }: { onClose(): void; onMade(productId: string): void }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [name, setName] = useState('');
  const [productId, setProductId] = useState('');
  const [authentication, setAuthentication] = useState<ProductRecord['authentication']>('key');

  async function make(): Promise<void> {
    const product = await run('products.put', { name: name.trim(), authentication, ...(productId === '' ? {} : { productId }) });
    if (product === null) return;
    onMade(product.productId);
    onClose();
  }

  return (
    <Modal opened onClose={onClose} title={t('devices.newProduct')} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <Stack gap="sm">
          <TextInput
            data-autofocus
            required
            label={t('devices.name')}
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label="ProductId"
            description={t('devices.productIdHint')}
            pattern="[A-Za-z0-9]{1,10}"
            maxLength={10}
            classNames={{ input: 'mono' }}
            value={productId}
            onChange={(event) => setProductId(event.currentTarget.value)}
          />
          <Select
            label={t('devices.authentication')}
            description={t(`devices.proofHint.${authentication}`)}
            allowDeselect={false}
            value={authentication}
            onChange={(next) => next !== null && setAuthentication(next)}
            data={proofs.map((value) => ({ value, label: t(`devices.proof.${value}`) }))}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('frame.cancel')}
            </Button>
            <Button type="submit" loading={isBusy}>
              {t('devices.create')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
