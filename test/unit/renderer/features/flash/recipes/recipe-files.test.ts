import { describe, expect, test } from 'vitest';
import { recipe as recipeSchema } from '../../../../../../preload/contract/recipes.ts';
import type { ChosenFirmware } from '../../../../../../renderer/features/flash/chosen-firmware.ts';
import { contentsOf, firmwareOf, isShelved, recipeOf } from '../../../../../../renderer/features/flash/recipes/recipe-files.ts';

const chosen: ChosenFirmware = {
  files: [
    { name: 'app.bin', offsetText: '0x10000', source: { data: Uint8Array.from([1, 2, 3]) } },
    { name: 'table.bin', offsetText: '', source: { path: '/firmware/table.bin' } },
  ],
  buildFolder: '',
  options: { baudRate: 921_600 },
  agentboot: { name: 'agentboot.bin', offsetText: '', source: { data: Uint8Array.from([9]) } },
  isProvisionOnly: false,
};

describe('a recipe of what is chosen', () => {
  test('names bytes by their SHA-256 and paths by their path, and comes back the same', async () => {
    const { recipe: given, contents } = await recipeOf(chosen, null, null, { id: 'r1', name: 'line 7', notes: '' });
    const recipe = recipeSchema.parse(given);
    expect(recipe.files.map(({ source }) => source)).toEqual([
      { sha256: '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81' },
      { path: '/firmware/table.bin' },
    ]);
    expect(contents?.map(({ data }) => [...data])).toEqual([[1, 2, 3], [9]]);
    expect(isShelved(recipe)).toBe(true);

    const exported = JSON.stringify({
      contents: Object.fromEntries(
        [recipe.files[0], recipe.agentboot].flatMap((file, index) =>
          file !== undefined && 'sha256' in file.source
            ? [[file.source.sha256, Buffer.from(contents?.[index]?.data ?? []).toString('base64')]]
            : [],
        ),
      ),
    });
    expect(firmwareOf(recipe, contentsOf(exported))).toEqual(chosen);
  });

  test('without a firmware comes back as one that writes values alone', async () => {
    const bare = { ...chosen, files: [], agentboot: null, isProvisionOnly: true };
    const { recipe } = await recipeOf(
      bare,
      null,
      { partition: 'nvs', entries: [], variables: {} },
      { id: 'r1', name: 'values', notes: '' },
    );
    expect(firmwareOf(recipeSchema.parse(recipe), new Map())).toEqual(bare);
  });
});
