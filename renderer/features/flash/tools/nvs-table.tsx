import { Badge, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconEyeOff } from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NvsContents, NvsDamage, NvsValue } from '../../../../preload/contract/nvs.ts';
import css from './tools.module.css';

/** As many values at once; a filter finds the others. */
const mostShown = 500;

/** What stands in an NVS: values (secret ones kept back), its pages, and what of it is damaged. */
export function NvsTable({ contents: { values, pages, damaged, isEncrypted } }: { contents: NvsContents }) {
  const { t } = useTranslation();
  const [filter, setFilter] = useState('');
  const words = filter.trim().toLowerCase();
  const matching = values.filter(({ namespace, key, value }) => `${namespace} ${key} ${value ?? ''}`.toLowerCase().includes(words));
  return (
    <div className={css.nvs}>
      {isEncrypted && <p className={css.caution}>{t('tools.nvs.encrypted')}</p>}
      <div className={css.nvsHead}>
        <TextInput
          size="xs"
          aria-label={t('tools.nvs.filter')}
          placeholder={t('tools.nvs.filter')}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <span className="quiet">
          {matching.length < values.length && `${matching.length} / `}
          {t('tools.nvs.values', { count: values.length })} · {t('tools.nvs.pages', { count: pages.length })}
        </span>
      </div>
      {damaged.length > 0 && (
        <details className={css.damaged}>
          <summary>
            <IconAlertTriangle size={14} aria-hidden /> {t('tools.nvs.damaged', { count: damaged.length })}
          </summary>
          <ul>
            {damaged.map(({ page, entry, reason }) => (
              <li key={`${page} ${entry} ${reason}`}>{damageText(t, page, entry, reason)}</li>
            ))}
          </ul>
        </details>
      )}
      {values.length === 0 && !isEncrypted && <p className="quiet">{t('tools.nvs.empty')}</p>}
      {values.length > 0 && matching.length === 0 && <p className="quiet">{t('tools.nvs.noMatch')}</p>}
      {matching.length > 0 && <Values values={matching.slice(0, mostShown)} />}
      <div className={css.pages} role="img" aria-label={t('tools.nvs.pageStates')}>
        {pages.map((page, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: a page is its place
            key={index}
            data-state={page.state}
            style={{ '--share': `${(page.usedEntries / entriesOfPage) * 100}%` } as React.CSSProperties}
            title={t('tools.nvs.page', { index, state: t(`tools.nvs.pageState.${page.state}`), used: page.usedEntries })}
          />
        ))}
      </div>
    </div>
  );
}

function damageText(t: TFunction, page: number, entry: number, reason: NvsDamage): string {
  const said = t(`tools.nvs.reason.${reason}`);
  return entry < 0 ? t('tools.nvs.damagedPage', { page, reason: said }) : t('tools.nvs.damagedAt', { page, entry, reason: said });
}

/** Of 32 bytes each, in a page of 4 KiB (ESP-IDF, NVS). */
const entriesOfPage = 126;

function Values({ values }: { values: readonly NvsValue[] }) {
  const { t } = useTranslation();
  return (
    <table className={css.table} aria-label={t('tools.nvs.table')}>
      <thead>
        <tr>
          <th>{t('tools.nvs.column.namespace')}</th>
          <th>{t('tools.nvs.column.key')}</th>
          <th>{t('tools.nvs.column.type')}</th>
          <th>{t('tools.nvs.column.value')}</th>
          <th className={css.number}>{t('tools.nvs.column.size')}</th>
        </tr>
      </thead>
      <tbody>
        {values.map(({ namespace, key, type, value, sizeBytes }) => (
          <tr key={`${namespace} ${key}`}>
            <td className="mono">{namespace}</td>
            <td className="mono">{key}</td>
            <td className="mono quiet">{type}</td>
            <td className={`mono ${css.value}`}>
              {value === null ? (
                <Badge size="sm" variant="light" color="gray" leftSection={<IconEyeOff size={11} aria-hidden />}>
                  {t('tools.nvs.hidden')}
                </Badge>
              ) : (
                value
              )}
            </td>
            <td className={css.number}>{sizeBytes}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
