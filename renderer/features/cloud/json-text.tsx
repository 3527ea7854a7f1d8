import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { objectOf } from '../settings/json-editor.tsx';

interface JsonTextProps {
  label: string;
  value: Readonly<Record<string, unknown>>;
  minRows?: number;
  onChange(value: Record<string, unknown>): void;
}

/** A JSON object as text, applied with every key as long as it is one; what is not yet one stays as it was typed. */
export function JsonText({ label, value, minRows = 8, onChange }: JsonTextProps) {
  const { t } = useTranslation();
  const written = JSON.stringify(value, null, 2);
  const [draft, setDraft] = useState<{ text: string; of: string } | null>(null);
  // The same object written otherwise stays as it was typed; another one, changed elsewhere, replaces it.
  const isCurrent = draft !== null && draft.of === written;
  const text = isCurrent ? draft.text : written;
  return (
    <Textarea
      size="xs"
      label={label}
      autosize
      minRows={minRows}
      maxRows={22}
      spellCheck={false}
      classNames={{ input: 'mono' }}
      value={text}
      error={objectOf(text) === null && t('settings.badJson')}
      onChange={(event) => {
        const next = event.currentTarget.value;
        const parsed = objectOf(next);
        setDraft({ text: next, of: parsed === null ? written : JSON.stringify(parsed, null, 2) });
        if (parsed !== null) onChange(parsed);
      }}
    />
  );
}
