import { Button, Select, Switch, TextInput } from '@mantine/core';
import { IconDownload, IconFileImport, IconPlus, IconStack2, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProductRecord } from '../../../../preload/contract/cloud/products.ts';
import type { DeviceRecord } from '../../../../preload/contract/pipeline.ts';
import { Confirm } from '../../../components/confirm.tsx';
import { SecretOnce } from '../../../components/secret-once.tsx';
import { useAction } from '../../../lib/actions.ts';
import { saveFile } from '../../../lib/files.ts';
import { wallText } from '../../../lib/quantities.ts';
import { useAgents } from '../../../lib/streams.ts';
import cloud from '../cloud.module.css';
import type { ListDialog } from './device-list.tsx';
import { shownDevices, titleOf } from './device-tree.ts';
import css from './devices.module.css';
import { GenerateDevices } from './generate-devices.tsx';
import { proofs } from './new-product.tsx';

interface ProductProps {
  product: ProductRecord;
  devices: readonly DeviceRecord[];
  onShow(productId: string | null, deviceName?: string | null): void;
  onDialog(dialog: ListDialog): void;
}

/** One product: how its devices prove who they are, and which there are. */
export function ProductDetails({ product, devices, onShow, onDialog }: ProductProps) {
  const { t } = useTranslation();
  const { run } = useAction();
  const { productId } = product;
  const [name, setName] = useState(product.name);
  const [dialog, setDialog] = useState<'remove' | 'generate' | null>(null);
  const online = devices.filter(({ isOnline }) => isOnline).length;

  function rename(): void {
    if (name.trim() !== product.name) void run('products.put', { productId, name: name.trim() });
  }
  async function exportDevices(): Promise<void> {
    const reply = await run('devices.export', { productId });
    if (reply !== null) saveFile(`${productId}.csv`, new TextEncoder().encode(reply.csv));
  }
  async function remove(): Promise<void> {
    setDialog(null);
    if ((await run('products.remove', { productId, withDevices: true })) !== null) onShow(null);
  }

  return (
    <>
      <header className={css.head}>
        <TextInput
          w={220}
          aria-label={t('devices.name')}
          placeholder={t('devices.unnamed')}
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          onBlur={rename}
          onKeyDown={(event) => event.key === 'Enter' && rename()}
        />
        <span className="mono">{productId}</span>
        <span className="quiet truncate">{t('devices.onlineOf', { online, total: devices.length })}</span>
        <span className={css.grow} />
        <Button size="compact-sm" variant="default" leftSection={<IconTrash size={14} aria-hidden />} onClick={() => setDialog('remove')}>
          {t('devices.removeProduct')}
        </Button>
      </header>
      <div className={css.columns}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
        <section className={css.body} tabIndex={0} aria-labelledby="product-devices">
          <div className={css.row}>
            <h2 id="product-devices" className={css.grow}>
              {t('devices.ofProduct')}
            </h2>
            <Button size="compact-sm" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => onDialog('device')}>
              {t('devices.newDevice')}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconStack2 size={14} aria-hidden />}
              onClick={() => setDialog('generate')}
            >
              {t('devices.generate.open')}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconFileImport size={14} aria-hidden />}
              onClick={() => onDialog('import')}
            >
              {t('devices.import.open')}
            </Button>
            <Button
              size="compact-sm"
              variant="default"
              disabled={devices.length === 0}
              leftSection={<IconDownload size={14} aria-hidden />}
              onClick={() => void exportDevices()}
            >
              {t('devices.export')}
            </Button>
          </div>
          {devices.length === 0 ? (
            <p className="quiet">{t('devices.noDevices')}</p>
          ) : (
            <DeviceTable devices={devices} onShow={(deviceName) => onShow(productId, deviceName)} />
          )}
        </section>
        <aside className={css.side} aria-label={titleOf(product)}>
          <Select
            label={t('devices.authentication')}
            description={t(`devices.proofHint.${product.authentication}`)}
            allowDeselect={false}
            value={product.authentication}
            onChange={(authentication) => authentication !== null && void run('products.put', { productId, authentication })}
            data={proofs.map((value) => ({ value, label: t(`devices.proof.${value}`) }))}
          />
          <ProductSecret product={product} />
          <AgentOfProduct productId={productId} />
        </aside>
      </div>
      {dialog === 'generate' && <GenerateDevices productId={productId} onClose={() => setDialog(null)} />}
      {dialog === 'remove' && (
        <Confirm
          title={t('devices.removeProduct')}
          text={t('devices.removeProductAsk', { name: titleOf(product), count: devices.length })}
          action={t('devices.removeProduct')}
          onClose={() => setDialog(null)}
          onConfirm={() => void remove()}
        />
      )}
    </>
  );
}

function DeviceTable({ devices, onShow }: { devices: readonly DeviceRecord[]; onShow(deviceName: string): void }) {
  const { t } = useTranslation();
  return (
    <>
      <table className={cloud.table}>
        <thead>
          <tr>
            <th>{t('devices.device')}</th>
            <th style={{ width: 84 }}>{t('devices.state')}</th>
            <th style={{ width: 100 }}>{t('devices.firmware')}</th>
            <th style={{ width: 130 }}>{t('devices.lastOnline')}</th>
            <th style={{ width: 120 }}>{t('devices.address')}</th>
          </tr>
        </thead>
        <tbody>
          {devices.slice(0, shownDevices).map((device) => (
            <tr key={device.deviceName}>
              <td>
                <button type="button" className={cloud.open} onClick={() => onShow(device.deviceName)}>
                  {device.deviceName}
                </button>
                {!device.hasSecret && <span className="quiet"> · {t('devices.letIn')}</span>}
              </td>
              <td className={device.isOnline ? css.good : 'quiet'}>{t(device.isOnline ? 'devices.online' : 'devices.offline')}</td>
              <td className="mono" title={device.firmwareVersion ?? ''}>
                {device.firmwareVersion ?? '—'}
              </td>
              <td className="quiet">{device.lastOnlineWallMs === null ? t('devices.never') : wallText(device.lastOnlineWallMs)}</td>
              <td className="mono">{device.connection?.address ?? '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {devices.length > shownDevices && <p className="quiet">{t('devices.more', { count: devices.length - shownDevices })}</p>}
    </>
  );
}

/** For dynamic registration: kept, made anew, forgotten; told only when it is made. */
function ProductSecret({ product }: { product: ProductRecord }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const { productId, hasSecret, isOpen } = product;
  const [generated, setGenerated] = useState<string | null>(null);
  async function make(): Promise<void> {
    const reply = await run('products.setSecret', { productId });
    if (reply?.generatedSecret !== undefined) setGenerated(reply.generatedSecret);
  }
  async function forget(): Promise<void> {
    if ((await run('products.setSecret', { productId, secret: null })) !== null) setGenerated(null);
  }
  return (
    <section aria-labelledby="product-secret">
      <h2 id="product-secret">{t('devices.productSecret.title')}</h2>
      <p className="quiet">{t(hasSecret ? 'devices.productSecret.kept' : 'devices.productSecret.none')}</p>
      <div className={css.row}>
        <Button size="compact-sm" variant="default" loading={isBusy} onClick={() => void make()}>
          {t(hasSecret ? 'devices.productSecret.another' : 'devices.productSecret.make')}
        </Button>
        {hasSecret && (
          <Button size="compact-sm" variant="default" disabled={isBusy} onClick={() => void forget()}>
            {t('devices.productSecret.forget')}
          </Button>
        )}
      </div>
      {generated !== null && <SecretOnce hint={t('devices.productSecret.once')} secrets={[{ label: 'ProductSecret', value: generated }]} />}
      <Switch
        mt={10}
        label={t('devices.isOpen')}
        description={t('devices.isOpenHint')}
        checked={isOpen}
        onChange={(event) => void run('products.put', { productId, isOpen: event.currentTarget.checked })}
      />
    </section>
  );
}

function AgentOfProduct({ productId }: { productId: string }) {
  const { t } = useTranslation();
  const state = useAgents();
  const given = (state?.assignments ?? []).filter((each) => each.productId === productId && each.deviceName === null);
  const nameOf = (id: string | null): string => state?.agents.find((agent) => agent.id === id)?.name ?? t('devices.ownSettings');
  return (
    <section aria-labelledby="product-agent">
      <h2 id="product-agent">{t('devices.agent')}</h2>
      {given.length === 0 && <p className="quiet">{t('devices.noAgent')}</p>}
      {given.map(({ language, agentId }) => (
        <p key={language ?? ''}>
          {nameOf(agentId)} <span className="quiet">{t(`agents.languageOf.${language ?? 'any'}`)}</span>
        </p>
      ))}
      <div className={css.row}>
        <a href={`#/agents?product=${encodeURIComponent(productId)}`}>{t('devices.chooseAgent')}</a>
        <a href={`#/agents?product=${encodeURIComponent(productId)}&part=thingModel`}>{t('devices.thingModel')}</a>
      </div>
    </section>
  );
}
