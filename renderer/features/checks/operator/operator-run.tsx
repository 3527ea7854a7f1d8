import { Button } from '@mantine/core';
import { IconRotate } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckRun } from '../../../../preload/contract/checks.ts';
import { ErrorText } from '../../../components/error-notice.tsx';
import { useAction } from '../../../lib/actions.ts';
import { shortAddress } from '../../../lib/log-columns.ts';
import { useCheckWords } from '../check-words.ts';
import shared from '../checks.module.css';
import { useInLanguage } from '../run/in-language.ts';
import { progressOf } from '../run/progress.ts';
import { QuestionCard } from '../run/question-card.tsx';
import { boardNameOf } from '../run/run-card.tsx';
import css from './operator.module.css';

const REPEAT_KEY = 'F2';

/** One board on the line: what it waits for, what it asks, PASS or FAIL, and what failed first, which can be done again on the spot: by key, too, where the board is the only one. */
export function OperatorRun({ run: kept, hasKey }: { run: CheckRun; hasKey: boolean }) {
  const { t } = useTranslation();
  const words = useCheckWords();
  const action = useAction();
  const run = useInLanguage(kept);
  const { state, results } = run;
  const asking = results.find((result) => result.state === 'asking');
  const current = results.find((result) => result.state === 'running');
  const failed = results.filter((result) => result.state === 'failed');
  const told = failed[0] ?? results.find((result) => result.state === 'error' || result.state === 'person');
  const toRepeat = state === 'running' ? undefined : told?.id;
  function repeat(): void {
    if (toRepeat !== undefined && !action.isBusy) void action.run('checks.repeat', { runId: run.id, resultId: toRepeat });
  }
  const latest = useRef(repeat);
  useEffect(() => {
    latest.current = repeat;
  });
  // The field keeps the focus for the scanner, which types no function key: this one is a hand's.
  useEffect(() => {
    if (!hasKey) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== REPEAT_KEY || event.repeat) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [hasKey]);
  return (
    <article className={css.place} data-state={state} data-testid="operator-run">
      <header>
        <span className="truncate">
          {boardNameOf(run)}
          {run.port !== null && run.serialNumber !== '' && <small className="quiet"> · {shortAddress(run.port)}</small>}
        </span>
        {state === 'running' && (
          <Button size="sm" variant="default" onClick={() => void action.run('checks.cancel', { runId: run.id })}>
            {t('checks.operator.cancel')}
          </Button>
        )}
      </header>
      {asking?.question != null ? (
        <QuestionCard key={asking.id} runId={run.id} result={asking} question={asking.question} isLarge />
      ) : (
        <div className={css.outcome}>
          <strong role="status">{words.runState(state)}</strong>
          {state === 'running' ? (
            <>
              <progress className={shared.progress} value={progressOf(run)} max={1} aria-label={words.runState(state)} />
              <p className="truncate">{current === undefined ? '' : words.title(current)}</p>
            </>
          ) : (
            told !== undefined && (
              <>
                <h2>
                  {failed.length > 0 && <small>{t('checks.operator.first')}</small>}
                  {words.title(told)}
                </h2>
                {told.error !== null ? (
                  <ErrorText error={told.error} />
                ) : (
                  <p>{words.next(told) ?? (told.reason === null ? '' : words.reason(told.reason))}</p>
                )}
                {failed.length > 1 && <p>{t('checks.operator.andMore', { count: failed.length - 1 })}</p>}
                <Button
                  size="lg"
                  variant="default"
                  loading={action.isBusy}
                  leftSection={<IconRotate size={20} aria-hidden />}
                  onClick={repeat}
                >
                  {t('checks.run.repeat')} {hasKey && <kbd>{REPEAT_KEY}</kbd>}
                </Button>
              </>
            )
          )}
        </div>
      )}
    </article>
  );
}
