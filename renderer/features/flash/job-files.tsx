import { Progress } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import { bytesText, hexText } from '../../lib/quantities.ts';
import css from './job.module.css';

/** Every file with how far it is, and whether it reads back the same. */
export function JobFiles({ job }: { job: FlashJob }) {
  const { t } = useTranslation();
  if (job.files.length === 0) return null;
  return (
    <div className={css.files}>
      {job.files.map((file) => (
        <div key={`${file.offset} ${file.name}`} className={css.file}>
          <span className="mono quiet">{hexText(file.offset)}</span>
          <span className="mono truncate" title={file.name}>
            {file.name}
          </span>
          <Progress
            size="sm"
            value={file.sizeBytes === 0 ? 100 : (file.writtenBytes / file.sizeBytes) * 100}
            aria-label={t('job.fileProgress', { file: file.name })}
          />
          <span className={css.number}>{bytesText(file.sizeBytes)}</span>
          <span>
            {file.verified === true ? (
              <span title={file.md5 ?? ''}>
                <IconCheck size={14} color="var(--accent)" aria-label={t('job.verified')} />
              </span>
            ) : file.verified === false ? (
              <IconAlertTriangle size={14} color="var(--danger)" aria-label={t('job.notVerified')} />
            ) : null}
          </span>
        </div>
      ))}
    </div>
  );
}
