import { ActionIcon, SegmentedControl, Tooltip } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AgentLayer, LayerOrigin } from '../../../preload/contract/agents.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { useEngineChoices } from '../../lib/engine-choices.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { LatencyCost, partsOf } from '../engines/latency-cost.tsx';
import { FieldEditor } from '../settings/field-editor.tsx';
import { type Field, fields } from '../settings/fields.ts';
import css from './agents.module.css';
import { ownKeys, withLeaf, withoutLeaf } from './layers.ts';

/** In the order an agent is made: what it says, with what, how it listens. */
const sections = ['agent', 'engines', 'voice', 'turns', 'frontEnd', 'conversation', 'memory', 'downlink'] as const;

/** Settings of the whole bench, which no layer may say. */
const benchOnly: ReadonlySet<string> = new Set(['engines.modelMirror', 'engines.phrases']);

export interface Inherited {
  settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  origins: Readonly<Record<string, LayerOrigin>>;
}

interface LayerEditorProps {
  layer: AgentLayer;
  /** What stands where the layer says nothing, and whose word that is. */
  inherited: Inherited;
  /** Rejects when the core refuses it. */
  onChange(next: AgentLayer): Promise<void>;
}

/** A layer of settings over what it inherits: the fields are the bench's own, each with its origin and the way back to it. */
export function LayerEditor({ layer, inherited, onChange }: LayerEditorProps) {
  const { t } = useTranslation();
  const engines = useEngineChoices();
  const own = new Set(ownKeys(layer));
  const [shown, setShown] = useState<'all' | 'own'>('all');
  const [refused, setRefused] = useState<Readonly<Record<string, TalkErrorValue>>>({});
  const body = useRef<HTMLDivElement>(null);

  function change(key: string, next: AgentLayer): void {
    onChange(next).then(
      () => setRefused((known) => Object.fromEntries(Object.entries(known).filter(([other]) => other !== key))),
      (error: unknown) => setRefused((known) => ({ ...known, [key]: errorValueOf(error) })),
    );
  }

  const visible = sections
    .map((section) => ({
      section,
      leaves: Object.entries(fields[section] as Record<string, Field>).filter(([name]) => {
        const key = `${section}.${name}`;
        return !benchOnly.has(key) && (shown === 'all' || own.has(key));
      }),
    }))
    .filter(({ leaves }) => leaves.length > 0);

  return (
    <div className={css.layer}>
      <div className={css.layerBar}>
        <SegmentedControl
          aria-label={t('agents.shown')}
          value={shown}
          onChange={setShown}
          data={[
            { value: 'all', label: t('agents.shownAll') },
            { value: 'own', label: t('agents.shownOwn', { count: own.size }) },
          ]}
        />
        <nav aria-label={t('agents.sections')}>
          {visible.map(({ section }) => (
            <button
              key={section}
              type="button"
              onClick={() => body.current?.querySelector(`#layer-${section}`)?.scrollIntoView({ block: 'start' })}
            >
              {t(`settings.group.${section}`)}
            </button>
          ))}
        </nav>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.layerBody} ref={body} tabIndex={0} aria-label={t('agents.part.settings')}>
        {visible.length === 0 && <p className="quiet">{t('agents.nothingOwn')}</p>}
        {visible.map(({ section, leaves }) => (
          <section key={section} id={`layer-${section}`} aria-labelledby={`layer-title-${section}`}>
            <h2 id={`layer-title-${section}`}>{t(`settings.group.${section}`)}</h2>
            {leaves.map(([name, field]) => {
              const key = `${section}.${name}`;
              const isOwn = own.has(key);
              return (
                <FieldEditor
                  key={key}
                  name={key}
                  field={field}
                  value={isOwn ? layer[section]?.[name] : inherited.settings[section]?.[name]}
                  engines={engines}
                  error={refused[key] ?? null}
                  origin={
                    <Origin
                      label={t(`settings.field.${key as 'turns.vadSilenceMs'}.label`)}
                      origin={isOwn ? 'here' : (inherited.origins[key] ?? 'default')}
                      onReset={() => change(key, withoutLeaf(layer, section, name))}
                    />
                  }
                  onChange={(value) => change(key, withLeaf(layer, section, name, value))}
                />
              );
            })}
            {shown === 'all' && partsOf[section] !== undefined && <LatencyCost parts={partsOf[section]} isHiddenEmpty />}
          </section>
        ))}
      </section>
    </div>
  );
}

function Origin({ label, origin, onReset }: { label: string; origin: LayerOrigin | 'here'; onReset(): void }) {
  const { t } = useTranslation();
  return (
    <span className={css.origin} data-origin={origin}>
      {t(`agents.origin.${origin}`)}
      {origin === 'here' && (
        <Tooltip label={t('agents.reset', { label })}>
          <ActionIcon size={18} aria-label={t('agents.reset', { label })} onClick={onReset}>
            <IconArrowBackUp size={13} />
          </ActionIcon>
        </Tooltip>
      )}
    </span>
  );
}
