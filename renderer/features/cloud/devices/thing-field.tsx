import { NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { choicesOf, limitsOf, readDraft, type ThingDefine } from './thing-value.ts';

interface ThingFieldProps {
  /** Who it is for: above the control, or for those who do not see it. */
  label: string;
  isLabelShown?: boolean;
  define: ThingDefine;
  draft: string;
  /** Nothing typed may mean that it is left out. */
  isOptional?: boolean;
  onChange(draft: string): void;
  /** Enter was pressed. */
  onEnter?(): void;
}

/** The control for a value of a thing model, by its type and limits. What does not fit is said at once. */
export function ThingField({ label, isLabelShown = false, define, draft, isOptional = false, onChange, onEnter }: ThingFieldProps) {
  const { t } = useTranslation();
  const { min, max, step } = limitsOf(define);
  const read = readDraft(define, draft);
  const problem = 'problem' in read && draft !== '' ? t(`devices.problem.${read.problem}`, { min: min ?? '−∞', max: max ?? '∞' }) : null;
  const named = isLabelShown ? { label, required: !isOptional } : { 'aria-label': label };
  const onKeyDown = (event: { key: string }): void => {
    if (event.key === 'Enter') onEnter?.();
  };
  switch (define.type) {
    case 'bool':
      return (
        <Switch
          {...(isLabelShown ? { label } : { 'aria-label': label })}
          checked={draft === '1'}
          onChange={(event) => onChange(event.currentTarget.checked ? '1' : '0')}
        />
      );
    case 'enum':
    case 'stringenum':
      return (
        <Select
          {...named}
          clearable={isOptional}
          allowDeselect={false}
          value={draft === '' ? null : draft}
          data={choicesOf(define)}
          onChange={(next) => onChange(next ?? '')}
        />
      );
    case 'int':
    case 'float':
    case 'timestamp':
      return (
        <NumberInput
          {...named}
          {...(step === undefined ? {} : { step })}
          {...(min === undefined ? {} : { min })}
          {...(max === undefined ? {} : { max })}
          clampBehavior="none"
          allowDecimal={define.type === 'float'}
          suffix={define.unit === undefined || define.unit === '' ? '' : ` ${define.unit}`}
          placeholder={min === undefined || max === undefined ? '' : `${min}–${max}`}
          error={problem}
          value={draft}
          onChange={(next) => onChange(String(next))}
          onKeyDown={onKeyDown}
        />
      );
    case 'struct':
    case 'array':
      return (
        <Textarea
          {...named}
          autosize
          minRows={1}
          maxRows={8}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          placeholder={define.type === 'array' ? '[]' : '{}'}
          error={problem}
          value={draft}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          {...named}
          error={problem}
          value={draft}
          onChange={(event) => onChange(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      );
  }
}
