import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../lib/actions.ts';
import css from './wifi-setup.module.css';

/** What a board remembers of a setup that failed. */
export function BoardLog() {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [lines, setLines] = useState<string[] | null>(null);
  async function read(): Promise<void> {
    const reply = await run('wifi.readLog', {});
    if (reply !== null) setLines(reply.lines);
  }
  return (
    <details className={css.fold}>
      <summary>{t('wifiSetup.log.title')}</summary>
      <div className={css.folded}>
        <p className="quiet">{t('wifiSetup.log.what')}</p>
        <Button variant="default" loading={isBusy} onClick={() => void read()}>
          {t('wifiSetup.log.read')}
        </Button>
        {lines !== null && <pre className={css.trace}>{lines.length === 0 ? t('wifiSetup.log.empty') : lines.join('\n')}</pre>}
      </div>
    </details>
  );
}
