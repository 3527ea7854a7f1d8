import { Button, Group } from '@mantine/core';
import { IconDownload, IconPlayerPlay, IconPlayerStop, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SuiteDocument, SuiteRunSummary } from '../../../preload/contract/quality.ts';
import { Confirm } from '../../components/confirm.tsx';
import strip from '../../components/tab-strip.module.css';
import { useAction } from '../../lib/actions.ts';
import { saveFile } from '../../lib/files.ts';
import { setParameters, useParameters } from '../../lib/location.ts';
import css from './quality.module.css';
import { RunHistory } from './run-history.tsx';
import { RunResults } from './run-results.tsx';
import { SuiteEditor } from './suite-editor.tsx';

const views = ['edit', 'results', 'history'] as const;

/** One suite: what it says, what came of it, how it went over time. */
export function SuitePanel({ suite, runs }: { suite: SuiteDocument; runs: readonly SuiteRunSummary[] }) {
  const { t } = useTranslation();
  const parameters = useParameters();
  const { run, isBusy } = useAction();
  const [text, setText] = useState(suite.text);
  const [isRemoving, setRemoving] = useState(false);
  const view = views.find((each) => each === parameters.get('view')) ?? (runs.length > 0 ? 'results' : 'edit');
  const isChanged = text !== suite.text;
  const running = runs.find(({ state }) => state === 'running');
  const shownRun = runs.find(({ id }) => id === parameters.get('run')) ?? runs[0];

  async function save(): Promise<boolean> {
    return (await run('suites.save', { id: suite.id, text })) !== null;
  }

  async function start(): Promise<void> {
    if (isChanged && !(await save())) return;
    const started = await run('suites.start', { suiteId: suite.id });
    if (started !== null) setParameters({ suite: suite.id, view: 'results', run: started.id });
  }

  return (
    <section className={css.suite} aria-label={suite.name}>
      <header className={css.head}>
        <h1 className="truncate">{suite.name}</h1>
        <span className="quiet">{isChanged ? t('quality.unsaved') : ''}</span>
        <span style={{ flex: 1 }} />
        <Group gap={6} wrap="nowrap">
          {running === undefined ? (
            <Button size="compact-sm" leftSection={<IconPlayerPlay size={14} />} loading={isBusy} onClick={() => void start()}>
              {t('quality.run')}
            </Button>
          ) : (
            <Button
              size="compact-sm"
              color="red.9"
              leftSection={<IconPlayerStop size={14} />}
              onClick={() => void run('suites.cancel', { runId: running.id })}
            >
              {t('quality.cancel')}
            </Button>
          )}
          <Button size="compact-sm" variant="default" disabled={!isChanged} onClick={() => void save()}>
            {t('quality.save')}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconDownload size={14} />}
            onClick={() => saveFile(`${suite.name}.yaml`, new TextEncoder().encode(text))}
          >
            {t('quality.download')}
          </Button>
          <Button size="compact-sm" variant="default" leftSection={<IconTrash size={14} />} onClick={() => setRemoving(true)}>
            {t('quality.remove')}
          </Button>
        </Group>
      </header>
      <div className={strip.tabs} role="tablist" aria-label={t('quality.views.label')}>
        {views.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`suite-view-${each}`}
            aria-controls="suite-view"
            aria-selected={each === view}
            onClick={() => setParameters({ view: each })}
          >
            {t(`quality.views.${each}`)}
          </button>
        ))}
      </div>
      <div className={css.view} role="tabpanel" id="suite-view" aria-labelledby={`suite-view-${view}`}>
        {view === 'edit' ? (
          <SuiteEditor text={text} onText={setText} />
        ) : shownRun === undefined ? (
          <p className={css.centre}>{t('quality.noRun')}</p>
        ) : view === 'results' ? (
          <RunResults key={shownRun.id} runId={shownRun.id} />
        ) : (
          <RunHistory runs={runs} />
        )}
      </div>
      {isRemoving && (
        <Confirm
          title={t('quality.remove')}
          text={t('quality.removeAsk', { name: suite.name })}
          action={t('quality.remove')}
          onClose={() => setRemoving(false)}
          onConfirm={() => {
            setRemoving(false);
            void run('suites.remove', { id: suite.id });
          }}
        />
      )}
    </section>
  );
}
