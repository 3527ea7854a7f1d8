import { useTranslation } from 'react-i18next';
import { bytesText, hexText } from '../../lib/quantities.ts';
import css from './flash-map.module.css';
import { isOverfull, type MapPart } from './flash-map.ts';

/** The flash map in words and numbers. */
export function MapTable({ parts }: { parts: readonly MapPart[] }) {
  const { t } = useTranslation();
  return (
    <table className={css.table}>
      <thead>
        <tr>
          <th>{t('flash.column.partition')}</th>
          <th>{t('flash.map.type')}</th>
          <th>{t('flash.column.offset')}</th>
          <th>{t('flash.column.end')}</th>
          <th className={css.number}>{t('flash.column.size')}</th>
          <th className={css.number}>{t('flash.map.used')}</th>
          <th>{t('flash.column.file')}</th>
        </tr>
      </thead>
      <tbody>
        {parts.map((part) => {
          const { name, partition, offset, sizeBytes, fillings } = part;
          const usedBytes = fillings.reduce((sum, filling) => sum + filling.usedBytes, 0);
          return (
            <tr key={`${offset} ${name}`} data-over={isOverfull(part) || undefined}>
              <td className="mono">{name ?? '—'}</td>
              <td className="mono">{partition === null ? '' : `${partition.type}/${partition.subtype}`}</td>
              <td className="mono">{hexText(offset)}</td>
              <td className="mono quiet">{hexText(offset + sizeBytes)}</td>
              <td className={css.number}>{bytesText(sizeBytes)}</td>
              <td className={css.number}>{usedBytes === 0 ? '' : `${Math.max(1, Math.round((usedBytes / sizeBytes) * 100))} %`}</td>
              <td className="mono">{fillings.map(({ file }) => file.name).join(', ')}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
