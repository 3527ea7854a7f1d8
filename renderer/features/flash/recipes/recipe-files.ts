import type { FlashPlan } from '../../../../preload/contract/flash.ts';
import type { CallRequest } from '../../../../preload/contract/index.ts';
import type { Provisioning } from '../../../../preload/contract/provisioning.ts';
import type { Recipe, RecipeFile } from '../../../../preload/contract/recipes.ts';
import type { ChosenFile, ChosenFirmware } from '../chosen-firmware.ts';
import { parseOffset } from '../offset.ts';

/** A recipe of what is chosen, with the contents the library is to keep. `id`: of the one it replaces. */
export async function recipeOf(
  chosen: ChosenFirmware,
  plan: FlashPlan | null,
  provisioning: Provisioning | null,
  facts: { id: string; name: string; notes: string },
): Promise<CallRequest<'recipes.save'>> {
  const contents: { data: Uint8Array<ArrayBuffer> }[] = [];
  async function keep({ name, offsetText, source }: ChosenFile): Promise<RecipeFile> {
    const offset = parseOffset(offsetText);
    const placed = { name, ...(offset === null ? {} : { offset }) };
    if ('path' in source) return { ...placed, source };
    contents.push({ data: source.data });
    return { ...placed, source: { sha256: await sha256Of(source.data) } };
  }
  const files = await Promise.all(chosen.files.map(keep));
  const agentboot = chosen.agentboot === null ? null : await keep(chosen.agentboot);
  return {
    recipe: {
      ...facts,
      family: plan?.family ?? 'esp',
      chip: plan?.expectChip ?? null,
      files,
      ...(chosen.buildFolder === '' ? {} : { buildFolder: chosen.buildFolder }),
      options: chosen.options,
      ...(agentboot === null ? {} : { agentboot }),
      ...(provisioning === null ? {} : { provisioning }),
    },
    contents,
  };
}

async function sha256Of(data: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', data);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Whether some of its files are only in the library. */
export function isShelved({ files, agentboot }: Recipe): boolean {
  return [...files, ...(agentboot === undefined ? [] : [agentboot])].some(({ source }) => 'sha256' in source);
}

/** Contents of an exported recipe by their SHA-256: the way files of the library come to the page. */
export function contentsOf(json: string): Map<string, Uint8Array<ArrayBuffer>> {
  const { contents = {} } = JSON.parse(json) as { contents?: Record<string, string> };
  return new Map(Object.entries(contents).map(([sha256, text]) => [sha256, bytesOf(text)]));
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const data = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) data[index] = text.charCodeAt(index);
  return data;
}

/** The firmware a recipe keeps, as it is chosen to be written. */
export function firmwareOf(recipe: Recipe, contents: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): ChosenFirmware {
  function chosenOf({ name, offset, source }: RecipeFile): ChosenFile[] {
    const offsetText = offset === undefined ? '' : `0x${offset.toString(16)}`;
    if ('path' in source) return [{ name, offsetText, source }];
    const data = contents.get(source.sha256);
    return data === undefined ? [] : [{ name, offsetText, source: { data } }];
  }
  return {
    files: recipe.files.flatMap(chosenOf),
    buildFolder: recipe.buildFolder ?? '',
    options: recipe.options,
    agentboot: recipe.agentboot === undefined ? null : (chosenOf(recipe.agentboot)[0] ?? null),
    isProvisionOnly: recipe.files.length === 0 && recipe.buildFolder === undefined,
  };
}
