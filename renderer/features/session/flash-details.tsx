import { Badge, CopyButton, Tooltip, UnstyledButton } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlashRecord, SessionSummary } from '../../../preload/contract/sessions.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { bytesText, clockText, durationText, hexText } from '../../lib/quantities.ts';
import css from './flash-details.module.css';

const stateColours: Record<string, string> = { done: 'trace', failed: 'red', cancelled: 'orange' };
/** As many letters of a digest tell two builds apart. */
const shownDigest = 12;

/** One flash job as it was recorded: with what, what, when, how it ended, and how it left the board. */
export function FlashDetails({ flash, session }: { flash: FlashRecord; session: SessionSummary }) {
  const { t } = useTranslation();
  const { tool, files, result, error, atUs, elapsedMs } = flash;
  const endUs = atUs + elapsedMs * 1000;
  const clock = (us: number) => clockText(session.startedWallMs + us / 1000);
  return (
    <div className={css.details} data-testid="flash-details">
      <div className={css.head}>
        <strong>{t(`job.kind.${flash.kind as 'write'}`, { defaultValue: flash.kind })}</strong>
        <Badge variant="light" color={stateColours[flash.state] ?? 'gray'}>
          {t(`job.state.${flash.state as 'done'}`, { defaultValue: flash.state })}
        </Badge>
        <span className="mono quiet truncate" title={flash.address}>
          {flash.label ? `${flash.label} · ${flash.address}` : flash.address}
        </span>
      </div>
      {error !== null && flash.state !== 'cancelled' && <ErrorNotice error={error} />}
      <dl className={css.facts}>
        {flash.boardState !== null && (
          <Fact name={t('job.board')}>{t(`job.boardState.${flash.boardState as 'running'}`, { defaultValue: flash.boardState })}</Fact>
        )}
        {flash.chip !== null && (
          <Fact name={t('job.chip')}>
            <span className="mono">{[flash.chip, flash.mac].filter((each) => each !== null).join(' · ')}</span>
          </Fact>
        )}
        {flash.device !== null && (
          <Fact name={t('job.device')}>
            <span className="mono">
              {flash.device.productId}/{flash.device.deviceName}
            </span>
          </Fact>
        )}
        <Fact name={t('job.record.tool')}>
          {tool.name} {tool.version} · {t(`job.record.family.${tool.family as 'esp'}`, { defaultValue: tool.family })}
        </Fact>
        <Fact name={t('job.record.times')}>
          <span className="mono">
            {clock(atUs)} – {clock(endUs)}
          </span>{' '}
          <span className="quiet">{durationText(elapsedMs * 1000)}</span>
        </Fact>
      </dl>
      {files.length > 0 && (
        <table className={css.files} aria-label={t('job.record.files')}>
          <tbody>
            {files.map(({ offset, name, sizeBytes, sha256, verified }) => (
              <tr key={`${offset} ${name}`}>
                <td className="mono quiet">{hexText(offset)}</td>
                <td className={`mono truncate ${css.name}`} title={name}>
                  {name}
                </td>
                <td className={css.number}>{bytesText(sizeBytes)}</td>
                <td>
                  <Digest sha256={sha256} file={name} />
                </td>
                <td>
                  {verified === true && <IconCheck size={14} color="var(--accent)" aria-label={t('job.verified')} />}
                  {verified === false && <IconAlertTriangle size={14} color="var(--danger)" aria-label={t('job.notVerified')} />}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {result !== null && (
        <div className={css.head}>
          <span className="mono truncate" title={result.name}>
            {result.name}
          </span>
          <span className="quiet">{bytesText(result.sizeBytes)}</span>
          <Digest sha256={result.sha256} file={result.name} />
        </div>
      )}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="quiet">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Its beginning; all of it under the pointer, and in the clipboard with a click. */
function Digest({ sha256, file }: { sha256: string; file: string }) {
  const { t } = useTranslation();
  if (sha256 === '') return <span className="quiet">—</span>;
  return (
    <CopyButton value={sha256}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t('flash.copied') : sha256} classNames={{ tooltip: 'mono' }}>
          <UnstyledButton className={`mono ${css.digest}`} aria-label={t('job.record.copyDigest', { file })} onClick={copy}>
            SHA-256 {sha256.slice(0, shownDigest)}…
          </UnstyledButton>
        </Tooltip>
      )}
    </CopyButton>
  );
}
