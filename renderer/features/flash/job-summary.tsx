import { Button } from '@mantine/core';
import { IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import css from './job.module.css';

export interface JobSummaryProps {
  jobs: readonly FlashJob[];
  /** Of boards whose job has not begun. */
  waiting?: number;
  isBusy: boolean;
  onCancelAll(): void;
  /** Null when they cannot be started again from here. */
  onRetryFailed: (() => void) | null;
  children?: React.ReactNode;
}

/** How it stands with all of them, in one line that is read out when it changes. */
export function JobSummary({ jobs, waiting = 0, isBusy, onCancelAll, onRetryFailed, children }: JobSummaryProps) {
  const { t } = useTranslation();
  const count = (state: FlashJob['state']): number => jobs.filter((job) => job.state === state).length;
  const failed = count('failed') + count('cancelled');
  return (
    <section className={css.summary} aria-label={t('job.summary.label')}>
      <p role="status" data-testid="flash-summary">
        {count('done') > 0 && <span data-state="done">{t('job.summary.done', { count: count('done') })}</span>}
        {count('failed') > 0 && <span data-state="failed">{t('job.summary.failed', { count: count('failed') })}</span>}
        {count('cancelled') > 0 && <span data-state="cancelled">{t('job.summary.cancelled', { count: count('cancelled') })}</span>}
        {count('running') > 0 && <span>{t('job.summary.running', { count: count('running') })}</span>}
        {waiting > 0 && <span>{t('job.summary.waiting', { count: waiting })}</span>}
      </p>
      <span className={css.grow} />
      {count('running') + waiting > 1 && (
        <Button variant="default" leftSection={<IconPlayerStop size={14} aria-hidden />} onClick={onCancelAll} data-key="cancel">
          {t('job.summary.cancelAll')}
        </Button>
      )}
      {onRetryFailed !== null && failed > 0 && (
        <Button loading={isBusy} leftSection={<IconRefresh size={14} aria-hidden />} onClick={onRetryFailed} data-key="retry">
          {t('job.summary.retryFailed', { count: failed })}
        </Button>
      )}
      {children}
    </section>
  );
}
