import { Button } from '@mantine/core';
import { IconDeviceFloppy } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlashJob } from '../../../../preload/contract/flash.ts';
import { useAction } from '../../../lib/actions.ts';
import { saveFile } from '../../../lib/files.ts';
import { bytesText } from '../../../lib/quantities.ts';
import css from './tools.module.css';

/** As much as one answer carries. */
const pieceBytes = 1_048_576;

/** Fetches what a job read from a board, piece by piece, and saves it as a file. */
export function SaveResult({ jobId, result }: { jobId: string; result: NonNullable<FlashJob['result']> }) {
  const { t } = useTranslation();
  const { run } = useAction();
  const [share, setShare] = useState<number | null>(null);
  async function save(): Promise<void> {
    const data = new Uint8Array(result.sizeBytes);
    for (let offset = 0; offset < result.sizeBytes; offset += pieceBytes) {
      setShare(Math.round((offset / result.sizeBytes) * 100));
      const piece = await run('flash.result', { jobId, offset, sizeBytes: Math.min(pieceBytes, result.sizeBytes - offset) });
      if (piece === null) {
        setShare(null);
        return;
      }
      data.set(piece.data, offset);
    }
    setShare(null);
    saveFile(result.name, data);
  }
  return (
    <div className={css.result}>
      <Button leftSection={<IconDeviceFloppy size={15} aria-hidden />} disabled={share !== null} onClick={() => void save()}>
        {share === null ? t('job.saveResult', { name: result.name }) : t('job.saving', { share })}
      </Button>
      <span className="quiet">{bytesText(result.sizeBytes)}</span>
      <span className="mono quiet truncate" title={result.sha256}>
        SHA-256 {result.sha256}
      </span>
    </div>
  );
}
