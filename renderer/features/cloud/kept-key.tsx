import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './services.module.css';

interface KeptKeyProps {
  label: string;
  /** What it is for, and whether one is kept. */
  hint: string;
  isSet: boolean;
  isBusy: boolean;
  minLength?: number;
  maxLength: number;
  /** Resolves to whether it was done. */
  onPut(key: string | null): Promise<boolean>;
}

/** A key that is kept, and never shown again. */
export function KeptKey({ label, hint, isSet, isBusy, minLength = 1, maxLength, onPut }: KeptKeyProps) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState('');
  const isReady = draft.length >= minLength && !isBusy;

  async function put(key: string | null): Promise<void> {
    if (await onPut(key)) setDraft('');
  }

  return (
    <div className={css.row} data-end>
      <PasswordInput
        className={css.grow}
        size="xs"
        label={label}
        description={hint}
        value={draft}
        maxLength={maxLength}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': t('callbacks.showKey') }}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Enter' && isReady && void put(draft)}
      />
      <Button size="xs" disabled={!isReady} onClick={() => void put(draft)}>
        {t('callbacks.keep')}
      </Button>
      {isSet && (
        <Button size="xs" variant="default" disabled={isBusy} onClick={() => void put(null)}>
          {t('callbacks.forget')}
        </Button>
      )}
    </div>
  );
}
