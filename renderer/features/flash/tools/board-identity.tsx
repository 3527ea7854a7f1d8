import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlashJob } from '../../../../preload/contract/flash.ts';
import { bytesText, hexText } from '../../../lib/quantities.ts';
import { FlashMap } from '../flash-map.tsx';
import css from './tools.module.css';

/** What is on a board: its partitions, and the applications in them. */
export function BoardIdentity({ job: { address, chip, partitions, apps } }: { job: FlashJob }) {
  const { t } = useTranslation();
  const appIn = new Map(apps.map(({ partition, app }) => [partition, app]));
  const flash = useMemo(() => ({ files: [], partitions, flashBytes: chip?.flashBytes ?? null }), [partitions, chip]);
  return (
    <div className={css.identity}>
      {partitions !== null && partitions.length > 0 && <FlashMap plan={flash} apps={apps} />}
      {partitions === null || partitions.length === 0 ? (
        <p className="quiet">{t('tools.info.noTable')}</p>
      ) : (
        <table className={css.table} aria-label={t('tools.info.partitions')}>
          <thead>
            <tr>
              <th>{t('tools.info.column.name')}</th>
              <th>{t('tools.info.column.type')}</th>
              <th>{t('tools.info.column.offset')}</th>
              <th className={css.number}>{t('tools.info.column.size')}</th>
              <th>{t('tools.info.column.app')}</th>
            </tr>
          </thead>
          <tbody>
            {partitions.map(({ name, type, subtype, offset, sizeBytes, isEncrypted, isReadOnly }) => {
              const app = appIn.get(name);
              return (
                <tr key={`${offset} ${name}`}>
                  <td className="mono">{name}</td>
                  <td className="mono">
                    {type}/{subtype}
                    {isEncrypted && ` · ${t('flash.map.encrypted')}`}
                    {isReadOnly && ` · ${t('flash.map.readOnly')}`}
                  </td>
                  <td className="mono">{hexText(offset)}</td>
                  <td className={css.number}>{bytesText(sizeBytes)}</td>
                  <td className="mono" title={app?.elfSha256}>
                    {app === undefined ? '' : `${app.project} ${app.version} · ${app.idfVersion}`}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {apps.length === 0 && <p className="quiet">{t('tools.info.noApps')}</p>}
      <Button component="a" variant="default" href={`#/flash?port=${encodeURIComponent(address)}`}>
        {t('tools.info.toFlash')}
      </Button>
    </div>
  );
}
