import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { setParameters, useParameters } from '../../../lib/location.ts';
import { useCheckRuns } from '../check-streams.ts';
import css from '../checks.module.css';
import { StartForm } from '../start/start-form.tsx';
import { RunCard } from './run-card.tsx';
import { RunView } from './run-view.tsx';

/** Boards being checked on the left, a card each; the chosen run, or what begins one, on the right: `run=ID&check=ID`. */
export function RunTab() {
  const { t } = useTranslation();
  const runs = useCheckRuns() ?? [];
  const chosen = useParameters().get('run');
  return (
    <div className={css.columns}>
      <aside className={css.side} aria-label={t('checks.run.runs')}>
        <Button
          size="compact-sm"
          variant={chosen === null ? 'light' : 'filled'}
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setParameters({ run: null, check: null })}
        >
          {t('checks.run.new')}
        </Button>
        {runs.length === 0 && <p className="quiet">{t('checks.run.noRun')}</p>}
        {runs.map((run) => (
          <RunCard key={run.id} run={run} isShown={run.id === chosen} />
        ))}
      </aside>
      {chosen === null ? <StartForm /> : <RunView key={chosen} runId={chosen} />}
    </div>
  );
}
