import { Button, Loader } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCircle, IconEyeOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { WifiSetupRun, WifiSetupStep } from '../../../preload/contract/wifi-setup.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import work from '../../components/work-card.module.css';
import { useAction } from '../../lib/actions.ts';
import { durationText, instantText } from '../../lib/quantities.ts';
import css from './wifi-setup.module.css';

/** One setup: its steps as they tick off, what to do meanwhile, and how it ended. */
export function RunCard({ run }: { run: WifiSetupRun }) {
  const { t } = useTranslation();
  const { run: act, isBusy } = useAction();
  const { runId, ssid, method, state, steps, device, error, reached } = run;
  const board = boardName(run) ?? t('wifiSetup.virtualTarget');
  const isRunning = state === 'running';
  const isJoining = steps.some(({ name, state: of }) => name === 'join-board' && of === 'running');
  return (
    <article className={`${work.card} ${css.card}`} data-state={state} aria-label={`${ssid} → ${board}`}>
      <header className={css.cardHead}>
        <h3 className="truncate">{ssid}</h3>
        <span className="quiet truncate">
          {t(`wifiSetup.method.${method}`)} · {board}
        </span>
        <span className={css.grow} />
        <strong>{t(`wifiSetup.state.${state}`)}</strong>
        {isJoining && (
          <Button size="compact-sm" loading={isBusy} onClick={() => void act('wifi.joined', { runId })}>
            {t('wifiSetup.joined')}
          </Button>
        )}
        {isRunning && (
          <Button size="compact-sm" variant="default" data-key="cancel" onClick={() => void act('wifi.cancel', { runId })}>
            {t('wifiSetup.cancel')}
          </Button>
        )}
      </header>
      <ol className={css.steps} aria-label={t('wifiSetup.steps')}>
        {steps.map((step) => (
          <StepRow key={step.name} step={step} />
        ))}
      </ol>
      {device !== null && <p className="mono quiet">{[device.productId, device.deviceName].filter((part) => part !== null).join(' / ')}</p>}
      {state === 'done' && <p>{t(`wifiSetup.reached.${reached}`)}</p>}
      {error !== null && <ErrorNotice error={error} />}
      <RunTrace run={run} board={board} />
    </article>
  );
}

/** Null for a board in software. */
function boardName({ target }: WifiSetupRun): string | null {
  return target === 'virtual' ? null : target;
}

const helped = ['join-board', 'link', 'reply', 'leave', 'wifi', 'token', 'online', 'bound'] as const;

function StepRow({ step: { name, state, elapsedMs } }: { step: WifiSetupStep }) {
  const { t } = useTranslation();
  const help = helped.find((each) => each === name);
  return (
    <li aria-current={state === 'running' ? 'step' : undefined} data-state={state}>
      <StepSign state={state} />
      <span>{t(`wifiSetup.step.${name}`)}</span>
      <span className="quiet">
        {state === 'unseen' ? t('wifiSetup.unseen') : state !== 'running' && elapsedMs !== null ? durationText(elapsedMs * 1000) : ''}
      </span>
      {state === 'running' && help !== undefined && <p className="quiet">{t(`wifiSetup.help.${help}`)}</p>}
    </li>
  );
}

function StepSign({ state }: { state: WifiSetupStep['state'] }) {
  if (state === 'running') return <Loader size={13} />;
  if (state === 'done') return <IconCheck size={15} color="var(--accent)" aria-hidden />;
  if (state === 'failed') return <IconAlertTriangle size={15} color="var(--danger)" aria-hidden />;
  if (state === 'unseen') return <IconEyeOff size={15} aria-hidden />;
  return <IconCircle size={13} aria-hidden />;
}

const signs = { sent: '→', received: '←', note: '·' } as const;

/** For who wants to know; without password and token, which the core has taken out. */
function RunTrace({ run: { trace, startedUs }, board }: { run: WifiSetupRun; board: string }) {
  const { t } = useTranslation();
  if (trace.length === 0) return null;
  return (
    <details className={css.fold}>
      <summary>{t('wifiSetup.trace')}</summary>
      <pre
        className={css.trace}
        role="log"
        aria-label={t('wifiSetup.traceOf', { board })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key
        tabIndex={0}
      >
        {trace.map(({ atUs, direction, text }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever appended
          <span key={index} data-direction={direction}>
            {`${instantText(atUs - startedUs)} ${signs[direction]} ${text}\n`}
          </span>
        ))}
      </pre>
    </details>
  );
}
