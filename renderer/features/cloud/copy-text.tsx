import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** Copies a text; `label` says which, to readers who do not see what stands beside it. */
export function CopyText({ text, label, children }: { text: string; label?: string; children?: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Button
          size="compact-sm"
          variant="default"
          disabled={text === ''}
          aria-label={label}
          leftSection={copied ? <IconCheck size={13} aria-hidden /> : <IconCopy size={13} aria-hidden />}
          onClick={copy}
        >
          {copied ? t('frame.copied') : (children ?? t('frame.copy'))}
        </Button>
      )}
    </CopyButton>
  );
}
