import { ActionIcon, Badge, Button, Tooltip } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconPlayerStop, IconRefresh, IconTerminal2, IconX } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import work from '../../components/work-card.module.css';
import { useAction } from '../../lib/actions.ts';
import { BootHelp } from './boot-help.tsx';
import { EquivalentCommands } from './equivalent-commands.tsx';
import css from './job.module.css';
import { JobFacts } from './job-facts.tsx';
import { JobFiles } from './job-files.tsx';
import { JobNotes } from './job-notes.tsx';
import { JobProgressBar } from './job-progress-bar.tsx';
import { JobSteps } from './job-steps.tsx';
import { JobTrace } from './job-trace.tsx';
import { BootKeySteps } from './module-package.tsx';
import { requestOf } from './started-jobs.ts';
import { useStart } from './use-start.ts';

const stateColours = { running: 'blue', done: 'trace', failed: 'red', cancelled: 'orange' } as const;

export interface JobCardProps {
  job: FlashJob;
  /** What the user calls the board. */
  name: string;
  /** One line until it is opened, for many boards side by side. */
  isCompact: boolean;
  /** Puts the card of a job that is over away. */
  onDismiss?: () => void;
  /** What a job of its kind found, below its steps. */
  children?: ReactNode;
}

/** All about one job on one board. */
export function JobCard({ job, name, isCompact, onDismiss, children }: JobCardProps) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState<boolean | null>(null);
  const board = job.label === null || job.label === '' ? name : `${job.label} · ${name}`;
  const isOpen = opened ?? !isCompact;
  return (
    <article
      className={`${work.card} ${css.card}`}
      aria-label={t('job.title', { board })}
      data-state={job.state}
      data-compact={!isOpen || undefined}
    >
      <header className={css.head}>
        <ActionIcon size={22} aria-label={t('job.more', { board })} aria-expanded={isOpen} onClick={() => setOpened(!isOpen)}>
          {isOpen ? <IconChevronDown size={15} aria-hidden /> : <IconChevronRight size={15} aria-hidden />}
        </ActionIcon>
        <h3 className={isOpen ? undefined : 'truncate'} title={job.address}>
          {board}
        </h3>
        {job.kind !== 'write' && <span className="quiet">{t(`job.kind.${job.kind}`)}</span>}
        <Badge variant="light" color={stateColours[job.state]} data-testid="flash-state" {...(isCompact ? {} : { role: 'status' })}>
          {t(`job.state.${job.state}`)}
        </Badge>
        <span className={css.grow} />
        <JobButtons job={job} board={board} isCompact={!isOpen} />
        {onDismiss !== undefined && job.state !== 'running' && (
          <Tooltip label={t('job.dismiss')}>
            <ActionIcon aria-label={`${t('job.dismiss')}: ${board}`} onClick={onDismiss}>
              <IconX size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
      </header>
      <JobProgressBar job={job} board={board} isAlone={!isOpen} />
      {job.error !== null && job.state !== 'cancelled' && <ErrorNotice error={job.error} />}
      {!isOpen && job.error !== null && (
        <p className="quiet">
          {t('job.board')} <span data-testid="board-state">{t(`job.boardState.${job.boardState}`)}</span>
        </p>
      )}
      {job.error?.code === 'flash/sync-timeout' && job.family === 'esp' && <BootHelp />}
      {isPressAwaited(job) && (job.family === 'cat1' ? <BootKeySteps isWaiting /> : <BootHelp />)}
      {isOpen && (
        <>
          <JobFacts job={job} />
          <JobSteps job={job} />
          <JobFiles job={job} />
          {children}
          <JobNotes notes={job.notes} warnings={job.warnings ?? []} />
          <div className={css.commands}>
            <EquivalentCommands commands={job.commands} isProvisioned={job.device !== null} />
          </div>
          <JobTrace jobId={job.jobId} board={board} />
        </>
      )}
    </article>
  );
}

function monitorOf({ address }: FlashJob): string {
  return `#/monitor?port=${encodeURIComponent(address)}`;
}

/** A person has to press a key, and nothing went on since it was said. */
function isPressAwaited({ state, stage, notes }: FlashJob): boolean {
  return state === 'running' && stage === 'connect' && notes.at(-1)?.code === 'press-boot';
}

function JobButtons({ job, board, isCompact }: { job: FlashJob; board: string; isCompact: boolean }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const { again, isBusy: isStarting } = useStart();
  // What erases is asked for by hand every time: by now another board may be on that port.
  const isRepeatable = job.kind !== 'erase' && requestOf(job.jobId) !== null;
  if (job.state === 'running')
    return (
      <Button
        variant="default"
        leftSection={<IconPlayerStop size={14} aria-hidden />}
        loading={isBusy}
        aria-label={`${t('job.cancel')}: ${board}`}
        onClick={() => void run('flash.cancel', { jobId: job.jobId })}
      >
        {t('job.cancel')}
      </Button>
    );
  if (isCompact)
    return (
      <>
        {isRepeatable && (
          <Tooltip label={t('job.retry')}>
            <ActionIcon
              {...(job.state === 'done' ? {} : { variant: 'filled', color: 'trace' })}
              aria-label={`${t('job.retry')}: ${board}`}
              loading={isStarting}
              onClick={() => void again(job.jobId)}
            >
              <IconRefresh size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
        <Tooltip label={t('job.toMonitor')}>
          <ActionIcon component="a" href={monitorOf(job)} aria-label={`${t('job.toMonitor')}: ${board}`}>
            <IconTerminal2 size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </>
    );
  return (
    <>
      {isRepeatable && (
        <Button
          variant={job.state === 'done' ? 'subtle' : 'filled'}
          color={job.state === 'done' ? 'gray' : 'trace'}
          leftSection={<IconRefresh size={14} aria-hidden />}
          loading={isStarting}
          aria-label={`${t('job.retry')}: ${board}`}
          onClick={() => void again(job.jobId)}
        >
          {t('job.retry')}
        </Button>
      )}
      <Tooltip label={job.address}>
        <Button
          component="a"
          href={monitorOf(job)}
          variant={job.state === 'done' ? 'light' : 'default'}
          leftSection={<IconTerminal2 size={14} aria-hidden />}
        >
          {t('job.toMonitor')}
        </Button>
      </Tooltip>
    </>
  );
}
