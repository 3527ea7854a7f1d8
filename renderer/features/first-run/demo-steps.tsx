import { Loader } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { DemoProgress } from '../../../preload/contract/boards.ts';
import { ErrorText } from '../../components/error-notice.tsx';
import css from './first-run.module.css';

const steps = ['start', 'flash', 'boot', 'connect', 'greeting', 'ask', 'answer', 'saved'] as const;

/** Whether the demonstration is under way: from its first step to the session it leaves. */
export function isDemoRunning(progress: DemoProgress): boolean {
  return !['idle', 'saved', 'failed'].includes(progress.step);
}

/** How far the demonstration is. `isBand`: across the top of the log it speaks of, instead of in a column. */
export function DemoSteps({ progress, isBand = false }: { progress: DemoProgress; isBand?: boolean }) {
  const { t } = useTranslation();
  const reached = steps.indexOf(progress.step as (typeof steps)[number]);
  return (
    <ol className={isBand ? css.band : css.steps} aria-label={t('firstRun.progress')}>
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
