import { Button } from '@mantine/core';
import { IconHistory, IconPlayerStop, IconRotate, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckRun } from '../../../../preload/contract/checks.ts';
import { Confirm } from '../../../components/confirm.tsx';
import { useAction } from '../../../lib/actions.ts';
import { goTo } from '../../../lib/location.ts';
import { durationText, wallText } from '../../../lib/quantities.ts';
import { useCheckWords } from '../check-words.ts';
import shared from '../checks.module.css';
import { ReportButtons } from '../report-buttons.tsx';
import { useChosen, useStation } from '../start/start-choices.ts';
import { progressOf } from './progress.ts';
import css from './run.module.css';
import { boardNameOf } from './run-card.tsx';

const countNames = ['passed', 'failed', 'person', 'error', 'skipped', 'waiting'] as const;

/** The verdict, large; what was checked; what can be done with it. */
export function RunHead({ run }: { run: CheckRun }) {
  const { t } = useTranslation();
  const words = useCheckWords();
  const action = useAction();
  const [isRemoving, setRemoving] = useState(false);
  const isRunning = run.state === 'running';

  function again(): void {
    const key = run.port ?? (run.productId === null ? null : `${run.productId}/${run.deviceName}`);
    useStation.setState({ listId: run.listId });
    useChosen.setState({ keys: key === null ? null : [key], serialNumbers: key === null ? {} : { [key]: run.serialNumber }, only: null });
    goTo('/checks');
  }
  async function remove(): Promise<void> {
    setRemoving(false);
    if ((await action.run('checks.remove', { runId: run.id })) !== null) goTo('/checks?tab=history');
  }
  return (
    <header className={css.runHead} data-state={run.state}>
      <div className={css.verdict} data-state={run.state} title={t(`checks.runStateHint.${run.state}`)}>
        <strong role="status">{words.runState(run.state)}</strong>
        <progress
          className={shared.progress}
          value={progressOf(run)}
          max={1}
          aria-label={words.runState(run.state)}
          data-hidden={!isRunning || undefined}
        />
      </div>
      <div className={css.runTitle}>
        <h1 className="truncate">{boardNameOf(run)}</h1>
        {isRunning ? (
          <Button
            size="compact-sm"
            color="red.9"
            leftSection={<IconPlayerStop size={14} aria-hidden />}
            onClick={() => void action.run('checks.cancel', { runId: run.id })}
          >
            {t('checks.run.cancel')}
          </Button>
        ) : (
          <Button size="compact-sm" leftSection={<IconRotate size={14} aria-hidden />} onClick={again}>
            {t('checks.run.again')}
          </Button>
        )}
        {run.sessionId !== null && (
          <Button
            component="a"
            size="compact-sm"
            variant="default"
            href={`#/sessions/${encodeURIComponent(run.sessionId)}`}
            leftSection={<IconHistory size={14} aria-hidden />}
          >
            {t('checks.run.session')}
          </Button>
        )}
        <Button
          size="compact-sm"
          variant="default"
          disabled={isRunning}
          leftSection={<IconTrash size={14} aria-hidden />}
          onClick={() => setRemoving(true)}
        >
          {t('checks.run.remove')}
        </Button>
      </div>
      <div className={css.runTitle}>
        <span className={css.counts}>
          {countNames
            .filter((name) => name === 'passed' || run.counts[name] > 0)
            .map((name) => (
              <span key={name} data-count={name}>
                {t(`checks.counts.${name}`, { count: run.counts[name] })}
              </span>
            ))}
        </span>
        <ReportButtons runIds={[run.id]} isDisabled={isRunning} />
      </div>
      <small className="quiet truncate">
        {[
          `${run.listName} ${run.listVersion}`,
          run.boardKind,
          run.port,
          run.deviceName,
          run.firmwareVersion,
          run.operator,
          wallText(run.startedWallMs),
          isRunning ? null : durationText(run.durationMs * 1000),
        ]
          .filter((each) => each !== null && each !== '')
          .join(' · ')}
      </small>
      {isRemoving && (
        <Confirm
          title={t('checks.run.remove')}
          text={t('checks.run.removeAsk')}
          action={t('checks.run.remove')}
          onClose={() => setRemoving(false)}
          onConfirm={() => void remove()}
        />
      )}
    </header>
  );
}
