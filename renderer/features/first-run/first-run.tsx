import { Button, Loader } from '@mantine/core';
import { IconAlertTriangle, IconBolt, IconCheck, IconCircle, IconPlayerPlayFilled, IconTerminal2 } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DemoProgress } from '../../../preload/contract/boards.ts';
import { ErrorText } from '../../components/error-notice.tsx';
import { useAction } from '../../lib/actions.ts';
import { goTo } from '../../lib/location.ts';
import { useDemoProgress } from '../../lib/streams.ts';
import css from './first-run.module.css';

const steps = ['start', 'flash', 'boot', 'connect', 'greeting', 'ask', 'answer', 'saved'] as const;

/** An empty bench: what Talkbench is for, and one button that shows all of it on a board that is only software. */
export function FirstRun() {
  const { t, i18n } = useTranslation();
  const { run } = useAction();
  const progress = useDemoProgress();
  const [isRunning, setRunning] = useState(false);
  const isShown = isRunning || (progress !== null && progress.step !== 'idle');

  async function start(): Promise<void> {
    setRunning(true);
    const result = await run('demo.run', { language: i18n.language === 'zh' ? 'zh' : 'en' });
    setRunning(false);
    if (result !== null) goTo(`/sessions/${encodeURIComponent(result.sessionId)}`);
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
              <a href="#/monitor">{t('firstRun.plug')}</a>
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

function DemoSteps({ progress }: { progress: DemoProgress }) {
  const { t } = useTranslation();
  const reached = steps.indexOf(progress.step as (typeof steps)[number]);
  return (
    <ol className={css.steps} aria-label={t('firstRun.progress')}>
      {progress.error !== null && (
        <li data-state="failed">
          <IconAlertTriangle size={17} color="var(--danger)" aria-hidden />
          <ErrorText error={progress.error} />
        </li>
      )}
      {steps.map((step, index) => {
        const state =
          progress.error !== null
            ? 'waiting'
            : index < reached || progress.step === 'saved'
              ? 'done'
              : index === reached
                ? 'now'
                : 'waiting';
        return (
          <li key={step} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
            {state === 'done' ? (
              <IconCheck size={17} color="var(--accent)" aria-hidden />
            ) : state === 'now' ? (
              <Loader size={15} />
            ) : (
              <IconCircle size={17} opacity={0.4} aria-hidden />
            )}
            <span>{t(`firstRun.step.${step}`)}</span>
            {state === 'now' && progress.progress > 0 && <span className="quiet">{Math.round(progress.progress * 100)}%</span>}
          </li>
        );
      })}
    </ol>
  );
}
