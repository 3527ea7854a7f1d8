import { Button, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckQuestion, CheckResult } from '../../../../preload/contract/checks.ts';
import { useAction } from '../../../lib/actions.ts';
import { useCheckWords } from '../check-words.ts';
import css from './details.module.css';
import { type Answer, answerOf, useHandKeys } from './question-keys.ts';

interface QuestionCardProps {
  runId: string;
  result: CheckResult;
  question: CheckQuestion;
  isLarge?: boolean;
}

/** What only a person can do or tell. It takes the keyboard: Enter, N and S. */
export function QuestionCard({ runId, result, question, isLarge = false }: QuestionCardProps) {
  const { t } = useTranslation();
  const words = useCheckWords();
  const { run, isBusy } = useAction();
  const [note, setNote] = useState('');
  const card = useRef<HTMLElement>(null);
  const answer = (what: Answer): void => {
    if (!isBusy) void run('checks.answer', { runId, resultId: result.id, answer: what, note });
  };
  useHandKeys((key) => {
    const what = answerOf(key, question.kind);
    if (what !== null) answer(what);
  });
  useEffect(() => card.current?.focus(), []);
  const size = isLarge ? 'xl' : 'lg';
  // A question of the list's own that has no other title is its title: once is enough.
  const [title, asked] = [words.title(result), words.question(question)];
  return (
    <section
      ref={card}
      className={css.question}
      data-large={isLarge || undefined}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it has the keyboard as soon as it is there
      tabIndex={0}
      aria-label={t('checks.question.title')}
      aria-live="assertive"
      data-testid="check-question"
    >
      <small>{title === asked ? t('checks.question.title') : `${t('checks.question.title')} · ${title}`}</small>
      <p dir="auto">{asked}</p>
      <div className={css.answers}>
        {question.kind === 'do' ? (
          <Button size={size} loading={isBusy} onClick={() => answer('done')}>
            {t('checks.question.done')} <kbd>Enter</kbd>
          </Button>
        ) : (
          <>
            <Button size={size} loading={isBusy} onClick={() => answer('yes')}>
              {t('checks.question.yes')} <kbd>Enter</kbd>
            </Button>
            <Button size={size} color="red.9" disabled={isBusy} onClick={() => answer('no')}>
              {t('checks.question.no')} <kbd>N</kbd>
            </Button>
          </>
        )}
        <Button size={size} variant="default" disabled={isBusy} onClick={() => answer('skip')}>
          {t('checks.question.skip')} <kbd>S</kbd>
        </Button>
      </div>
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
