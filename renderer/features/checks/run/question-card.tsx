import { Button, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckQuestion, CheckResult } from '../../../../preload/contract/checks.ts';
import type { TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { useAction } from '../../../lib/actions.ts';
import { useCheckWords } from '../check-words.ts';
import css from './details.module.css';
import { type Answer, answerOf, useHandKeys } from './question-keys.ts';

interface QuestionCardProps {
  runId: string;
  result: CheckResult;
  question: CheckQuestion;
  isLarge?: boolean;
  /** Where several boards ask, one of them has the keyboard. */
  hasKeys?: boolean;
}

/** Beyond this the words are set smaller: the buttons below them stay in sight. */
const longText = 140;

/** What only a person can do or tell. It takes the keyboard: Enter, N and S. */
export function QuestionCard({ runId, result, question, isLarge = false, hasKeys = true }: QuestionCardProps) {
  const { t } = useTranslation();
  const words = useCheckWords();
  const { run, isBusy } = useAction();
  const [note, setNote] = useState('');
  const [problem, setProblem] = useState<TalkErrorValue | null>(null);
  const card = useRef<HTMLElement>(null);
  // What nobody asks any more has been answered: by a key pressed twice, or in another window.
  const onError = (error: TalkErrorValue): void => setProblem(error.code === 'not-found' ? null : error);
  const answer = (what: Answer): void => {
    if (!isBusy) void run('checks.answer', { runId, resultId: result.id, answer: what, note }, { onError });
  };
  useHandKeys((key) => {
    const what = answerOf(key, question.kind);
    if (what !== null) answer(what);
  }, hasKeys);
  useEffect(() => {
    if (hasKeys) card.current?.focus();
  }, [hasKeys]);
  const size = isLarge ? 'xl' : 'lg';
  // A question of the list's own that has no other title is its title, as far as a title goes: once is enough.
  const [title, asked] = [words.title(result), words.question(question)];
  const key = (name: string) => hasKeys && <kbd>{name}</kbd>;
  return (
    <section
      ref={card}
      className={css.question}
      data-large={isLarge || undefined}
      data-long={asked.length > longText || undefined}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it has the keyboard as soon as it is there
      tabIndex={0}
      aria-label={t('checks.question.title')}
      aria-live="assertive"
      data-testid="check-question"
    >
      <small>{asked.startsWith(title) ? t('checks.question.title') : `${t('checks.question.title')} · ${title}`}</small>
      <p dir="auto">{asked}</p>
      <div className={css.answers}>
        {question.kind === 'do' ? (
          <Button size={size} loading={isBusy} onClick={() => answer('done')}>
            {t('checks.question.done')} {key('Enter')}
          </Button>
        ) : (
          <>
            <Button size={size} loading={isBusy} onClick={() => answer('yes')}>
              {t('checks.question.yes')} {key('Enter')}
            </Button>
            <Button size={size} color="red.9" disabled={isBusy} onClick={() => answer('no')}>
              {t('checks.question.no')} {key('N')}
            </Button>
          </>
        )}
        <Button size={size} variant="default" disabled={isBusy} onClick={() => answer('skip')}>
          {t('checks.question.skip')} {key('S')}
        </Button>
      </div>
      {problem !== null && <ErrorNotice error={problem} />}
      {!isLarge && (
        <TextInput
          label={t('checks.question.note')}
          value={note}
          maxLength={2000}
          autoComplete="off"
          onChange={(event) => setNote(event.currentTarget.value)}
        />
      )}
    </section>
  );
}
