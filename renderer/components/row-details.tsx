import { useTranslation } from 'react-i18next';
import type { LogRow } from '../../preload/contract/logs.ts';
import { BytesView } from './bytes-view.tsx';
import css from './row-details.module.css';

/** All that is known of one log row: its text, its exact bytes, and what the grammar read out of it. */
export function RowDetails({ row, timeText }: { row: LogRow; timeText: string }) {
  const { t } = useTranslation();
  const origin = [row.file, row.function, row.line].filter((part) => part !== undefined).join(' · ');
  return (
    <div className={css.details}>
      <div className="quiet">
        #{row.seq} · {timeText}
        {row.deviceMs !== undefined && ` · ${t('monitor.deviceTime')} ${row.deviceMs} ms`} · {row.grammar}
        {origin !== '' && ` · ${origin}`}
      </div>
      <div className={css.parts}>
        <div className={css.part}>
          <pre className={css.text}>{row.text}</pre>
          {row.payload !== undefined && (
            <>
              <h2 className={css.title}>{row.event ?? t('monitor.payload')}</h2>
              <pre className={css.text}>{JSON.stringify(row.payload, null, 2)}</pre>
            </>
          )}
        </div>
        <div className={`${css.part} ${css.wide}`}>
          <h2 className={css.title}>{t('monitor.bytes', { count: row.raw.length })}</h2>
          <BytesView bytes={row.raw} />
        </div>
      </div>
    </div>
  );
}
