import { Button, NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { EngineField } from '../../../preload/contract/engines.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { errorSentences } from '../../lib/errors.ts';
import css from './engines.module.css';

interface ProfileFieldProps {
  field: EngineField;
  value: unknown;
  /** What was typed of a secret; null: to be forgotten. */
  secret: string | null | undefined;
  isStored: boolean;
  isBadJson: boolean;
  refused: TalkErrorValue | null;
  onChange(value: unknown): void;
  onSecret(value: string | null): void;
}

/** One thing an engine kind asks for, by its kind. */
export function ProfileField(props: ProfileFieldProps) {
  const { t } = useTranslation();
  const { field, value, secret, isStored, isBadJson, refused, onChange, onSecret } = props;
  const label = t(`engines.field.${field.name as 'apiKey'}`, { defaultValue: field.name });
  const error = isBadJson ? t('engines.badJson') : refused === null ? undefined : errorSentences(t, refused).what;
  // A stored secret fills its field although that is empty.
  const common = { label, error, withAsterisk: field.isRequired, 'data-field': field.name };
  switch (field.kind) {
    case 'secret':
      return (
        <div className={css.secret}>
          <PasswordInput
            {...common}
            size="xs"
            className={css.grow}
            autoComplete="off"
            placeholder={secret === null ? t('engines.forgotten') : isStored ? t('engines.stored') : t('engines.notStored')}
            value={secret ?? ''}
            onChange={(event) => onSecret(event.currentTarget.value)}
          />
          {isStored && secret !== null && !field.isRequired && (
            <Button variant="default" aria-label={t('engines.forgetSecret', { name: label })} onClick={() => onSecret(null)}>
              {t('engines.forget')}
            </Button>
          )}
        </div>
      );
    case 'switch':
      return <Switch label={label} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
    case 'number':
      return (
        <NumberInput
          {...common}
          value={value as number | string}
          {...(field.min === undefined ? {} : { min: field.min })}
          {...(field.max === undefined ? {} : { max: field.max })}
          clampBehavior="none"
          onChange={onChange}
        />
      );
    case 'choice':
      return (
        <Select
          {...common}
          data={field.options ?? []}
          value={String(value ?? '')}
          allowDeselect={!field.isRequired}
          onChange={(next) => onChange(next ?? '')}
        />
      );
    case 'json':
      return (
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxRows={10}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    default:
      // A script has lines; every other text is one.
      return field.name === 'script' ? (
        <Textarea
          {...common}
          autosize
          minRows={8}
          maxRows={18}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        <TextInput
          {...common}
          spellCheck={false}
          {...(field.placeholder === undefined ? {} : { placeholder: field.placeholder })}
          description={field.kind === 'folder' ? t('engines.models.folderHint') : undefined}
          value={String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
