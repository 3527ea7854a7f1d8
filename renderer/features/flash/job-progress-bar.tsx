import { Progress } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import { bytesText, durationText } from '../../lib/quantities.ts';
import css from './job.module.css';

const colours = { running: 'trace', done: 'trace', failed: 'red', cancelled: 'orange' } as const;

/** How far it is, how fast, and how long it will take; afterwards how long it took. `isAlone`: nothing else tells which board it is. */
export function JobProgressBar({ job, board, isAlone }: { job: FlashJob; board: string; isAlone: boolean }) {
  const { t } = useTranslation();
  const hasBytes = job.totalBytes > 0;
  const share = hasBytes ? job.writtenBytes / job.totalBytes : job.state === 'done' ? 1 : 0;
  const elapsedMs = job.stages.reduce((sum, stage) => sum + stage.elapsedMs, 0);
  const unchangedBytes = job.files.reduce((sum, file) => sum + file.unchangedBytes, 0);
  const isRunning = job.state === 'running';
  const facts = [
    ...(hasBytes ? [`${bytesText(job.writtenBytes)} / ${bytesText(job.totalBytes)}`] : []),
    ...(isRunning ? [t(`job.step.${job.stage}`)] : []),
    ...(isRunning && job.bytesPerSecond !== null ? [t('job.perSecond', { speed: bytesText(Math.round(job.bytesPerSecond)) })] : []),
    ...(isRunning && job.etaMs !== null ? [t('job.eta', { time: durationText(job.etaMs * 1000) })] : []),
    ...(!isRunning && elapsedMs > 0 ? [durationText(elapsedMs * 1000)] : []),
    ...(!isRunning && unchangedBytes > 0 ? [t('job.unchanged', { size: bytesText(unchangedBytes) })] : []),
    ...(job.chip === null || !isAlone ? [] : [job.chip.mac ?? job.chip.chip]),
  ];
  return (
    <div className={css.total}>
      <Progress size="md" value={share * 100} color={colours[job.state]} animated={isRunning} aria-label={t('job.progress', { board })} />
      <div className={css.totalFacts}>
        {hasBytes && <strong>{Math.round(share * 100)}%</strong>}
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      </div>
    </div>
  );
}
