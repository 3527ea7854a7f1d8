import { NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EngineChoice } from '../../../preload/contract/pipeline.ts';
import { errorSentences } from '../../lib/errors.ts';
import type { Field } from './fields.ts';
import { type Phrase, PhrasesEditor } from './phrases-editor.tsx';
import css from './settings.module.css';

export interface FieldEditorProps {
  /** `group.setting`. */
  name: string;
  field: Field;
  value: unknown;
  engines: readonly EngineChoice[];
  error: { code: string; data: Record<string, unknown> } | null;
  onChange(value: unknown): void;
}

export function FieldEditor(props: FieldEditorProps) {
  const { t } = useTranslation();
  const { name, field, error } = props;
  const id = useId();
  const key = name as 'turns.vadSilenceMs';
  const limits =
    field.kind === 'number'
      ? `${t('settings.limits', { min: field.min, max: field.max })}${field.unit === undefined ? '' : ` ${t(`settings.unit.${field.unit}`)}`}`
      : null;
  return (
    <div className={css.field} data-setting={name}>
      <div>
        <label htmlFor={id}>{t(`settings.field.${key}.label`)}</label>
        <div className={css.hint}>
          {t(`settings.field.${key}.hint`)} {limits !== null && <span className={css.limits}>{limits}</span>}
        </div>
        {error !== null && (
          <div className={css.error} role="alert">
            {errorSentences(t, error).what} {limits ?? errorSentences(t, error).next}
          </div>
        )}
      </div>
      <Control {...props} id={id} />
    </div>
  );
}

function Control({ id, name, field, value, engines, error, onChange }: FieldEditorProps & { id: string }) {
  const { t } = useTranslation();
  const isRefused = error !== null;
  switch (field.kind) {
    case 'switch':
      return <Switch id={id} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case 'choice':
      return (
        <Select
          id={id}
          allowDeselect={false}
          value={String(value)}
          onChange={(next) => next !== null && onChange(next)}
          data={field.options.map((option) => ({ value: option, label: t(`settings.choice.${name as 'ui.theme'}.${option as 'dark'}`) }))}
        />
      );
    case 'engine': {
      const known = engines.filter((engine) => engine.stage === field.stage);
      const data = known.map((engine) => ({
        value: engine.id,
        label: `${engine.id}${engine.languages.length > 0 ? ` (${engine.languages.join(', ')})` : ''}${engine.isAvailable ? '' : ` — ${t('settings.engineMissing', { missing: engine.missing ?? '' })}`}`,
        disabled: !engine.isAvailable,
      }));
      const current = String(value);
      const extra = ['auto', current].filter(
        (each, index, all) => all.indexOf(each) === index && !data.some((option) => option.value === each),
      );
      return (
        <Select
          id={id}
          allowDeselect={false}
          value={current}
          onChange={(next) => next !== null && onChange(next)}
          data={[...extra.map((each) => ({ value: each, label: each === 'auto' ? t('settings.auto') : each, disabled: false })), ...data]}
        />
      );
    }
    case 'number':
      return <NumberField key={String(value)} id={id} field={field} value={Number(value)} isRefused={isRefused} onChange={onChange} />;
    case 'phrases':
      return <PhrasesEditor id={id} phrases={value as Phrase[]} onChange={onChange} />;
    default:
      return <TextField key={String(value)} id={id} field={field} value={String(value)} isRefused={isRefused} onChange={onChange} />;
  }
}

interface EditorOf<Kind extends Field['kind'], Value> {
  id: string;
  field: Extract<Field, { kind: Kind }>;
  value: Value;
  isRefused: boolean;
  onChange(value: unknown): void;
}

/** Applied when the field is left or Enter is pressed, not at every digit. What is out of limits is sent, and refused in words. */
function NumberField({ id, field, value, isRefused, onChange }: EditorOf<'number', number>) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<number | string>(value);
  const apply = (): void => {
    if (draft !== '' && Number(draft) !== value) onChange(Number(draft));
  };
  return (
    <NumberInput
      id={id}
      value={draft}
      step={field.step ?? 1}
      clampBehavior="none"
      error={isRefused}
      suffix={field.unit === undefined ? '' : ` ${t(`settings.unit.${field.unit}`)}`}
      onChange={setDraft}
      onBlur={apply}
      onKeyDown={(event) => event.key === 'Enter' && apply()}
    />
  );
}

function TextField({ id, field, value, isRefused, onChange }: EditorOf<'text' | 'paragraph', string>) {
  const [draft, setDraft] = useState(value);
  const apply = (): void => {
    if (draft !== value) onChange(draft);
  };
  const common = { id, value: draft, maxLength: field.maxLength, error: isRefused, onBlur: apply };
  return field.kind === 'paragraph' ? (
    <Textarea {...common} autosize minRows={3} maxRows={10} onChange={(event) => setDraft(event.currentTarget.value)} />
  ) : (
    <TextInput
      {...common}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Enter' && apply()}
    />
  );
}
