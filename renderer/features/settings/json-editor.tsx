import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

/** The object that a text is in JSON; null when it is none. Nothing is the empty object. */
export function objectOf(text: string): Record<string, unknown> | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

export interface JsonEditorProps {
  id?: string;
  value: Record<string, unknown>;
  label?: string;
  minRows?: number;
  onChange(next: Record<string, unknown>): void;
}

/** A JSON object as text; what is none is said beside it and goes nowhere. Applied when the field is left. */
export function JsonEditor({ id, value, label, minRows = 3, onChange }: JsonEditorProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(Object.keys(value).length === 0 ? '' : JSON.stringify(value, null, 2));
  const parsed = objectOf(draft);
  return (
    <Textarea
      {...(id === undefined ? {} : { id })}
      {...(label === undefined ? {} : { label })}
      autosize
      minRows={minRows}
      maxRows={14}
      spellCheck={false}
      placeholder="{}"
      classNames={{ input: 'mono' }}
      error={parsed === null && t('settings.badJson')}
      value={draft}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={() => {
        if (parsed !== null && JSON.stringify(parsed) !== JSON.stringify(value)) onChange(parsed);
      }}
    />
  );
}
