import { Button } from '@mantine/core';
import { IconRotateClockwise } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { PortState } from '../../../preload/contract/ports.ts';
import { useAction } from '../../lib/actions.ts';

/** A log without rows. What a board said before its port was opened is gone: a reset makes it say it again. */
export function Silent({ ports }: { ports: readonly PortState[] }) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const port = ports[0];
  if (port !== undefined && port.state !== 'open') return <p>{t('monitor.nothingYet')}</p>;
  return (
    <>
      <p>{t('monitor.silent')}</p>
      {port !== undefined && (
        <Button
          size="sm"
          variant="default"
          leftSection={<IconRotateClockwise size={15} />}
          loading={isBusy}
          onClick={() => void run('ports.reset', { address: port.address, into: 'run' })}
        >
          {t('monitor.resetInto.run')}
        </Button>
      )}
    </>
  );
}
