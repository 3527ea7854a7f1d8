import { Button } from '@mantine/core';
import { IconTerminal2 } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useToasts } from '../../lib/toasts.ts';

/** The same as the screen shows, for a terminal or a script. */
export function CopyCommand({ command }: { command: string }) {
  const { t } = useTranslation();
  const show = useToasts((state) => state.show);
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(command);
    show({ kind: 'done', text: t('latency.copied') });
  }
  return (
    <Button variant="default" title={command} leftSection={<IconTerminal2 size={15} aria-hidden />} onClick={() => void copy()}>
      {t('latency.copyCommand')}
    </Button>
  );
}
