import { useTranslation } from 'react-i18next';
import css from '../cloud.module.css';
import { CopyText } from '../copy-text.tsx';
import own from '../services.module.css';

/** The one address that a stock board has to be given; the answer there sends it to everything else. */
export function PointBoard({ otaUrl }: { otaUrl: string | null }) {
  const { t } = useTranslation();
  return (
    <section aria-labelledby="xiaozhi-point" className={css.card}>
      <h2 id="xiaozhi-point" style={{ margin: 0 }}>
        {t('xiaozhi.point')}
      </h2>
      {otaUrl === null ? (
        <span className="quiet">{t('speech.closedHere')}</span>
      ) : (
        <>
          <div className={own.row}>
            <code className="mono">{otaUrl}</code>
            <CopyText text={otaUrl} label={t('reach.copy', { url: otaUrl })} />
          </div>
          <div className="quiet">{t('xiaozhi.pointHint')}</div>
          {/^http:\/\/(?:127\.|localhost)/u.test(otaUrl) && (
            <div className={css.wait}>
              {t('xiaozhi.onlyHere')}{' '}
              <a className={own.link} href="#/cloud?tab=reach">
                {t('cloud.tab.reach')}
              </a>
            </div>
          )}
        </>
      )}
    </section>
  );
}
