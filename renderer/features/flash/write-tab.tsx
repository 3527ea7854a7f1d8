import { Button } from '@mantine/core';
import { IconBolt } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { CallRequest } from '../../../preload/contract/index.ts';
import type { Provisioning } from '../../../preload/contract/provisioning.ts';
import { useAction } from '../../lib/actions.ts';
import { useFlashJobs } from '../../lib/streams.ts';
import { useBenchBoards } from './bench-boards.ts';
import { BoardPicker } from './board-picker.tsx';
import { useChosenBoards } from './chosen-boards.ts';
import { isEmpty, isProvisioningAlone, planAgain, useChosenFirmware } from './chosen-firmware.ts';
import { FirmwarePanel } from './firmware-panel.tsx';
import css from './flash.module.css';
import { JobCard } from './job-card.tsx';
import { JobSummary } from './job-summary.tsx';
import { draftProblem, useProvisioningDraft } from './provisioning/draft.ts';
import { ListLeft } from './provisioning/list-left.tsx';
import { dismissJobs, shownJobs, useDismissedJobs } from './shown-jobs.ts';
import { requestOf } from './started-jobs.ts';
import { needsAgentboot, type Planned } from './use-plan.ts';
import { useStart } from './use-start.ts';
import { virtualKindFor } from './virtual-kind.ts';

/** As many cards are shown whole; more are one line each until they are opened. */
const mostOpenCards = 2;

export interface WriteTabProps {
  planned: Planned;
  request: CallRequest<'flash.plan'> | null;
  /** What each board gets beside the firmware, or without one. */
  provisioning: Provisioning | null;
}

/** A firmware on the left, boards and what becomes of them on the right. */
export function WriteTab({ planned, request, provisioning }: WriteTabProps) {
  const { t } = useTranslation();
  const bench = useBenchBoards();
  const addresses = useChosenBoards((chosen) => chosen.addresses);
  const jobs = useFlashJobs() ?? [];
  const { run } = useAction();
  const { start, again, isBusy } = useStart();
  const dismissed = useDismissedJobs(({ jobIds }) => jobIds);
  const shown = shownJobs(jobs, addresses, dismissed);
  const ended = shown.filter(({ state }) => state !== 'running');
  const busy = new Set(jobs.filter(({ state }) => state === 'running').map(({ address }) => address));
  const free = addresses.filter((address) => !busy.has(address));
  const chosen = useChosenFirmware();
  const isAlone = isProvisioningAlone(chosen, provisioning);
  const lacking = draftProblem(useProvisioningDraft(), addresses.length);
  const hint =
    addresses.length === 0
      ? 'board'
      : request === null || planned.plan === null
        ? whyNoPlan()
        : needsAgentboot(planned.plan)
          ? 'agentboot'
          : free.length === 0
            ? 'running'
            : lacking;

  function whyNoPlan() {
    if (planned.problem !== null) return 'problem';
    if (planned.isPending) return 'planning';
    return isEmpty(chosen) && provisioning !== null && !isAlone ? 'firmwareOrOnly' : 'firmware';
  }
  async function startAll(): Promise<void> {
    if (request === null || planned.plan === null || hint !== null) return;
    const { files } = planned.plan;
    const begun = await Promise.all(free.map((address) => start({ address, task: { kind: 'write', ...request }, planned: files })));
    // Files may have been written again meanwhile: what is shown is to be what the next press agrees to.
    if (begun.includes(null)) planAgain();
  }

  return (
    <div className={css.write}>
      <FirmwarePanel planned={planned} provisioning={provisioning} />
      <div className={css.side}>
        <BoardPicker bench={bench} virtualKind={virtualKindFor(planned.shown)} needsFirmware={isAlone} />
        <div className={css.go}>
          <Button
            size="sm"
            data-key="start"
            leftSection={<IconBolt size={17} aria-hidden />}
            disabled={hint !== null}
            loading={isBusy}
            onClick={() => void startAll()}
          >
            {t(`flash.${isAlone ? 'provision' : 'start'}${free.length > 1 ? 'Many' : ''}`, { count: free.length })}
          </Button>
          <span className="quiet">
            {hint !== null
              ? t(`flash.startHint.${hint}`)
              : `${provisioning === null || isAlone ? '' : t('flash.withProvisioning')} ${t('flash.lends')}`}
          </span>
        </div>
        {free.length > 0 && <ListLeft device={provisioning?.device} wanted={free.length} />}
        {shown.length > 1 && (
          <JobSummary
            jobs={shown}
            isBusy={isBusy}
            onCancelAll={() => {
              for (const { jobId, state } of shown) if (state === 'running') void run('flash.cancel', { jobId });
            }}
            onRetryFailed={
              shown.some(({ jobId }) => requestOf(jobId) !== null)
                ? () => {
                    for (const { jobId, state } of shown) if (state === 'failed' || state === 'cancelled') void again(jobId);
                  }
                : null
            }
          >
            {ended.length > 1 && (
              <Button variant="subtle" color="gray" onClick={() => dismissJobs(ended.map(({ jobId }) => jobId))}>
                {t('job.dismissEnded')}
              </Button>
            )}
          </JobSummary>
        )}
        <div className={css.cards}>
          {shown.length === 0 && (
            <div className={css.nothing}>
              <h2>{t('flash.nothing')}</h2>
              <p className="quiet">{t('flash.nothingHint')}</p>
            </div>
          )}
          {shown.map((job) => (
            <JobCard
              key={job.jobId}
              job={job}
              name={bench.nameOf(job.address)}
              isCompact={shown.length > mostOpenCards}
              onDismiss={() => dismissJobs([job.jobId])}
            />
          ))}
        </div>
      </div>
    </div>
  );
}
