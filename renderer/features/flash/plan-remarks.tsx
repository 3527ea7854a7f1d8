import { IconInfoCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { factTexts } from './fact-texts.ts';
import css from './firmware.module.css';
import type { Planned } from './use-plan.ts';

/** What stands in the way of writing, and what deserves a look before it. */
export function PlanRemarks({ planned: { shown, problem, isPending } }: { planned: Planned }) {
  const { t } = useTranslation();
  const warnings = isPending ? [] : (shown?.warnings ?? []);
  return (
    <>
      {problem !== null && (
        <section aria-label={t('flash.problems')}>
          <ErrorNotice error={problem} />
        </section>
      )}
      {warnings.length > 0 && (
        <ul className={css.warnings} aria-label={t('flash.warnings')}>
          {warnings.map(({ code, data }) => (
            <li key={`${code} ${JSON.stringify(data)}`} data-warning={code}>
              <IconInfoCircle size={15} aria-hidden />
              <span>{t(`flash.warning.${code as 'unknown-chip'}`, factTexts(data) as { chip: string })}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
