import { Badge, Button, Loader, Progress } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCircle, IconTerminal2 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FlashJob, FlashStage } from '../../../preload/contract/flash.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useAction } from '../../lib/actions.ts';
import { bytesText, durationText, hexText } from '../../lib/quantities.ts';
import css from './flash.module.css';

const stages: readonly FlashStage[] = ['connect', 'identify', 'stub', 'baud', 'write', 'verify', 'reset'];
const stateColours = { running: 'blue', done: 'trace', failed: 'red', cancelled: 'orange' } as const;

export function FlashJobView({ job }: { job: FlashJob }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  return (
    <section className={css.job} aria-label={t('flash.job')}>
      <header className={css.jobHead}>
        <h2 className="mono truncate">{job.address}</h2>
        <Badge variant="light" color={stateColours[job.state]} data-testid="flash-state">
          {t(`flash.state.${job.state}`)}
        </Badge>
        <span className={css.grow} />
        {job.state === 'running' && (
          <Button variant="default" loading={isBusy} onClick={() => void run('flash.cancel', { jobId: job.jobId })}>
            {t('frame.cancel')}
          </Button>
        )}
        {job.state !== 'running' && (
          <Button
            component="a"
            href={`#/monitor?port=${encodeURIComponent(job.address)}`}
            variant={job.state === 'done' ? 'filled' : 'default'}
            leftSection={<IconTerminal2 size={15} />}
          >
            {t('flash.toMonitor')}
          </Button>
        )}
      </header>
      {job.error !== null && <ErrorNotice error={job.error} />}
      {job.error?.code === 'flash/sync-timeout' && <BootHelp />}
      <Total job={job} />
      <div className={css.columns}>
        <Stages job={job} />
        <dl className={css.chip}>
          <dt>{t('flash.chip')}</dt>
          <dd>{job.chip?.description ?? '—'}</dd>
          <dt>MAC</dt>
          <dd className="mono">{job.chip?.mac ?? '—'}</dd>
          <dt>{t('flash.flashSize')}</dt>
          <dd>
            {job.chip === null || job.chip.flashBytes === null ? '—' : bytesText(job.chip.flashBytes)}{' '}
            {job.chip !== null && job.chip.flashId !== null && <span className="mono quiet">{job.chip.flashId}</span>}
          </dd>
          <dt>{t('flash.board')}</dt>
          <dd data-testid="board-state">
            {t(job.state === 'running' ? 'flash.boardState.writing' : `flash.boardState.${job.boardState}`)}
          </dd>
        </dl>
      </div>
      <div className={css.files}>
        {job.files.map((file) => (
          <div key={`${file.offset} ${file.name}`} className={css.jobFile}>
            <span className="mono">{hexText(file.offset)}</span>
            <span className="truncate">{file.name}</span>
            <Progress value={file.sizeBytes === 0 ? 100 : (file.writtenBytes / file.sizeBytes) * 100} aria-label={file.name} />
            <span className={css.number}>{bytesText(file.sizeBytes)}</span>
            <span className={css.verified}>
              {file.verified === true ? (
                <span title={file.md5 ?? ''}>
                  <IconCheck size={14} color="var(--accent)" aria-label={t('flash.verified')} />
                </span>
              ) : file.verified === false ? (
                <IconAlertTriangle size={14} color="var(--danger)" aria-label={t('flash.notVerified')} />
              ) : null}
            </span>
          </div>
        ))}
      </div>
    </section>
  );
}

function Total({ job }: { job: FlashJob }) {
  const { t } = useTranslation();
  const share = job.totalBytes === 0 ? 0 : job.writtenBytes / job.totalBytes;
  const elapsedMs = job.stages.reduce((sum, stage) => sum + stage.elapsedMs, 0);
  return (
    <div className={css.total}>
      <Progress
        size="lg"
        value={share * 100}
        color={stateColours[job.state] === 'blue' ? 'trace' : stateColours[job.state]}
        animated={job.state === 'running'}
        aria-label={t('flash.total')}
      />
      <div className={css.totalFacts}>
        <strong>{Math.round(share * 100)}%</strong>
        <span>
          {bytesText(job.writtenBytes)} / {bytesText(job.totalBytes)}
        </span>
        {job.state === 'running' && job.bytesPerSecond !== null && <span>{bytesText(Math.round(job.bytesPerSecond))}/s</span>}
        {job.state === 'running' && job.etaMs !== null && <span>{t('flash.eta', { time: durationText(job.etaMs * 1000) })}</span>}
        {job.state !== 'running' && elapsedMs > 0 && <span>{durationText(elapsedMs * 1000)}</span>}
      </div>
    </div>
  );
}

function Stages({ job }: { job: FlashJob }) {
  const { t } = useTranslation();
  const done = new Map(job.stages.map((each) => [each.stage, each.elapsedMs]));
  return (
    <ol className={css.stages} aria-label={t('flash.stages')}>
      {stages.map((stage) => {
        const elapsedMs = done.get(stage);
        const isNow = stage === job.stage && elapsedMs === undefined;
        return (
          <li key={stage} aria-current={isNow ? 'step' : undefined}>
            {elapsedMs !== undefined ? (
              <IconCheck size={15} color="var(--accent)" aria-hidden />
            ) : isNow && job.state === 'running' ? (
              <Loader size={13} />
            ) : isNow && job.state !== 'done' ? (
              <IconAlertTriangle size={15} color="var(--danger)" aria-hidden />
            ) : (
              <IconCircle size={15} opacity={0.35} aria-hidden />
            )}
            <span>{t(`flash.stage.${stage}`)}</span>
            <span className={css.number}>{elapsedMs === undefined ? '' : durationText(elapsedMs * 1000)}</span>
          </li>
        );
      })}
    </ol>
  );
}

/** The board must enter its loader by hand: which two buttons, in which order. */
function BootHelp() {
  const { t } = useTranslation();
  return (
    <ol className={css.help}>
      <li>
        <kbd>BOOT</kbd> {t('flash.help.hold')}
      </li>
      <li>
        <kbd>EN</kbd> {t('flash.help.press')}
      </li>
      <li>
        <kbd>BOOT</kbd> {t('flash.help.release')}
      </li>
      <li>{t('flash.help.slower')}</li>
    </ol>
  );
}
