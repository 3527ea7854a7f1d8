import { Button, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceList, DeviceListEntry } from '../../../../preload/contract/provisioning.ts';
import { useAction, useReply } from '../../../lib/actions.ts';
import { wallText } from '../../../lib/quantities.ts';
import { Confirm } from '../confirm.tsx';
import css from './provisioning.module.css';

/** As many at once; the filter finds the others. */
const mostShown = 200;

/** The devices of a list, with the board each went into. Their secrets stay in the core. */
export function DeviceListTable({ list }: { list: DeviceList }) {
  const { t } = useTranslation();
  const { data, refetch } = useReply('provisioning.list', { listId: list.listId });
  const { run } = useAction();
  const [filter, setFilter] = useState('');
  const [releasing, setReleasing] = useState<DeviceListEntry | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the counts tell that something in it changed
  useEffect(() => {
    void refetch();
  }, [list.free, list.reserved, list.used, refetch]);
  const words = filter.trim().toLowerCase();
  const found = (data?.entries ?? []).filter((entry) =>
    `${entry.productId}/${entry.deviceName} ${t(`provisioning.lists.state.${entry.state}`)} ${entry.mac ?? ''}`
      .toLowerCase()
      .includes(words),
  );
  return (
    <>
      <TextInput
        size="xs"
        my={6}
        aria-label={t('provisioning.lists.filter')}
        placeholder={t('provisioning.lists.filter')}
        value={filter}
        onChange={(event) => setFilter(event.currentTarget.value)}
      />
      <table className={css.devices} aria-label={t('provisioning.lists.show', { name: list.name })}>
        <thead>
          <tr>
            <th>{t('provisioning.lists.column.device')}</th>
            <th>{t('provisioning.lists.column.state')}</th>
            <th>{t('provisioning.lists.column.mac')}</th>
            <th>{t('provisioning.lists.column.when')}</th>
            <td aria-hidden />
          </tr>
        </thead>
        <tbody>
          {found.slice(0, mostShown).map((entry) => (
            <tr key={`${entry.productId}/${entry.deviceName}`}>
              <td className="mono">
                {entry.productId}/{entry.deviceName}
              </td>
              <td>{t(`provisioning.lists.state.${entry.state}`)}</td>
              <td className="mono">{entry.mac ?? ''}</td>
              <td>{entry.usedWallMs === null ? '' : wallText(entry.usedWallMs)}</td>
              <td>
                {entry.state !== 'free' && (
                  <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setReleasing(entry)}>
                    {t('provisioning.lists.release')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {found.length > mostShown && <p className="quiet">+{found.length - mostShown}</p>}
      {releasing !== null && (
        <Confirm
          title={t('provisioning.lists.releaseTitle', { device: `${releasing.productId}/${releasing.deviceName}` })}
          what={t('provisioning.lists.releaseWhat')}
          go={t('provisioning.lists.releaseNow')}
          onGo={() =>
            void run('provisioning.release', {
              listId: list.listId,
              productId: releasing.productId,
              deviceName: releasing.deviceName,
            })
          }
          onClose={() => setReleasing(null)}
        />
      )}
    </>
  );
}
