import { ActionIcon, Menu, TextInput } from '@mantine/core';
import { IconFileImport, IconPlus, IconSettings } from '@tabler/icons-react';
import { type KeyboardEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProductRecord } from '../../../../preload/contract/cloud/products.ts';
import type { DeviceRecord } from '../../../../preload/contract/pipeline.ts';
import { useShortcuts } from '../../../lib/shortcuts.ts';
import { deviceTree, titleOf } from './device-tree.ts';
import css from './devices.module.css';

export type ListDialog = 'product' | 'device' | 'import';

interface ListProps {
  products: readonly ProductRecord[];
  devices: readonly DeviceRecord[];
  current: { productId: string | null; deviceName: string | null } | 'settings';
  onShow(productId: string, deviceName?: string | null): void;
  onSettings(): void;
  onDialog(dialog: ListDialog): void;
}

/** Products, their devices under them; `/` looks for one, the arrows go through them. */
export function DeviceList({ products, devices, current, onShow, onSettings, onDialog }: ListProps) {
  const { t } = useTranslation();
  const [sought, setSought] = useState('');
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLElement>(null);
  useShortcuts({ '/': () => search.current?.focus() });
  const shown = current === 'settings' ? null : current;
  const branches = deviceTree(products, devices, { sought, openProductId: shown?.productId ?? null });

  function onKeyDown(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const entries = [...(list.current?.querySelectorAll<HTMLElement>('[data-entry]') ?? [])];
    const at = entries.indexOf(document.activeElement as HTMLElement);
    entries[at === -1 ? 0 : Math.min(entries.length - 1, Math.max(0, at + step))]?.focus();
  }

  return (
    <nav className={css.list} aria-label={t('devices.list')} ref={list} onKeyDown={onKeyDown}>
      <div className={css.tools}>
        <TextInput
          ref={search}
          placeholder={t('devices.search')}
          aria-label={t('devices.search')}
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && setSought('')}
        />
        <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
          <Menu.Target>
            <ActionIcon variant="default" size={30} aria-label={t('devices.add')}>
              <IconPlus size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPlus size={14} />} onClick={() => onDialog('product')}>
              {t('devices.newProduct')}
            </Menu.Item>
            <Menu.Item leftSection={<IconPlus size={14} />} onClick={() => onDialog('device')}>
              {t('devices.newDevice')}
            </Menu.Item>
            <Menu.Item leftSection={<IconFileImport size={14} />} onClick={() => onDialog('import')}>
              {t('devices.import.title')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <div className={css.entries}>
        {products.length > 0 && branches.length === 0 && <p className="quiet">{t('devices.nothingFound', { text: sought })}</p>}
        {branches.map(({ product, devices: own, online, total, hidden }) => (
          <div key={product.productId}>
            <button
              type="button"
              data-entry
              className={css.entry}
              aria-current={(shown?.productId === product.productId && shown.deviceName === null) || undefined}
              title={product.productId}
              onClick={() => onShow(product.productId)}
            >
              <span className={css.dot} data-on={online > 0 || undefined} />
              <span className={`${css.product} truncate`}>{titleOf(product)}</span>
              <small title={t('devices.onlineOf', { online, total })}>
                {online}/{total}
              </small>
            </button>
            {own.map(({ deviceName, isOnline }) => (
              <button
                key={deviceName}
                type="button"
                data-entry
                data-inner
                className={css.entry}
                aria-current={(shown?.productId === product.productId && shown.deviceName === deviceName) || undefined}
                onClick={() => onShow(product.productId, deviceName)}
              >
                <span
                  className={css.dot}
                  data-on={isOnline || undefined}
                  role="img"
                  aria-label={t(isOnline ? 'devices.online' : 'devices.offline')}
                />
                <span className="truncate">{deviceName}</span>
              </button>
            ))}
            {hidden > 0 && <p className="quiet">{t('devices.more', { count: hidden })}</p>}
          </div>
        ))}
      </div>
      <div className={css.foot}>
        <button type="button" data-entry className={css.entry} aria-current={current === 'settings' || undefined} onClick={onSettings}>
          <IconSettings size={15} aria-hidden />
          <span>{t('devices.settings')}</span>
        </button>
      </div>
    </nav>
  );
}
