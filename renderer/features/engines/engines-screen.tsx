import { Button } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { EngineKind, EngineStage } from '../../../preload/contract/engines.ts';
import strip from '../../components/tab-strip.module.css';
import { useReply } from '../../lib/actions.ts';
import { useEngineChoices } from '../../lib/engine-choices.ts';
import { setParameters, useParameters } from '../../lib/location.ts';
import { useEngineProfiles, useSettings } from '../../lib/streams.ts';
import { EngineDetails } from './engine-details.tsx';
import { EngineList, stages } from './engine-list.tsx';
import css from './engines.module.css';
import { ModelsTab } from './models-tab.tsx';
import { ProfileForm } from './profile-form.tsx';
import { ReadConfig } from './read-config.tsx';

/** What hears, thinks and speaks: the embedded engines, services by profiles, and models to be had. */
export function EnginesScreen() {
  const { t } = useTranslation();
  const tab = useParameters().get('tab') === 'models' ? 'models' : 'engines';
  return (
    <div className={css.screen}>
      <div className={strip.tabs} role="tablist" aria-label={t('engines.tabs.label')}>
        {(['engines', 'models'] as const).map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`engines-tab-${each}`}
            aria-controls="engines-panel"
            aria-selected={each === tab}
            onClick={() => setParameters({ tab: each === 'engines' ? null : each })}
          >
            {t(`engines.tabs.${each}`)}
          </button>
        ))}
      </div>
      <div className={css.panel} role="tabpanel" id="engines-panel" aria-labelledby={`engines-tab-${tab}`}>
        {tab === 'engines' ? <EnginesTab /> : <ModelsTab />}
      </div>
    </div>
  );
}

function stageOf(text: string | undefined): EngineStage | null {
  return stages.find((stage) => stage === text) ?? null;
}

/** A profile that begins with a model that is there. */
function inFolder(kind: EngineKind, folder: string | null): { kind: string; name: string; config: Record<string, unknown> } {
  const field = kind.fields.find((each) => each.kind === 'folder');
  return { kind: kind.kind, name: kind.title, config: field === undefined || folder === null ? {} : { [field.name]: folder } };
}

function EnginesTab() {
  const { t } = useTranslation();
  const parameters = useParameters();
  const choices = useEngineChoices();
  const profiles = useEngineProfiles() ?? [];
  const settings = useSettings();
  const kinds = useReply('engines.kinds', {});
  const [isReading, setReading] = useState(false);
  const wantedKind = kinds.data?.kinds.find((each) => each.stage === parameters.get('new') && each.kind === parameters.get('kind'));
  const folder = parameters.get('folder');
  const newStage = stageOf(parameters.get('new') ?? undefined);
  const [wantedStage, wantedId] = (parameters.get('engine') ?? '').split(':', 2);
  const stage = stageOf(wantedStage) ?? 'llm';
  const inUse = settings?.engines[stage] ?? 'auto';
  const id = wantedId ?? inUse;
  const choice = choices.find((each) => each.stage === stage && each.id === id);
  const show = (nextStage: EngineStage, nextId: string): void =>
    setParameters({ engine: `${nextStage}:${nextId}`, new: null, kind: null, folder: null });
  if (settings === null || kinds.data === undefined) return null;

  return (
    <div className={css.columns}>
      <aside className={css.side}>
        <EngineList
          choices={choices}
          profiles={profiles}
          chosen={settings.engines}
          current={newStage === null ? `${stage}:${id}` : null}
          kinds={kinds.data.kinds}
          onShow={show}
          onNew={(to) => setParameters({ new: to, engine: null })}
        />
        <Button variant="default" leftSection={<IconFileImport size={14} />} onClick={() => setReading(true)}>
          {t('engines.import')}
        </Button>
      </aside>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.body} tabIndex={0} aria-label={t('frame.engines')}>
        {newStage !== null ? (
          <>
            <h1>
              {t('engines.newTitle')} <span className="quiet">{t(`engines.stage.${newStage}`)}</span>
            </h1>
            <ProfileForm
              key={newStage}
              kinds={kinds.data.kinds}
              profile={null}
              stage={newStage}
              {...(wantedKind === undefined ? {} : { start: inFolder(wantedKind, folder) })}
              onSaved={(saved) => show(saved.stage, saved.id)}
              onRemoved={() => {}}
            />
          </>
        ) : (
          <EngineDetails
            key={`${stage}:${id}`}
            stage={stage}
            id={id}
            choice={choice}
            profile={profiles.find((each) => each.id === id && each.stage === stage) ?? null}
            kinds={kinds.data.kinds}
            isInUse={inUse === id}
            onRemoved={() => setParameters({ engine: null })}
          />
        )}
      </section>
      {isReading && <ReadConfig kinds={kinds.data.kinds} onClose={() => setReading(false)} />}
    </div>
  );
}
