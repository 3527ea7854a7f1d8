import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import css from './secret-once.module.css';

/** What was made just now and is never told again: to be copied, with what it belongs to. */
export function SecretOnce({ secrets, hint }: { secrets: readonly { label: string; value: string }[]; hint: string }) {
  const { t } = useTranslation();
  return (
    <div className={css.box} role="status">
      <strong>{hint}</strong>
      {secrets.map(({ label, value }) => (
        <div key={label} className={css.row}>
          <span className={css.label}>{label}</span>
          <code className={css.value}>{value}</code>
          <CopyButton value={value}>
            {({ copied, copy }) => (
              <Button
                size="compact-xs"
                variant="default"
                className={css.copy}
                aria-label={`${t('frame.copy')}: ${label}`}
                leftSection={copied ? <IconCheck size={12} aria-hidden /> : <IconCopy size={12} aria-hidden />}
                onClick={copy}
              >
                {copied ? t('frame.copied') : t('frame.copy')}
              </Button>
            )}
          </CopyButton>
        </div>
      ))}
    </div>
  );
}
