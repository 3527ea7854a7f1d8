import { describe, expect, test } from 'vitest';
import { settingsSchema } from '../../../../../../preload/contract/settings.ts';
import { settingGroups } from '../../../../../../renderer/features/cloud/devices/setting-groups.ts';
import { cloudFields } from '../../../../../../renderer/features/cloud/fields.ts';
import type { Field } from '../../../../../../renderer/features/settings/fields.ts';
import { en } from '../../../../../../renderer/locales/en/index.ts';

const groups = ['twetalk', 'broker', 'certificates'] as const;
const all = groups.flatMap((group) =>
  Object.entries(cloudFields[group] as Record<string, Field>).map(([name, field]) => ({ group, name, field })),
);

describe('settings of devices, broker and certificates', () => {
  test('every setting of TWeTalk stands in one of its groups', () => {
    expect(Object.values(settingGroups).flat().sort()).toEqual(Object.keys(cloudFields.twetalk).sort());
  });

  test('what may be left empty may be nothing, and nothing else may', () => {
    for (const { group, name, field } of all)
      if (field.kind === 'number')
        expect([name, settingsSchema.safeParse({ [group]: { [name]: null } }).success]).toEqual([name, field.isOptional === true]);
  });

  test('every field has a label, and every choice its words', () => {
    const labels = Object.keys(en.settings.field);
    expect(all.map(({ group, name }) => `${group}.${name}`).filter((key) => !labels.includes(key))).toEqual([]);
    for (const { group, name, field } of all) {
      if (field.kind !== 'choice' && field.kind !== 'choices') continue;
      const words = (en.settings.choice as Record<string, object>)[`${group}.${name}`] ?? {};
      expect([name, ...Object.keys(words).sort()]).toEqual([name, ...[...field.options].sort()]);
    }
  });
});
