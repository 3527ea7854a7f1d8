import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TalkErrorValue } from '../../../preload/contract/talk-error.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { useSettings } from '../../lib/streams.ts';
import { FieldEditor } from '../settings/field-editor.tsx';
import { fields as benchFields, type Field } from '../settings/fields.ts';
import css from './cloud.module.css';
import { cloudFields } from './fields.ts';

/** Of the bench as a whole, and needed here. */
const known = { devices: benchFields.devices, listeners: benchFields.listeners, ...cloudFields };

/** The settings of one hosted cloud, or some of them, applied as soon as they are valid. */
export function CloudSettings({ group, names, title }: { group: keyof typeof known; names?: readonly string[]; title?: string }) {
  const { t } = useTranslation();
  const lab = useLab();
  const settings = useSettings() as Record<string, Record<string, unknown>> | null;
  const [refused, setRefused] = useState<Readonly<Record<string, TalkErrorValue>>>({});
  if (settings === null) return null;
  const fields = Object.entries(known[group] as Record<string, Field>);

  function change(name: string, value: unknown): void {
    lab.call('settings.set', { changes: { [group]: { [name]: value } } }).then(
      () => setRefused((all) => Object.fromEntries(Object.entries(all).filter(([other]) => other !== name))),
      (error: unknown) => setRefused((all) => ({ ...all, [name]: errorValueOf(error) })),
    );
  }

  return (
    <section className={css.settings} aria-label={title ?? t('cloud.settings')}>
      <h2>{title ?? t('cloud.settings')}</h2>
      {fields
        .filter(([name]) => names === undefined || names.includes(name))
        .map(([name, field]) => (
          <FieldEditor
            key={name}
            name={`${group}.${name}`}
            field={field}
            value={settings[group]?.[name]}
            engines={[]}
            error={refused[name] ?? null}
            onChange={(value) => change(name, value)}
          />
        ))}
    </section>
  );
}
