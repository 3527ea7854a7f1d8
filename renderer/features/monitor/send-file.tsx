import { Button, FileButton, Progress } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { PortState } from '../../../preload/contract/ports.ts';
import { useAction } from '../../lib/actions.ts';
import { readFile } from '../../lib/files.ts';
import { Tool } from './tool.tsx';

/** Sends a file as it is, in pieces; while it goes, how far it is and a way to stop it. */
export function SendFile({ port }: { port: PortState }) {
  const { t } = useTranslation();
  const { run } = useAction();
  const { sending, address } = port;
  if (sending !== undefined)
    return (
      <Button
        variant="light"
        onClick={() => void run('ports.cancelSend', { address })}
        leftSection={
          <Progress w={50} value={(sending.sentBytes / Math.max(1, sending.totalBytes)) * 100} aria-label={t('monitor.sending.file')} />
        }
      >
        {t('monitor.sending.stop')}
      </Button>
    );
  return (
    <FileButton
      onChange={(file) => {
        if (file === null) return;
        void readFile(file).then((data) => run('ports.sendFile', { address, data }));
      }}
    >
      {({ onClick }) => (
        <Tool label={t('monitor.sending.file')} onClick={onClick} disabled={port.state !== 'open'}>
          <IconFileUpload size={16} />
        </Tool>
      )}
    </FileButton>
  );
}
