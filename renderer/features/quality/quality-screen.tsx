import { useTranslation } from 'react-i18next';
import strip from '../../components/tab-strip.module.css';
import { setParameters, useParameters } from '../../lib/location.ts';
import { CompareTab } from './compare-tab.tsx';
import css from './quality.module.css';
import { SuitesTab } from './suites-tab.tsx';

const tabs = ['suites', 'compare'] as const;

/** What is expected of sessions, and sessions beside a golden one: `#/quality?tab=…`. */
export function QualityScreen() {
  const { t } = useTranslation();
  const tab = useParameters().get('tab') === 'compare' ? 'compare' : 'suites';
  return (
    <div className={css.screen}>
      <div className={strip.tabs} role="tablist" aria-label={t('quality.tabs.label')}>
        {tabs.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`quality-tab-${each}`}
            aria-controls="quality-panel"
            aria-selected={each === tab}
            onClick={() => setParameters({ tab: each === 'suites' ? null : each })}
          >
            {t(`quality.tabs.${each}`)}
          </button>
        ))}
      </div>
      <div className={css.panel} role="tabpanel" id="quality-panel" aria-labelledby={`quality-tab-${tab}`}>
        {tab === 'suites' ? <SuitesTab /> : <CompareTab />}
      </div>
    </div>
  );
}
