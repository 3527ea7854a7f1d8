import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../lib/actions.ts';
import { AtBringUp } from './at-bring-up.tsx';
import { AtCommands } from './at-commands.tsx';
import css from './at-console.module.css';
import { useAtConsole } from './at-state.ts';

const views = ['commands', 'bringUp'] as const;

/** A port's AT console: commands with their meaning, or the bring-up. It shares the port with the log. */
export default function AtConsole({ address }: { address: string }) {
  const { t } = useTranslation();
  const { run } = useAction();
  const console = useAtConsole(address);
  const [view, setView] = useState<(typeof views)[number]>('commands');
  if (console === null) return null;
  const { state, bringUp } = console;
  const isRunning = bringUp?.state === 'running';
  const canCancel = state.mode === 'busy' || state.mode === 'data' || state.queued > 0;
  return (
    <div className={css.console} data-at-console={address}>
      <div className={css.head}>
        <span className={css.model} title={state.model ?? undefined}>
          {state.model ?? t(`at.family.${state.family}`)}
        </span>
        <span className={css.mode} data-mode={state.mode}>
          {t(`at.mode.${state.mode}`)}
          {state.queued > 0 && ` · ${t('at.queued', { count: state.queued })}`}
        </span>
        {canCancel && !isRunning && (
          <Button size="compact-xs" variant="default" onClick={() => void run('at.cancel', { address })}>
            {t(state.mode === 'data' ? 'at.leaveData' : 'at.cancel')}
          </Button>
        )}
      </div>
      <div className={css.tabs} role="tablist" aria-label={t('at.console')}>
        {views.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            aria-selected={view === each}
            className={css.tab}
            onClick={() => setView(each)}
            onKeyDown={(event) => {
              if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') setView(each === 'commands' ? 'bringUp' : 'commands');
            }}
          >
            {t(`at.view.${each}`)}
          </button>
        ))}
      </div>
      {view === 'commands' ? (
        <AtCommands address={address} console={console} />
      ) : (
        <AtBringUp address={address} report={bringUp} canStart={state.mode === 'ready'} />
      )}
    </div>
  );
}
