import { Button, TextInput } from '@mantine/core';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useReply } from '../../lib/actions.ts';
import { asksForData, completionsFor } from './at-completions.ts';
import css from './at-console.module.css';

export interface AtCommandLineProps {
  /** What was sent before, oldest first. */
  history: readonly string[];
  isDisabled: boolean;
  text: string;
  onText(text: string): void;
  onSend(command: string, data: string | undefined): void;
}

/** Tab or Enter on a marked one completes; ↑ and ↓ choose among completions, or walk what was sent before while there are none. */
export function AtCommandLine({ history, isDisabled, text, onText, onSend }: AtCommandLineProps) {
  const { t } = useTranslation();
  const listId = useId();
  const field = useRef<HTMLInputElement>(null);
  const catalogue = useReply('at.catalogue', {});
  const [data, setData] = useState('');
  const [isOpen, setOpen] = useState(false);
  /** Which completion is marked; -1: none, and Enter sends what stands there. */
  const [marked, setMarked] = useState(-1);
  /** How many lines back; 0 is what is being typed. */
  const [back, setBack] = useState(0);

  const about = (id: string): string => t(`at.about.${id as 'AT'}`);
  const completions = isOpen ? completionsFor(text, catalogue.data?.commands ?? [], about) : [];
  const isShown = completions.length > 0 && !(completions.length === 1 && completions[0]?.text === text);
  const wantsData = asksForData(text);

  function type(next: string): void {
    onText(next);
    setOpen(next.trim() !== '');
    setMarked(-1);
    setBack(0);
  }
  function take(at: number): void {
    const taken = completions[at];
    if (taken === undefined) return;
    onText(taken.text);
    setMarked(-1);
    setOpen(taken.text.endsWith('='));
    field.current?.focus();
  }
  function send(): void {
    const command = text.trim();
    if (command === '') return;
    onSend(command, wantsData ? data : undefined);
    onText('');
    setData('');
    setOpen(false);
    setMarked(-1);
    setBack(0);
  }
  function recall(step: 1 | -1): void {
    const next = back + step;
    if (next < 0 || next > history.length) return;
    setBack(next);
    setOpen(false);
    onText(next === 0 ? '' : (history.at(-next) ?? ''));
  }
  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      // While what was sent before is being walked through, its completions stay away.
      if (isShown && back === 0) setMarked((at) => (at + step + completions.length + (at < 0 && step < 0 ? 1 : 0)) % completions.length);
      else recall(step === -1 ? 1 : -1);
    } else if (event.key === 'Tab' && isShown && !event.shiftKey) {
      event.preventDefault();
      take(Math.max(0, marked));
    } else if (event.key === 'Enter' && isShown && marked >= 0) {
      event.preventDefault();
      take(marked);
    } else if (event.key === 'Escape' && isShown) {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
      setMarked(-1);
    }
  }

  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
      }}
    >
      {isShown && (
        <div id={listId} role="listbox" aria-label={t('at.completions')} className={css.completions}>
          {completions.map((completion, at) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's, which keeps the focus
            <div
              key={completion.text}
              id={`${listId}-${at}`}
              role="option"
              tabIndex={-1}
              aria-selected={at === marked}
              className={css.completion}
              ref={(element) => {
                if (at === marked) element?.scrollIntoView({ block: 'nearest' });
              }}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(at)}
            >
              <span className="mono">{completion.text}</span>
              <span>
                {about(completion.id)}
                {completion.timeoutMs > 5000 && ` · ${t('at.timeLimit', { seconds: completion.timeoutMs / 1000 })}`}
              </span>
            </div>
          ))}
        </div>
      )}
      <div className={css.line}>
        <TextInput
          ref={field}
          size="xs"
          role="combobox"
          aria-label={t('at.command')}
          aria-expanded={isShown}
          aria-controls={listId}
          aria-autocomplete="list"
          {...(isShown && marked >= 0 ? { 'aria-activedescendant': `${listId}-${marked}` } : {})}
          placeholder={t('at.commandPlaceholder')}
          classNames={{ input: 'mono' }}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={2000}
          disabled={isDisabled}
          value={text}
          onChange={(event) => type(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <Button type="submit" size="xs" variant="default" disabled={isDisabled || text.trim() === ''}>
          {t('at.send')}
        </Button>
      </div>
      {wantsData && (
        <TextInput
          size="xs"
          aria-label={t('at.data')}
          placeholder={t('at.data')}
          classNames={{ input: 'mono' }}
          disabled={isDisabled}
          value={data}
          onChange={(event) => setData(event.currentTarget.value)}
        />
      )}
    </form>
  );
}
