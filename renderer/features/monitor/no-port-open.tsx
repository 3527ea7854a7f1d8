import { Button } from '@mantine/core';
import { IconCpu } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../lib/actions.ts';
import { useBoards } from '../../lib/streams.ts';
import css from './monitor.module.css';

const virtualBoardName = 'bench';

/** Nothing is open: what to do about it, and the way that needs no hardware. */
export function NoPortOpen({ onOpened }: { onOpened(address: string): void }) {
  const { t, i18n } = useTranslation();
  const { run, isBusy } = useAction();
  const boards = useBoards();

  async function start(): Promise<void> {
    const board = await run('boards.start', { name: virtualBoardName, language: i18n.language === 'zh' ? 'zh' : 'en' });
    if (board === null) return;
    const opened = await run('ports.open', { address: board.address, options: {} });
    if (opened !== null) onOpened(opened.address);
  }

  return (
    <section className={css.empty} aria-labelledby="no-port-title">
      <h2 id="no-port-title">{t('monitor.openOne')}</h2>
      <p>{t('monitor.openHint')}</p>
      {boards?.length === 0 && (
        <Button variant="default" size="sm" leftSection={<IconCpu size={16} />} loading={isBusy} onClick={() => void start()}>
          {t('monitor.startVirtual')}
        </Button>
      )}
    </section>
  );
}
