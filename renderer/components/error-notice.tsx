import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { errorSentences } from '../lib/errors.ts';
import css from './error-notice.module.css';

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
      <div className={css.what}>{what}</div>
      <div className="quiet">
        {next} <span className="mono">[{error.code}]</span>
      </div>
    </div>
  );
}

export function ErrorNotice({ error }: { error: AnyError }) {
  return (
    <div className={css.notice} role="alert">
      <IconAlertTriangle size={18} color="var(--danger)" aria-hidden />
      <ErrorText error={error} />
    </div>
  );
}
