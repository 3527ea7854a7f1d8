import { Alert } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { errorSentences } from '../lib/errors.ts';

interface AnyError {
  code: string;
  data: Record<string, unknown>;
}

/** What went wrong, and what to do, in the reader's language. The code is there to be quoted. */
export function ErrorText({ error }: { error: AnyError }) {
  const { t } = useTranslation();
  const { what, next } = errorSentences(t, error);
  return (
    <div data-error-code={error.code}>
      <div style={{ color: 'var(--text)', fontWeight: 600, overflowWrap: 'anywhere' }}>{what}</div>
      <div style={{ color: 'var(--text-quiet)' }}>
        {next} <span className="mono">[{error.code}]</span>
      </div>
    </div>
  );
}

export function ErrorNotice({ error }: { error: AnyError }) {
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} py="xs" role="alert">
      <ErrorText error={error} />
    </Alert>
  );
}
