import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Batch } from '../../../../preload/contract/recipes.ts';
import { useAction } from '../../../lib/actions.ts';
import { saveFile } from '../../../lib/files.ts';
import { wallText } from '../../../lib/quantities.ts';
import { useFlashJobs } from '../../../lib/streams.ts';
import type { BenchBoards } from '../bench-boards.ts';
import { JobCard } from '../job-card.tsx';
import { JobSummary } from '../job-summary.tsx';
import css from './recipes.module.css';

export interface BatchViewProps {
  batch: Batch;
  bench: BenchBoards;
  /** What was typed for the values its recipe asks for. */
  variables: Record<string, string>;
}

/** How a batch stands: every board with its job, the result table to take away, and another go for those that failed. */
export function BatchView({ batch, bench, variables }: BatchViewProps) {
  const { t, i18n } = useTranslation();
  const { run, isBusy } = useAction();
  // A job's progress comes with the jobs; the batch itself says only when one begins and ends.
  const live = new Map((useFlashJobs() ?? []).map((job) => [job.jobId, job]));
  const boards = batch.boards.map((board) => ({ ...board, job: board.job === null ? null : (live.get(board.job.jobId) ?? board.job) }));
  const jobs = boards.flatMap(({ job }) => job ?? []);
  const failed = boards.filter(({ job }) => job?.state === 'failed' || job?.state === 'cancelled');
  const waiting = batch.state === 'running' ? boards.length - jobs.length : 0;

  async function save(format: 'csv' | 'json'): Promise<void> {
    const table = await run('batch.export', { batchId: batch.batchId, format, language: i18n.language === 'zh' ? 'zh' : 'en' });
    if (table !== null) saveFile(table.name, new TextEncoder().encode(table.text));
  }
  const { recipeId } = batch;
  function again(): void {
    if (recipeId === null) return;
    void run('batch.start', { recipeId, boards: failed.map(({ address, label }) => ({ address, label })), variables });
  }

  return (
    <div className={css.view} data-testid="batch">
      <h3>{t('recipes.batch.of', { name: batch.name, when: wallText(batch.startedWallMs) })}</h3>
      <JobSummary
        jobs={jobs}
        waiting={waiting}
        isBusy={isBusy}
        onCancelAll={() => void run('batch.cancel', { batchId: batch.batchId })}
        onRetryFailed={recipeId !== null && batch.state !== 'running' ? again : null}
      >
        {(['csv', 'json'] as const).map((format) => (
          <Button
            key={format}
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden />}
            aria-label={t('job.summary.export', { format: format.toUpperCase() })}
            onClick={() => void save(format)}
          >
            {format.toUpperCase()}
          </Button>
        ))}
      </JobSummary>
      {boards.map(({ address, label, job }) =>
        job === null ? (
          <p key={address} className={css.waiting}>
            {label === '' ? bench.nameOf(address) : `${label} · ${bench.nameOf(address)}`}{' '}
            <span className="quiet">{t('recipes.batch.waiting')}</span>
          </p>
        ) : (
          <JobCard key={address} job={job} name={bench.nameOf(address)} isCompact={boards.length > 1} />
        ),
      )}
    </div>
  );
}
