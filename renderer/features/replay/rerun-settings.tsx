import { ActionIcon, NativeSelect, Tooltip } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useEngineChoices } from '../../lib/engine-choices.ts';
import { useSettings } from '../../lib/streams.ts';
import { FieldEditor } from '../settings/field-editor.tsx';
import { type Field, fields } from '../settings/fields.ts';
import css from './rerun.module.css';

export type Layer = Record<string, Record<string, unknown>>;

/** What a conversation can be told: the sections that an agent may lay over the bench's. */
const sections = ['engines', 'turns', 'voice', 'agent', 'conversation', 'frontEnd', 'downlink'] as const;
const known = new Map<string, Field>(
  sections.flatMap((section) =>
    Object.entries(fields[section] ?? {}).map(([name, field]): [string, Field] => [`${section}.${name}`, field]),
  ),
);

/** Settings of the run alone, one after the other. */
export function RerunSettings({ layer, onChange }: { layer: Layer; onChange(layer: Layer): void }) {
  const { t } = useTranslation();
  const bench = useSettings() as unknown as Layer | null;
  const engines = useEngineChoices();
  const given = Object.entries(layer).flatMap(([section, values]) => Object.keys(values).map((name) => `${section}.${name}`));
  const put = (key: string, value: unknown) => {
    const [section = '', name = ''] = key.split('.');
    onChange({ ...layer, [section]: { ...layer[section], [name]: value } });
  };
  const remove = (key: string) => {
    const [section = '', name = ''] = key.split('.');
    const { [name]: _gone, ...rest } = layer[section] ?? {};
    const { [section]: _section, ...others } = layer;
    onChange(Object.keys(rest).length === 0 ? others : { ...others, [section]: rest });
  };
  return (
    <div className={css.fields}>
      {given.map((key) => {
        const field = known.get(key);
        const [section = '', name = ''] = key.split('.');
        if (field === undefined) return null;
        return (
          <FieldEditor
            key={key}
            name={key}
            field={field}
            value={layer[section]?.[name]}
            engines={engines}
            error={null}
            origin={
              <Tooltip label={t('replay.again.removeSetting')}>
                <ActionIcon size="xs" variant="subtle" aria-label={t('replay.again.removeSetting')} onClick={() => remove(key)}>
                  <IconX size={13} />
                </ActionIcon>
              </Tooltip>
            }
            onChange={(value) => put(key, value)}
          />
        );
      })}
      <NativeSelect
        size="xs"
        label={t('replay.again.addSetting')}
        value=""
        data={[
          { value: '', label: '—' },
          ...[...known.keys()]
            .filter((key) => !given.includes(key))
            .map((key) => ({ value: key, label: t(`settings.field.${key as 'turns.vadSilenceMs'}.label`) })),
        ]}
        onChange={(event) => {
          const key = event.currentTarget.value;
          const [section = '', name = ''] = key.split('.');
          if (key !== '') put(key, bench?.[section]?.[name]);
        }}
      />
    </div>
  );
}
