import { MultiSelect, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgentTool } from '../../../preload/contract/agents.ts';
import type { EngineChoice } from '../../../preload/contract/pipeline.ts';
import { errorSentences } from '../../lib/errors.ts';
import type { Field } from './fields.ts';
import { type IdleMessage, IdleMessagesEditor } from './idle-messages-editor.tsx';
import { JsonEditor } from './json-editor.tsx';
import { type Phrase, PhrasesEditor } from './phrases-editor.tsx';
import { PromptEditor } from './prompt-editor.tsx';
import css from './settings.module.css';
import { ToolsEditor } from './tools/tools-editor.tsx';
import { WordsEditor } from './words-editor.tsx';

export interface FieldEditorProps {
  /** `group.setting`. */
  name: string;
  field: Field;
  value: unknown;
  engines: readonly EngineChoice[];
  error: { code: string; data: Record<string, unknown> } | null;
  /** Where the value comes from, and what takes it back; said beside the label. */
  origin?: ReactNode;
  onChange(value: unknown): void;
}

/** One setting, the same wherever it is edited: as the bench's, an agent's, a product's or a device's. */
export function FieldEditor(props: FieldEditorProps) {
  const { t } = useTranslation();
  const { name, field, error, origin } = props;
  const id = useId();
  const key = name as 'turns.vadSilenceMs';
  const limits =
    field.kind === 'number'
      ? `${t('settings.limits', { min: field.min, max: field.max })}${field.unit === undefined ? '' : ` ${t(`settings.unit.${field.unit}`)}`}`
      : null;
  return (
    <div className={css.field} data-setting={name} data-wide={isWide(field) || undefined}>
      <div>
        <label htmlFor={id}>{t(`settings.field.${key}.label`)}</label> {origin}
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

/** What needs a line of its own. */
function isWide({ kind }: Field): boolean {
  return kind === 'prompt' || kind === 'tools';
}

function Control({ id, name, field, value, engines, error, onChange }: FieldEditorProps & { id: string }) {
  const { t } = useTranslation();
  const isRefused = error !== null;
  const remountKey = JSON.stringify(value);
  const choiceText = (option: string): string =>
    option === '' ? t('settings.none') : t(`settings.choice.${name as 'ui.theme'}.${option as 'dark'}`);
  switch (field.kind) {
    case 'switch':
      return <Switch id={id} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case 'choice':
      return (
        <Select
          id={id}
          allowDeselect={false}
          value={String(value)}
          onChange={(next) => next !== null && onChange(typeof value === 'number' ? Number(next) : next)}
          data={field.options.map((option) => ({ value: option, label: choiceText(option) }))}
        />
      );
    case 'choices':
      return (
        <MultiSelect
          id={id}
          size="xs"
          maxValues={field.max}
          value={value as string[]}
          onChange={onChange}
          data={field.options.map((option) => ({ value: option, label: choiceText(option) }))}
        />
      );
    case 'engine':
      return <EngineField id={id} field={field} value={String(value)} isRefused={isRefused} engines={engines} onChange={onChange} />;
    case 'number':
      return (
        <NumberField key={remountKey} id={id} field={field} value={value as number | null} isRefused={isRefused} onChange={onChange} />
      );
    case 'words':
      return <WordsEditor id={id} words={value as string[]} max={field.max} maxLength={field.maxLength} onChange={onChange} />;
    case 'json':
      return <JsonEditor key={remountKey} id={id} value={value as Record<string, unknown>} onChange={onChange} />;
    case 'idle-messages':
      return <IdleMessagesEditor key={remountKey} id={id} messages={value as IdleMessage[]} onChange={onChange} />;
    case 'phrases':
      return <PhrasesEditor id={id} phrases={value as Phrase[]} onChange={onChange} />;
    case 'tools':
      return <ToolsEditor id={id} tools={value as AgentTool[]} onChange={onChange} />;
    case 'lines':
      return <LinesField key={remountKey} id={id} field={field} value={String(value)} isRefused={isRefused} onChange={onChange} />;
    case 'prompt':
      return <PromptEditor key={remountKey} id={id} value={String(value)} maxLength={field.maxLength} onChange={onChange} />;
    default:
      return <TextField key={remountKey} id={id} field={field} value={String(value)} isRefused={isRefused} onChange={onChange} />;
  }
}

interface EditorOf<Kind extends Field['kind'], Value> {
  id: string;
  field: Extract<Field, { kind: Kind }>;
  value: Value;
  isRefused: boolean;
  onChange(value: unknown): void;
}

function EngineField({ id, field, value, engines, onChange }: EditorOf<'engine', string> & { engines: readonly EngineChoice[] }) {
  const { t } = useTranslation();
  const known = engines.filter((engine) => engine.stage === field.stage);
  const data = known.map((engine) => ({
    value: engine.id,
    label: `${engine.id}${engine.languages.length > 0 ? ` (${engine.languages.join(', ')})` : ''}${engine.isAvailable ? '' : ` — ${t('settings.engineMissing', { missing: engine.missing ?? '' })}`}`,
    disabled: !engine.isAvailable,
  }));
  const extra = ['auto', value].filter(
    (each, index, all) =>
      all.indexOf(each) === index && !data.some((option) => option.value === each) && !(each === 'auto' && field.stage === 'llm'),
  );
  return (
    <Select
      id={id}
      allowDeselect={false}
      value={value}
      onChange={(next) => next !== null && onChange(next)}
      data={[...extra.map((each) => ({ value: each, label: each === 'auto' ? t('settings.auto') : each, disabled: false })), ...data]}
    />
  );
}

/** Applied when the field is left or Enter is pressed, not at every digit. What is out of limits is sent, and refused in words. */
function NumberField({ id, field, value, isRefused, onChange }: EditorOf<'number', number | null>) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<number | string>(value ?? '');
  const apply = (): void => {
    const next = draft === '' ? null : Number(draft);
    if (next !== value && (next !== null || field.isOptional === true)) onChange(next);
  };
  return (
    <NumberInput
      id={id}
      value={draft}
      step={field.step ?? 1}
      clampBehavior="none"
      error={isRefused}
      suffix={field.unit === undefined ? '' : ` ${t(`settings.unit.${field.unit}`)}`}
      {...(field.isOptional === true ? { placeholder: t(`settings.${field.empty ?? 'modelDecides'}`) } : {})}
      onChange={setDraft}
      onBlur={apply}
      onKeyDown={(event) => event.key === 'Enter' && apply()}
    />
  );
}

function TextField({ id, field, value, isRefused, onChange }: EditorOf<'text', string>) {
  const [draft, setDraft] = useState(value);
  const apply = (): void => {
    if (draft !== value) onChange(draft);
  };
  return (
    <TextInput
      id={id}
      value={draft}
      maxLength={field.maxLength}
      error={isRefused}
      onBlur={apply}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onKeyDown={(event) => event.key === 'Enter' && apply()}
    />
  );
}

/** A text input would take the breaks out of what is pasted; Enter makes one here. */
function LinesField({ id, field, value, isRefused, onChange }: EditorOf<'lines', string>) {
  const [draft, setDraft] = useState(value);
  return (
    <Textarea
      id={id}
      autosize
      minRows={2}
      maxRows={8}
      spellCheck={false}
      classNames={{ input: 'mono' }}
      value={draft}
      maxLength={field.maxLength}
      error={isRefused}
      onBlur={() => draft !== value && onChange(draft)}
      onChange={(event) => setDraft(event.currentTarget.value)}
    />
  );
}
