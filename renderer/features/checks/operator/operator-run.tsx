import { Button } from '@mantine/core';
import { IconRotate } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckRun } from '../../../../preload/contract/checks.ts';
import type { TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
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

interface OperatorRunProps {
  run: CheckRun;
  /** Does the check again that failed first; with Shift it stops the run. Null: there is none left. */
  placeKey: string | null;
  /** What this board asks is answered by keys now. */
  isAnswered: boolean;
  /** Something stands in front: no key is for the boards. */
  isCovered: boolean;
}

/** One board on the line: what it waits for, what it asks, PASS or FAIL, and what failed first, which can be done again on the spot. */
export function OperatorRun({ run: kept, placeKey, isAnswered, isCovered }: OperatorRunProps) {
  const { t } = useTranslation();
  const words = useCheckWords();
  const action = useAction();
  const run = useInLanguage(kept);
  const [problem, setProblem] = useState<TalkErrorValue | null>(null);
  const { state, results } = run;
  const isRunning = state === 'running';
  const asking = results.find((result) => result.state === 'asking');
  const current = results.find((result) => result.state === 'running');
  const failed = results.filter((result) => result.state === 'failed');
  const told = failed[0] ?? results.find((result) => result.state === 'error' || result.state === 'person');
  function repeat(): void {
    if (isRunning || told === undefined || action.isBusy) return;
    setProblem(null);
    void action.run('checks.repeat', { runId: run.id, resultId: told.id }, { onError: setProblem });
  }
  function stop(): void {
    if (!isRunning || action.isBusy) return;
    setProblem(null);
    void action.run('checks.cancel', { runId: run.id }, { onError: setProblem });
  }
  usePlaceKey(isCovered ? null : placeKey, { alone: repeat, withShift: stop });
  const sign = placeKey === null ? null : <kbd>{placeKey}</kbd>;
  return (
    <article className={css.place} data-state={state} data-testid="operator-run" aria-label={boardNameOf(run)}>
      <header>
        <span className="truncate" title={boardNameOf(run)}>
          {boardNameOf(run)}
          {run.port !== null && run.serialNumber !== '' && <small className="quiet"> · {shortAddress(run.port)}</small>}
        </span>
        {isRunning && (
          <Button size="sm" variant="default" onClick={stop}>
            {t('checks.operator.cancel')} {placeKey !== null && <kbd>Shift {placeKey}</kbd>}
          </Button>
        )}
      </header>
      {asking?.question != null ? (
        <QuestionCard
          key={asking.id}
          runId={run.id}
          result={asking}
          question={asking.question}
          isLarge
          hasKeys={isAnswered && !isCovered}
        />
      ) : (
        <div className={css.outcome}>
          <strong role="status">{words.runState(state)}</strong>
          {isRunning ? (
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
                {problem !== null ? (
                  <Problem error={problem} />
                ) : told.error !== null ? (
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
                  {t('checks.run.repeat')} {sign}
                </Button>
              </>
            )
          )}
          {problem !== null && (isRunning || told === undefined) && <Problem error={problem} />}
        </div>
      )}
    </article>
  );
}

/** Why what the operator just wanted of this board was not done: it stands in the place of what was told of it before. */
function Problem({ error }: { error: TalkErrorValue }) {
  return (
    <div className={css.problem} role="alert">
      <ErrorText error={error} />
    </div>
  );
}

/** The field keeps the focus for the scanner, which types no function key: these are a hand's. */
function usePlaceKey(placeKey: string | null, does: { alone(): void; withShift(): void }): void {
  const latest = useRef(does);
  useEffect(() => {
    latest.current = does;
  });
  useEffect(() => {
    if (placeKey === null) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== placeKey || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      if (event.repeat) return;
      if (event.shiftKey) latest.current.withShift();
      else latest.current.alone();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [placeKey]);
}
