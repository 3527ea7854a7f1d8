import { describe, expect, test } from 'vitest';
import { cloudSettings } from '../../../preload/contract/cloud/index.ts';
import { settingsSchema } from '../../../preload/contract/settings.ts';
import { cloudFields } from '../../../renderer/features/cloud/fields.ts';
import { editedElsewhere, type Field, fields } from '../../../renderer/features/settings/fields.ts';

const all = Object.entries({ ...fields, ...cloudFields }).flatMap(([group, named]) =>
  Object.entries(named as Record<string, Field>).map(([name, field]) => ({ group, name, field })),
);

function isAccepted(group: string, name: string, value: unknown): boolean {
  return settingsSchema.safeParse({ [group]: { [name]: value } }).success;
}

describe('settings fields', () => {
  test('every setting has a field, and no field is for nothing', () => {
    const schema = Object.entries(settingsSchema.parse({})).flatMap(([group, named]) =>
      (editedElsewhere as readonly string[]).includes(group) && !(group in cloudSettings)
        ? []
        : Object.keys(named).map((name) => `${group}.${name}`),
    );
    expect(all.map(({ group, name }) => `${group}.${name}`).sort()).toEqual(schema.sort());
  });

  test('the limits shown are the limits enforced', () => {
    for (const { group, name, field } of all) {
      if (field.kind !== 'number') continue;
      const beyond = field.step !== undefined && field.step < 1 ? 0.001 : 1;
      const verdicts = [field.min, field.max, field.min - beyond, field.max + beyond].map((value) => isAccepted(group, name, value));
      expect({ name, verdicts }).toEqual({ name, verdicts: [true, true, false, false] });
    }
  });

  test('the choices shown are accepted', () => {
    for (const { group, name, field } of all)
      if (field.kind === 'choice')
        for (const option of field.options)
          expect({ name, option, isAccepted: isAccepted(group, name, option) || isAccepted(group, name, Number(option)) }).toEqual({
            ...{ name, option },
            isAccepted: true,
          });
  });
});
