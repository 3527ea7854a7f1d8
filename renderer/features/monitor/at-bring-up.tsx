import { ActionIcon, Button, CopyButton, TextInput, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCircle, IconCircleDotted, IconCopy, IconMinus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AtBringUp as AtBringUpReport, AtBringUpStep } from '../../../preload/contract/at.ts';
import { ErrorText } from '../../components/error-notice.tsx';
import { useAction } from '../../lib/actions.ts';
import css from './at-console.module.css';
import { reportText } from './at-report.ts';
import { outcomeOf, worstOf } from './at-state.ts';
import { AtValues, useValueText } from './at-values.tsx';

/** In the order of the chain, for a list that stands before the first run. */
const stepIds = [
  'answers',
  'identity',
  'firmware',
  'imei',
  'sim',
  'iccid',
  'imsi',
  'csq',
  'cesq',
  'radio',
  'registration',
  'operator',
  'attach',
  'bearer',
  'ping',
] as const satisfies readonly AtBringUpStep['id'][];

const icons = {
  waiting: IconCircle,
  running: IconCircleDotted,
  passed: IconCheck,
  warning: IconAlertTriangle,
  failed: IconX,
  skipped: IconMinus,
};

/** The fifteen steps as a checklist that fills itself; what failed says what to do. */
export function AtBringUp({ address, report, canStart }: { address: string; report: AtBringUpReport | null; canStart: boolean }) {
  const { t } = useTranslation();
  const { run } = useAction();
  const textOf = useValueText();
  const [host, setHost] = useState('www.baidu.com');
  const outcome = outcomeOf(report);
  const isRunning = outcome === 'running';
  const steps: AtBringUpStep[] =
    report?.steps ??
    stepIds.map((id, at) => ({ number: at + 1, id, commands: [], state: 'waiting', values: [], limits: [], evidence: [] }));

  function start(): void {
    void run('at.bringUp', { address, pingHost: host.trim() === '' ? null : host.trim() });
  }
  return (
    <>
      <div className={css.verdict} data-state={outcome} role="status">
        <span className={css.model}>
          <Verdict report={report} />
        </span>
        {report !== null && !isRunning && (
          <CopyButton value={reportText(t, report, textOf)}>
            {({ copied, copy }) => (
              <Tooltip label={t('at.bringUp.copy')}>
                <ActionIcon size={22} variant="subtle" aria-label={t(copied ? 'frame.copied' : 'at.bringUp.copy')} onClick={copy}>
                  {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
        )}
        {isRunning ? (
          <Button size="compact-xs" variant="default" onClick={() => void run('at.cancel', { address })}>
            {t('at.bringUp.cancel')}
          </Button>
        ) : (
          <Button size="compact-xs" disabled={!canStart} onClick={start}>
            {t(report === null ? 'at.bringUp.start' : 'at.bringUp.again')}
          </Button>
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.scroller} aria-label={t('at.view.bringUp')} tabIndex={0}>
        <ol className={css.steps} aria-label={t('at.bringUp.steps')}>
          {steps.map((step) => (
            <Step key={step.id} step={step} />
          ))}
        </ol>
        <p className={css.hint}>{t('at.bringUp.intro')}</p>
      </section>
      <TextInput
        size="xs"
        aria-label={t('at.bringUp.host')}
        placeholder={t('at.bringUp.host')}
        classNames={{ input: 'mono' }}
        autoComplete="off"
        spellCheck={false}
        disabled={isRunning}
        value={host}
        onChange={(event) => setHost(event.currentTarget.value)}
      />
    </>
  );
}

function Verdict({ report }: { report: AtBringUpReport | null }) {
  const { t } = useTranslation();
  if (report === null) return t('at.bringUp.none');
  const seconds = (report.elapsedMs / 1000).toFixed(1);
  switch (outcomeOf(report)) {
    case 'running':
      return t('at.bringUp.running', { step: report.steps.find(({ state }) => state === 'running')?.number ?? 1 });
    case 'passed':
      return t('at.bringUp.passed', { seconds });
    case 'warning':
      return t('at.bringUp.passedWith', { seconds, count: report.warnings });
    case 'cancelled':
      return t('at.bringUp.cancelled');
    default: {
      const cause = report.steps.find(({ number }) => number === report.firstFailed);
      return t('at.bringUp.failed', { step: report.firstFailed ?? 0, title: cause === undefined ? '' : t(`at.step.${cause.id}`) });
    }
  }
}

function Step({ step }: { step: AtBringUpStep }) {
  const { t } = useTranslation();
  const textOf = useValueText();
  const Icon = icons[step.state];
  const judged = step.values.filter(({ verdict }) => verdict !== 'unknown');
  const brief =
    step.state === 'skipped' && step.needs !== undefined
      ? t('at.bringUp.needs', { step: step.needs })
      : step.state === 'failed' && step.values.length === 0
        ? (step.evidence.at(-1) ?? '')
        : (judged.length > 0 ? judged : step.values).map((each) => textOf(each)).join(' · ');
  const head = (
    <>
      <span className={css.number}>{step.number}</span>
      <span className={css.mark} role="img" aria-label={t(`at.bringUp.state.${step.state}`)}>
        <Icon size={14} aria-hidden />
      </span>
      <span className={css.title}>{t(`at.step.${step.id}`)}</span>
      <span className={css.brief} data-verdict={step.state === 'failed' ? 'bad' : worstOf(step.values)} title={brief}>
        {brief}
      </span>
    </>
  );
  const isFine = step.state === 'passed' || step.state === 'skipped';
  const hasDetail = step.evidence.length > 0 || step.values.length > 0;
  return (
    <li className={css.step} data-state={step.state} data-step={step.id}>
      {hasDetail ? (
        <details>
          <summary>{head}</summary>
          <div className={css.detail}>
            <AtValues values={step.values} />
            {step.limits.map(({ name, good, bad }) => (
              <p key={name} className="quiet">
                {t(`at.name.${name as 'rssi'}`, { defaultValue: name })} · {t('at.bringUp.wanted', { good })}
                {bad !== undefined && ` · ${t('at.bringUp.notWanted', { bad })}`}
              </p>
            ))}
            <pre className={css.raw}>{[...step.commands.map((command) => `> ${command}`), ...step.evidence].join('\n')}</pre>
          </div>
        </details>
      ) : (
        <div className={css.stepHead}>{head}</div>
      )}
      {step.error !== undefined && (
        <div className={css.next}>
          <ErrorText error={step.error} />
        </div>
      )}
      {step.next !== undefined && !isFine && step.error === undefined && (
        <p className={css.next}>{t('at.bringUp.next', { next: t(`at.next.${step.next}`) })}</p>
      )}
    </li>
  );
}
