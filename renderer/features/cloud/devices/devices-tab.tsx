import { Button, Group } from '@mantine/core';
import { IconFileImport, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setParameters, useParameters } from '../../../lib/location.ts';
import { useDevices } from '../../../lib/streams.ts';
import { BoardCalling } from './board-calling.tsx';
import { DeviceDetails } from './device-details.tsx';
import { DeviceList, type ListDialog } from './device-list.tsx';
import { useProducts } from './device-streams.ts';
import css from './devices.module.css';
import { ImportDevices } from './import-devices.tsx';
import { NewDevice } from './new-device.tsx';
import { NewProduct } from './new-product.tsx';
import { ProductDetails } from './product-details.tsx';
import { TwetalkSettings } from './twetalk-settings.tsx';

/** The lab's products and their devices; what one of them is, says and can be told. */
export function DevicesTab() {
  const { t } = useTranslation();
  const products = useProducts();
  const devices = useDevices();
  const parameters = useParameters();
  const [dialog, setDialog] = useState<ListDialog | null>(null);
  if (products === null || devices === null) return null;
  const isSettings = parameters.get('part') === 'settings';
  const wanted = parameters.get('product');
  const product = products.find(({ productId }) => productId === wanted) ?? (wanted === null ? products[0] : undefined);
  const deviceName = parameters.get('device');
  const device = devices.find((each) => each.productId === product?.productId && each.deviceName === deviceName);
  const show = (productId: string | null, name: string | null = null): void =>
    setParameters({ product: productId, device: name, part: null });
  const close = (): void => setDialog(null);

  return (
    <div className={css.screen}>
      <DeviceList
        products={products}
        devices={devices}
        current={isSettings ? 'settings' : { productId: product?.productId ?? null, deviceName: device?.deviceName ?? null }}
        onShow={show}
        onSettings={() => setParameters({ part: 'settings' })}
        onDialog={setDialog}
      />
      <div className={css.main}>
        <BoardCalling />
        {isSettings ? (
          <TwetalkSettings />
        ) : device !== undefined && product !== undefined ? (
          <DeviceDetails key={`${device.productId}/${device.deviceName}`} device={device} product={product} onShow={show} />
        ) : product !== undefined ? (
          <ProductDetails
            key={product.productId}
            product={product}
            devices={devices.filter(({ productId }) => productId === product.productId)}
            onShow={show}
            onDialog={setDialog}
          />
        ) : (
          <div className={css.empty}>
            <h1>{t('devices.none')}</h1>
            <p className="quiet">{t('devices.noneHint')}</p>
            <Group justify="center" gap={8}>
              <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setDialog('product')}>
                {t('devices.newProduct')}
              </Button>
              <Button variant="default" leftSection={<IconFileImport size={14} aria-hidden />} onClick={() => setDialog('import')}>
                {t('devices.import.title')}
              </Button>
            </Group>
          </div>
        )}
      </div>
      {dialog === 'product' && <NewProduct onClose={close} onMade={show} />}
      {dialog === 'device' && <NewDevice products={products} productId={product?.productId ?? null} onClose={close} onMade={show} />}
      {dialog === 'import' && <ImportDevices onClose={close} />}
    </div>
  );
}
