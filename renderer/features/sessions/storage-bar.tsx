import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useReply } from '../../lib/actions.ts';
import { useSettings } from '../../lib/streams.ts';
import { RetentionDialog } from './retention-dialog.tsx';
import css from './sessions.module.css';

/** Sizes as a disk's: thousands of thousands. */
export function sizeText(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** How large the library is, what room is left, and for how long sessions are kept. */
export function StorageBar({ sessions }: { sessions: number }) {
  const { t } = useTranslation();
  const settings = useSettings();
  const [isOpen, setIsOpen] = useState(false);
  // Asked again when a session comes or goes.
  const { data } = useReply('sessions.storage', {}, { version: sessions });
  if (settings === null) return null;
  const { maximumGb, maximumAgeDays } = settings.retention;
  const limits = [
    ...(maximumGb > 0 ? [`${maximumGb} GB`] : []),
    ...(maximumAgeDays > 0 ? [`${t('sharing.maximumAgeDays')}: ${maximumAgeDays}`] : []),
  ];
  return (
    <footer className={css.storage}>
      {data !== undefined && (
        <>
          <span>{t('sharing.library', { size: sizeText(data.libraryBytes) })}</span>
          {data.freeBytes > data.libraryBytes / 10 && <span>{t('sharing.reusable', { size: sizeText(data.freeBytes) })}</span>}
          {data.diskFreeBytes !== null && <span>{t('sharing.disk', { size: sizeText(data.diskFreeBytes) })}</span>}
        </>
      )}
      <span style={{ flex: 1 }} />
      <span>{limits.length === 0 ? t('sharing.retentionOff') : limits.join(' · ')}</span>
      <Button variant="default" size="compact-xs" onClick={() => setIsOpen(true)}>
        {t('sharing.retention')}
      </Button>
      {isOpen && <RetentionDialog retention={settings.retention} onClose={() => setIsOpen(false)} />}
    </footer>
  );
}
