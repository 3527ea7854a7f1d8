import { Button } from '@mantine/core';
import { IconBolt, IconPlayerPlayFilled, IconTerminal2 } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useAction } from '../../lib/actions.ts';
import { currentPath, goTo } from '../../lib/location.ts';
import { useDemoProgress } from '../../lib/streams.ts';
import { DemoSteps, isDemoRunning } from './demo-steps.tsx';
import css from './first-run.module.css';

/** An empty bench: what Talkbench is for, and one button that shows all of it on a board that is only software. */
export function FirstRun() {
  const { t, i18n } = useTranslation();
  const { run } = useAction();
  const progress = useDemoProgress();
  const [path] = useLocation();
  const [isRunning, setRunning] = useState(false);
  const isShown = isRunning || (progress !== null && (isDemoRunning(progress) || progress.step === 'failed'));

  async function start(): Promise<void> {
    setRunning(true);
    // There the log of the board can be watched while it happens.
    goTo('/monitor');
    const result = await run('demo.run', { language: i18n.language === 'zh' ? 'zh' : 'en' });
    setRunning(false);
    // Whoever went to look at something else meanwhile is left there; the session is in the list.
    if (result !== null && currentPath() === '/monitor') goTo(`/sessions/${encodeURIComponent(result.sessionId)}`);
  }

  return (
    <section className={css.page} aria-labelledby="first-run-title">
      <div className={css.card}>
        <h2 id="first-run-title">{t('firstRun.title')}</h2>
        <p className="quiet">{t('firstRun.lead')}</p>
        <Button size="md" leftSection={<IconPlayerPlayFilled size={16} />} loading={isRunning} onClick={() => void start()}>
          {t('firstRun.try')}
        </Button>
        <p className={css.fine}>{t('firstRun.tryHint')}</p>
        {isShown && progress !== null && <DemoSteps progress={progress} />}
      </div>
      {!isShown && (
        <ul className={css.ways}>
          <li>
            <IconTerminal2 size={18} aria-hidden />
            <div>
              {path === '/monitor' ? <strong>{t('firstRun.plug')}</strong> : <a href="#/monitor">{t('firstRun.plug')}</a>}
              <div className="quiet">{t('firstRun.plugHint')}</div>
            </div>
          </li>
          <li>
            <IconBolt size={18} aria-hidden />
            <div>
              <a href="#/flash">{t('firstRun.flash')}</a>
              <div className="quiet">{t('firstRun.flashHint')}</div>
            </div>
          </li>
        </ul>
      )}
    </section>
  );
}
