import { Button, FileButton } from '@mantine/core';
import { IconFileImport, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useAction } from '../../lib/actions.ts';
import { readFile } from '../../lib/files.ts';
import { setParameters, useParameters } from '../../lib/location.ts';
import { NewSuite } from './new-suite.tsx';
import css from './quality.module.css';
import { SuitePanel } from './suite-panel.tsx';
import { useSuiteRuns, useSuites } from './suite-streams.ts';

/** Suites of the library on the left, the chosen one on the right: `suite=ID&view=edit|results|history`. */
export function SuitesTab() {
  const { t } = useTranslation();
  const parameters = useParameters();
  const suites = useSuites();
  const runs = useSuiteRuns() ?? [];
  const { run, isBusy } = useAction();
  const [isNew, setNew] = useState(false);
  const fromSession = parameters.get('new');
  const suite = suites?.find(({ id }) => id === parameters.get('suite')) ?? suites?.[0];

  async function save(text: string): Promise<void> {
    const saved = await run('suites.save', { text });
    if (saved !== null) setParameters({ suite: saved.id, view: null, new: null });
    setNew(false);
  }

  return (
    <div className={css.columns}>
      <aside className={css.side} aria-label={t('quality.suites')}>
        <Button size="compact-sm" leftSection={<IconPlus size={14} />} onClick={() => setNew(true)}>
          {t('quality.newSuite')}
        </Button>
        <FileButton
          accept=".yaml,.yml,.json"
          onChange={(file) => file !== null && void readFile(file).then((bytes) => save(new TextDecoder().decode(bytes)))}
        >
          {(props) => (
            <Button {...props} size="compact-sm" variant="default" leftSection={<IconFileImport size={14} />} loading={isBusy}>
              {t('quality.openFile')}
            </Button>
          )}
        </FileButton>
        <nav className={css.list}>
          {(suites ?? []).map(({ id, name, caseCount }) => {
            const last = runs.find(({ suiteId }) => suiteId === id);
            return (
              <button
                key={id}
                type="button"
                className={css.entry}
                aria-current={id === suite?.id}
                onClick={() => setParameters({ suite: id, run: null })}
              >
                <span className="truncate">{name}</span>
                <small className="quiet">
                  {t('quality.cases', { count: caseCount })}
                  {last !== undefined && (
                    <>
                      {' · '}
                      <span data-state={last.state} className={css.state}>
                        {t(`quality.runState.${last.state}`)}
                      </span>
                    </>
                  )}
                </small>
              </button>
            );
          })}
        </nav>
      </aside>
      {suites === null ? (
        <p className={css.centre}>{t('frame.loading')}</p>
      ) : suite === undefined ? (
        <div className={css.centre}>
          <p>{t('quality.nothing')}</p>
          <p className="quiet">{t('quality.nothingHint')}</p>
          <Button onClick={() => setNew(true)}>{t('quality.newSuite')}</Button>
        </div>
      ) : (
        <SuitePanel key={suite.id} suite={suite} runs={runs.filter(({ suiteId }) => suiteId === suite.id)} />
      )}
      {(isNew || fromSession !== null) && (
        <NewSuite
          sessionIds={fromSession === null ? [] : [fromSession]}
          onClose={() => {
            setNew(false);
            setParameters({ new: null });
          }}
          onText={(text) => void save(text)}
        />
      )}
    </div>
  );
}
