import type { NvsEntry } from '../../../preload/contract/nvs.ts';
import type { DeviceList, Provisioning, ProvisioningTemplate } from '../../../preload/contract/provisioning.ts';
import { looksSecret } from '../flash/nvs/secret-names.ts';
import { secretValuesOf, withoutSecretValues } from '../recipes/without-secrets.ts';

/** More values than a line is for. */
const MOST_VALUES = 40;
/** Stands for the table of values that a person saves. */
const VALUES_FILE = 'nvs.csv';

/** A word as long as a token is one, for all that can be told: neither a name of a network nor an address. */
const tokenWord = /[A-Za-z0-9+/=_-]{20,}/;
const numberText = /^[+-]?(\d+|0x[0-9a-f]+)$/i;

/**
 * A provisioning as options of our own command line, as far as it holds no secret: those are asked of the environment, and a device that
 * was typed in is left out. A CSV, and a form of very many values, is named as a file. Command lines are kept and shown, so what may be
 * a secret, by its name, its shape, or because it stands elsewhere as one, is a variable here as well.
 */
export function provisioningWords(
  provisioning: Provisioning,
  templates: readonly ProvisioningTemplate[],
  lists: readonly DeviceList[],
): string[] {
  const { variables, device, partition } = withoutSecretValues(provisioning);
  const { csv, ...form } = provisioning;
  const { entries } = withoutSecretValues(form);
  const template = templates.filter((each) => each.entries.every(isAmong(entries))).sort((a, b) => b.entries.length - a.entries.length)[0];
  const rest = entries.filter((entry) => template === undefined || !isAmong(template.entries)(entry));
  const secrets = [...secretValuesOf(provisioning)];
  const isOpen = (text: string) => !secrets.some((secret) => text.includes(secret)) && !tokenWord.test(text);
  const isTable = csv !== undefined || rest.length > MOST_VALUES;
  return [
    ...(template === undefined ? [] : ['--template', template.id]),
    ...(isTable ? ['--nvs-csv', VALUES_FILE] : []),
    ...(rest.length > MOST_VALUES ? [] : rest.flatMap((entry) => ['--set', setWord(entry, isOpen)])),
    ...Object.entries(variables).flatMap(([name, value]) => (isOpen(value) && !looksSecret(name) ? ['--var', `${name}=${value}`] : [])),
    ...deviceWords(device, lists),
    ...(partition === 'nvs' ? [] : ['--nvs-partition', partition]),
  ];
}

function setWord({ namespace, key, type, value }: NvsEntry, isOpen: (text: string) => boolean): string {
  const isAsked = /^\$\{[\w.-]+\}$/.test(value);
  // What is no number may be anything, typed into the wrong field; and bytes are not to be read.
  const isOfItsType = type === 'string' || (type !== 'hex' && type !== 'base64' && numberText.test(value.trim()));
  const isShown = value === '' || isAsked || (isOfItsType && !looksSecret(key) && isOpen(value));
  return `${namespace}:${key}:${type}=${isShown ? value : `\${${key.replaceAll(/[^\w.-]/g, '_')}}`}`;
}

function isAmong(entries: readonly NvsEntry[]): (wanted: NvsEntry) => boolean {
  return ({ namespace, key, type, value }) =>
    entries.some((entry) => entry.namespace === namespace && entry.key === key && entry.type === type && entry.value === value);
}

function deviceWords(device: Provisioning['device'], lists: readonly DeviceList[]): string[] {
  if (device?.kind === 'known') return ['--device', `${device.productId}/${device.deviceName}`];
  if (device?.kind !== 'list') return [];
  const name = lists.find(({ listId }) => listId === device.listId)?.name;
  const isOnlyOne = lists.filter((list) => list.name === name).length === 1;
  return ['--device-list', name !== undefined && isOnlyOne ? name : device.listId];
}
