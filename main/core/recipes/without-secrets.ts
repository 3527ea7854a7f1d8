import type { NvsEntry } from '../../../preload/contract/nvs.ts';
import type { Recipe } from '../../../preload/contract/recipes.ts';
import { parseNvsCsv } from '../flash/nvs/csv.ts';
import { isSecretValue } from '../flash/nvs/secret-names.ts';

/**
 * A recipe as it may be kept and handed on. A device typed in is left out; a secret written into an entry becomes a variable of
 * its key's name, which is asked for when the recipe is used. A CSV becomes entries, so that none hides in it. Fails with
 * `nvs/bad-csv`.
 */
export function withoutSecrets(recipe: Recipe): Recipe {
  const { provisioning } = recipe;
  if (provisioning === undefined) return recipe;
  const { device, csv, ...rest } = provisioning;
  const entries = [...(csv === undefined ? [] : parseNvsCsv(csv)), ...provisioning.entries];
  return {
    ...recipe,
    provisioning: {
      ...rest,
      variables: Object.fromEntries(
        Object.entries(provisioning.variables).filter(([key, text]) => !isSecretValue({ namespace: '', key, type: 'string', text })),
      ),
      entries: entries.map(withoutSecret),
      ...(device === undefined || device.kind === 'given' ? {} : { device }),
    },
  };
}

function withoutSecret(entry: NvsEntry): NvsEntry {
  const { namespace, key, value: text } = entry;
  const type = entry.type === 'hex' || entry.type === 'base64' ? 'blob' : entry.type;
  if (/\$\{[\w-]+\}/.test(text) || !isSecretValue({ namespace, key, type, text })) return entry;
  return { ...entry, value: `\${${key}}` };
}
