import { useTranslation } from 'react-i18next';
import type { CheckRun } from '../../../../preload/contract/checks.ts';
import { bytesText } from '../../../lib/quantities.ts';
import { useCheckWords } from '../check-words.ts';
import css from './details.module.css';

/** What the run learnt of the board. */
export function Facts({ facts }: Pick<CheckRun, 'facts'>) {
  const { t } = useTranslation();
  const words = useCheckWords();
  const factText = (name: string, fact: string | number | boolean): string => {
    if (name.endsWith('Bytes') && typeof fact === 'number') return bytesText(fact);
    return name === 'duplex' && (fact === 'half' || fact === 'full') ? t(`checks.duplex.is.${fact}`) : words.value({ value: fact });
  };
  // What a setting would have to be is told by the verdict that sets it.
  const known = Object.entries(facts).filter(([name]) => !name.startsWith('turns.'));
  if (known.length === 0) return null;
  return (
    <details className={css.facts} open>
      <summary>{t('checks.run.facts')}</summary>
      <dl>
        {known.map(([name, fact]) => (
          <div key={name}>
            <dt>{words.fact(name)}</dt>
            <dd className="mono" dir="auto">
              {factText(name, fact)}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
