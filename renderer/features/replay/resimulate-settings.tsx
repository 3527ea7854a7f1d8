import { ActionIcon, Button, MultiSelect, NativeSelect, NumberInput, Progress, SegmentedControl, Switch, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { resimulatedSettings } from '../../../preload/contract/replay.ts';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { useEngineChoices } from '../../lib/engine-choices.ts';
import { FieldEditor } from '../settings/field-editor.tsx';
import { type Field, fields } from '../settings/fields.ts';
import css from './resimulate.module.css';

export type Tree = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Sweep {
  key: string;
  from: number;
  to: number;
  step: number;
}

const allFields: Readonly<Record<string, Readonly<Record<string, Field>>>> = fields;
const fieldOf = (key: string): Field | undefined => {
  const [section = '', name = ''] = key.split('.');
  return allFields[section]?.[name];
};
const keys: readonly string[] = resimulatedSettings;
const sections = [...new Set(keys.map((key) => key.split('.')[0] ?? ''))];
const swept = keys.filter((key) => fieldOf(key)?.kind === 'number');

/** How many values a sweep has, and has at most. */
export const MOST_POINTS = 50;
export function sweepValues({ from, to, step }: Sweep): number[] {
  if (!(step > 0) || to < from) return [];
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  return Array.from({ length: Math.min(count, MOST_POINTS + 1) }, (_, index) => Number((from + index * step).toFixed(6)));
}

/** A setting's limits are where a sweep of it begins. */
export function wholeRange(key: string): Sweep {
  const field = fieldOf(key);
  if (field?.kind !== 'number') return { key, from: 0, to: 0, step: 1 };
  const wide = (field.max - field.min) / 8;
  const step = field.step === undefined ? Math.max(1, Math.round(wide)) : Math.max(field.step, Math.round(wide / field.step) * field.step);
  return { key, from: field.min, to: field.max, step: Number(step.toFixed(6)) };
}

/** What is to be tried: settings over the recorded ones, and one of them at many values. */
export function ResimulateSettings({
  recorded,
  changes,
  sweep,
  fraction,
  error,
  others,
  onChange,
  onSweep,
  onRun,
  onStop,
}: {
  recorded: Tree;
  changes: Tree;
  sweep: Sweep | null;
  fraction: number | null;
  /** Of the last run: shown at the setting that it is about. */
  error: TalkErrorValue | null;
  /** Further sessions to be counted together with this one; null where there is a choice of one conversation. */
  others: { chosen: readonly string[]; all: readonly { value: string; label: string }[]; onChange(ids: string[]): void } | null;
  onChange(changes: Tree): void;
  onSweep(sweep: Sweep | null): void;
  onRun(): void;
  onStop(): void;
}) {
  const { t } = useTranslation();
  const engines = useEngineChoices();
  const [shown, setShown] = useState<'usual' | 'all'>('usual');
  const own = keys.filter((key) => {
    const [section = '', name = ''] = key.split('.');
    return changes[section]?.[name] !== undefined;
  });
  const visible = keys.filter((key) => shown === 'all' || usual.has(key) || own.includes(key));
  const points = sweep === null ? 0 : sweepValues(sweep).length;
  const isSweepBad = sweep !== null && (points === 0 || points > MOST_POINTS);

  return (
    <aside className={css.settings}>
      <div className={css.run}>
        {fraction === null ? (
          <Button leftSection={<IconPlayerPlay size={15} />} onClick={onRun} disabled={isSweepBad} fullWidth>
            {t('replay.whatIf.run')}
          </Button>
        ) : (
          <Button variant="default" leftSection={<IconX size={15} />} onClick={onStop} fullWidth>
            {t('frame.cancel')}
          </Button>
        )}
        {fraction !== null && <Progress value={fraction * 100} aria-label={t('replay.whatIf.progress')} />}
        <SegmentedControl
          size="xs"
          aria-label={t('replay.whatIf.shown')}
          value={shown}
          onChange={setShown}
          data={[
            { value: 'usual', label: t('replay.whatIf.usual') },
            { value: 'all', label: t('replay.whatIf.all') },
          ]}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.fields} tabIndex={0} aria-label={t('replay.whatIf.settings')}>
        {others !== null && others.all.length > 0 && (
          <MultiSelect
            size="xs"
            searchable
            className={css.others}
            label={t('replay.whatIf.others')}
            value={[...others.chosen]}
            data={[...others.all]}
            maxValues={99}
            onChange={others.onChange}
          />
        )}
        <SweepForm sweep={sweep} isBad={isSweepBad} points={points} onSweep={onSweep} />
        {sections.map((section) => {
          const here = visible.filter((key) => key.startsWith(`${section}.`));
          if (here.length === 0) return null;
          return (
            <section key={section} aria-labelledby={`what-if-${section}`}>
              <h2 id={`what-if-${section}`}>{t(`settings.group.${section as 'turns'}`)}</h2>
              {here.map((key) => {
                const field = fieldOf(key);
                const name = key.slice(section.length + 1);
                const isOwn = own.includes(key);
                if (field === undefined) return null;
                return (
                  <FieldEditor
                    key={key}
                    name={key}
                    field={field}
                    value={isOwn ? changes[section]?.[name] : recorded[section]?.[name]}
                    engines={engines}
                    error={error !== null && error.data.key === key ? error : null}
                    origin={isOwn && <Reset settingKey={key} onReset={() => onChange(without(changes, section, name))} />}
                    onChange={(value) => onChange(withValue(changes, recorded, section, name, value))}
                  />
                );
              })}
            </section>
          );
        })}
      </section>
    </aside>
  );
}

/** What is asked most; the others are a click away. */
const usual: ReadonlySet<string> = new Set([
  'turns.vadSilenceMs',
  'turns.endpointing',
  'turns.endpointMinMs',
  'turns.endpointMaxMs',
  'turns.interruption',
  'turns.interruptionMs',
  'turns.interruptionMinimumWords',
  'turns.isPreemptive',
  'turns.isHalfDuplex',
]);

function Reset({ settingKey, onReset }: { settingKey: string; onReset(): void }) {
  const { t } = useTranslation();
  const label = t('replay.whatIf.reset', { label: t(`settings.field.${settingKey as 'turns.vadSilenceMs'}.label`) });
  return (
    <span className={css.own}>
      {t('replay.whatIf.changed')}
      <Tooltip label={label}>
        <ActionIcon size={18} aria-label={label} onClick={onReset}>
          <IconArrowBackUp size={13} />
        </ActionIcon>
      </Tooltip>
    </span>
  );
}

function SweepForm({
  sweep,
  isBad,
  points,
  onSweep,
}: {
  sweep: Sweep | null;
  isBad: boolean;
  points: number;
  onSweep(sweep: Sweep | null): void;
}) {
  const { t } = useTranslation();
  const bound = (name: 'from' | 'to' | 'step') => (
    <NumberInput
      size="xs"
      label={t(`replay.whatIf.sweep.${name}`)}
      value={sweep?.[name] ?? 0}
      error={isBad}
      onChange={(value) => sweep !== null && value !== '' && onSweep({ ...sweep, [name]: Number(value) })}
    />
  );
  return (
    <section className={css.sweepForm}>
      <Switch
        label={t('replay.whatIf.sweep.on')}
        checked={sweep !== null}
        onChange={(event) => onSweep(event.currentTarget.checked ? { key: 'turns.vadSilenceMs', from: 240, to: 1200, step: 120 } : null)}
      />
      {sweep !== null && (
        <>
          <NativeSelect
            size="xs"
            aria-label={t('replay.whatIf.sweep.setting')}
            value={sweep.key}
            data={swept.map((key) => ({ value: key, label: t(`settings.field.${key as 'turns.vadSilenceMs'}.label`) }))}
            onChange={(event) => onSweep(wholeRange(event.currentTarget.value))}
          />
          <div className={css.bounds}>
            {bound('from')}
            {bound('to')}
            {bound('step')}
          </div>
          <p className={isBad ? css.bad : 'quiet'}>
            {isBad ? t('replay.whatIf.sweep.bad', { most: MOST_POINTS }) : t('replay.whatIf.sweep.points', { count: points })}
          </p>
        </>
      )}
    </section>
  );
}

function without(changes: Tree, section: string, name: string): Tree {
  const { [name]: _gone, ...leaves } = changes[section] ?? {};
  const { [section]: _section, ...others } = changes;
  return Object.keys(leaves).length === 0 ? others : { ...others, [section]: leaves };
}

/** What is set to what was recorded is no change. */
function withValue(changes: Tree, recorded: Tree, section: string, name: string, value: unknown): Tree {
  if (JSON.stringify(recorded[section]?.[name]) === JSON.stringify(value)) return without(changes, section, name);
  return { ...changes, [section]: { ...changes[section], [name]: value } };
}
