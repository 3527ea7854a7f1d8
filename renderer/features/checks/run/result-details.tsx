import { Button } from '@mantine/core';
import { IconArrowRight, IconRotate } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { isTold } from '../../../../preload/contract/check-words/values.ts';
import type { CheckResult, CheckRun } from '../../../../preload/contract/checks.ts';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { useAction } from '../../../lib/actions.ts';
import { durationText } from '../../../lib/quantities.ts';
import { useCheckWords } from '../check-words.ts';
import shared from '../checks.module.css';
import css from './details.module.css';
import { Evidence } from './evidence.tsx';
import { Facts } from './facts.tsx';
import { isOver } from './progress.ts';
import list from './run.module.css';
import { StateMark } from './state-mark.tsx';
import { ValueLine } from './value-figure.tsx';

/** One check: what is to be done about it, what was measured against which limit, and what that rests on. */
export function ResultDetails({ run, result }: { run: CheckRun; result: CheckResult }) {
  const { t } = useTranslation();
  const words = useCheckWords();
  const action = useAction();
  const { id, check, state, reason, error, note, durationMs, evidence, values } = result;
  const next = words.next(result);
  const what = words.what(check);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={css.details} tabIndex={0} aria-label={words.title(result)} data-testid="check-details">
      <header>
        <StateMark state={state} size={20} />
        <h2>{words.title(result)}</h2>
        <span className={list.stateWord} data-state={state}>
          {words.state(state)}
        </span>
        {durationMs !== null && <span className="quiet">{durationText(durationMs * 1000)}</span>}
        <span className={shared.grow} />
        <Button
          size="compact-xs"
          variant="default"
          disabled={!isOver(state)}
          loading={action.isBusy}
          leftSection={<IconRotate size={13} aria-hidden />}
          onClick={() => void action.run('checks.repeat', { runId: run.id, resultId: id })}
        >
          {t('checks.run.repeat')}
        </Button>
      </header>
      {what !== null && <p className="quiet">{what}</p>}
      {next !== null && (
        <div className={css.next} role="note">
          <IconArrowRight size={18} aria-hidden />
          <div>
            <b>{t('checks.run.next')}</b>
            <p>{next}</p>
          </div>
        </div>
      )}
      {error !== null && <ErrorNotice error={error} />}
      {reason !== null && (
        <p>
          <b>{t('checks.run.why')}</b> {words.reason(reason)}
        </p>
      )}
      {note !== '' && (
        <p dir="auto">
          <b>{t('checks.run.note')}</b> {note}
        </p>
      )}
      {values.length > 0 && <Values result={result} />}
      {evidence.map((each, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: evidence is only ever added to
        <Evidence key={index} run={run} result={result} evidence={each} />
      ))}
      {isOver(state) && state !== 'skipped' && evidence.length === 0 && <p className="quiet">{t('checks.run.noEvidence')}</p>}
      {!isOver(state) && values.length === 0 && <p className="quiet">{words.state(state)}</p>}
      <Facts facts={run.facts} />
    </section>
  );
}

function Values({ result: { check, values } }: { result: CheckResult }) {
  const { t } = useTranslation();
  const words = useCheckWords();
  const told = values.filter(isTold);
  return (
    <table className={css.values}>
      <thead>
        <tr>
          <th scope="col">{t('checks.run.measured')}</th>
          <th scope="col">{t('checks.run.value')}</th>
          <th scope="col" aria-hidden />
          <th scope="col">{t('checks.run.limit')}</th>
        </tr>
      </thead>
      <tbody>
        {told.map((value) => {
          const limit = words.limit(value);
          return (
            <tr key={value.name} data-met={value.isMet ?? undefined}>
              <th scope="row">{words.valueName(check, value.name)}</th>
              <td dir="auto" className={typeof value.value === 'string' ? undefined : css.quantity}>
                {value.isMet !== null && (
                  <span className={css.met} title={t(value.isMet ? 'checks.run.met' : 'checks.run.unmet')}>
                    <span aria-hidden>{value.isMet ? '✓' : '✗'}</span>
                  </span>
                )}
                {words.value(value)}
              </td>
              <td>
                <ValueLine value={value} />
              </td>
              <td className={limit === '' ? css.informative : undefined}>{limit === '' ? t('checks.run.informative') : limit}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
