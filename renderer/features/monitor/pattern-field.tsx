import { TextInput, Tooltip } from '@mantine/core';
import { IconLetterCase, IconRegex } from '@tabler/icons-react';
import type { KeyboardEvent, ReactNode, RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { compilePattern } from '../../../preload/contract/log-pattern.ts';
import type { LogPattern } from '../../../preload/contract/logs.ts';
import { useDelayedText } from '../../lib/delayed-text.ts';
import css from './pattern-field.module.css';

export interface PatternFieldProps {
  label: string;
  placeholder: string;
  icon: ReactNode;
  value: LogPattern | null;
  onChange(value: LogPattern | null): void;
  field?: RefObject<HTMLInputElement | null>;
  /** What is found: beside the switches. */
  result?: ReactNode;
  onKeyDown?(event: KeyboardEvent<HTMLInputElement>): void;
  className?: string | undefined;
}

export function isExpressionFaulty(pattern: LogPattern | null): boolean {
  if (pattern === null) return false;
  try {
    compilePattern(pattern);
    return false;
  } catch {
    return true;
  }
}

/** Words or a regular expression to look for, with the two switches that every search has. */
export function PatternField({ label, placeholder, icon, value, onChange, field, result, onKeyDown, className }: PatternFieldProps) {
  const { t } = useTranslation();
  const flags = { isRegexp: value?.isRegexp ?? false, isCaseSensitive: value?.isCaseSensitive ?? false };
  const { text, type, flush } = useDelayedText(value?.text ?? '', (typed) => onChange(typed === '' ? null : { ...flags, text: typed }));
  const isFaulty = isExpressionFaulty(value);
  function flip(flag: 'isRegexp' | 'isCaseSensitive'): void {
    if (text !== '') onChange({ ...flags, text, [flag]: !flags[flag] });
  }
  return (
    <TextInput
      ref={field ?? null}
      className={className ?? ''}
      aria-label={label}
      placeholder={placeholder}
      leftSection={icon}
      rightSectionWidth="auto"
      rightSection={
        text !== '' && (
          <span className={css.right}>
            <span className={css.result} aria-live="polite">
              {isFaulty ? t('monitor.badRegexp') : result}
            </span>
            <Flag label={t('monitor.caseSensitive')} isOn={flags.isCaseSensitive} onFlip={() => flip('isCaseSensitive')}>
              <IconLetterCase size={14} />
            </Flag>
            <Flag label={t('monitor.regexp')} isOn={flags.isRegexp} onFlip={() => flip('isRegexp')}>
              <IconRegex size={14} />
            </Flag>
          </span>
        )
      }
      error={isFaulty}
      spellCheck={false}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      onBlur={flush}
      onKeyDown={(event) => {
        if (event.key === 'Enter') flush();
        if (event.key === 'Escape' && !event.defaultPrevented) event.currentTarget.blur();
        onKeyDown?.(event);
      }}
    />
  );
}

function Flag({ label, isOn, onFlip, children }: { label: string; isOn: boolean; onFlip(): void; children: ReactNode }) {
  return (
    <Tooltip label={label}>
      <button type="button" className={css.flag} aria-label={label} aria-pressed={isOn} onClick={onFlip}>
        {children}
      </button>
    </Tooltip>
  );
}
