import { Loader } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FlashJob, FlashStage } from '../../../preload/contract/flash.ts';
import { durationText } from '../../lib/quantities.ts';
import css from './job.module.css';

const reading: readonly FlashStage[] = ['connect', 'identify', 'stub', 'baud', 'read', 'reset'];
/** What is still to come, as far as a kind of job always has it; others show when they begin. */
const usual: Record<FlashJob['kind'], readonly FlashStage[]> = {
  write: ['connect', 'identify', 'stub', 'baud', 'write', 'verify', 'reset'],
  info: reading,
  read: reading,
  nvs: reading,
  erase: ['connect', 'identify', 'stub', 'baud', 'erase', 'reset'],
};

/** Steps in the order they were gone through, with the time of each, then those to come. */
export function JobSteps({ job }: { job: FlashJob }) {
  const { t } = useTranslation();
  const done = new Map<FlashStage, number>();
  for (const { stage, elapsedMs } of job.stages) done.set(stage, (done.get(stage) ?? 0) + elapsedMs);
  const isOver = job.state !== 'running';
  const isNowOpen = job.state === 'running' || job.state !== 'done';
  const current = isNowOpen && !(isOver && done.has(job.stage) && job.error === null) ? job.stage : null;
  const gone = [...done.keys()];
  const order = usual[job.kind];
  const ahead = isOver ? [] : order.slice(order.indexOf(job.stage) + 1).filter((stage) => !done.has(stage));
  const shown = [...gone.filter((stage) => stage !== current), ...(current === null ? [] : [current]), ...ahead];
  return (
    <ol className={css.steps} aria-label={t('job.steps')}>
      {shown.map((stage) => {
        const elapsedMs = done.get(stage);
        const isNow = stage === current;
        return (
          <li key={stage} aria-current={isNow ? 'step' : undefined} data-ahead={(!isNow && elapsedMs === undefined) || undefined}>
            {isNow && !isOver ? (
              <Loader size={12} />
            ) : isNow ? (
              <IconAlertTriangle size={14} color="var(--danger)" aria-hidden />
            ) : elapsedMs !== undefined ? (
              <IconCheck size={14} color="var(--accent)" aria-hidden />
            ) : (
              <IconCircle size={13} aria-hidden />
            )}
            {t(`job.step.${stage}`)}
            {elapsedMs !== undefined && <span className="quiet">{durationText(elapsedMs * 1000)}</span>}
          </li>
        );
      })}
    </ol>
  );
}
