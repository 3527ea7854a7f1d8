import type { NvsEntry } from '../../../preload/contract/nvs.ts';
import type { Provisioning } from '../../../preload/contract/provisioning.ts';
import type { Recipe } from '../../../preload/contract/recipes.ts';
import { isSecretValue } from '../flash/nvs/secret-names.ts';
import { entriesOf } from '../provisioning/entries.ts';
import { deviceVariables } from '../provisioning/image.ts';
import { variablesOf } from '../provisioning/variables.ts';
import { SECRET_MINIMUM_CHARACTERS } from '../store/secret-finder.ts';

/** A recipe as it may be kept and handed on. Fails with `nvs/bad-csv` and `nvs/bad-value`. */
export function withoutSecrets(recipe: Recipe): Recipe {
  const { provisioning } = recipe;
  return provisioning === undefined ? recipe : { ...recipe, provisioning: withoutSecretValues(provisioning) };
}

/**
 * What makes a board itself, as far as it is no secret. A device typed in is left out; a secret written into an entry becomes a variable
 * of its key's name, which is asked for when it is used. A CSV becomes entries, so that none hides in it. Fails with `nvs/bad-csv` and
 * `nvs/bad-value`.
 */
export function withoutSecretValues(provisioning: Provisioning): Provisioning {
  const { device, csv: _, variables, ...rest } = provisioning;
  const entries = entriesOf(provisioning);
  // What a secret entry asks for is secret, whatever it is called.
  const hidden = hiddenVariables(entries, variables);
  const taken = new Set(variablesOf(entries));
  return {
    ...rest,
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => !hidden.has(name))),
    entries: entries.map((entry) => {
      if (entry.value === '' || variablesOf([entry]).length > 0 || !isSecret(entry, entry.value)) return entry;
      const name = freeName(entry, taken);
      taken.add(name);
      return { ...entry, value: `\${${name}}` };
    }),
    ...(device === undefined || device.kind === 'given' ? {} : { device }),
  };
}

/**
 * The values in a provisioning that are secret, wherever else they may stand: of secret entries and variables, and of a device typed in.
 * Fails with `nvs/bad-csv` and `nvs/bad-value`.
 */
export function secretValuesOf(provisioning: Provisioning): Set<string> {
  const { device, variables } = provisioning;
  const entries = entriesOf(provisioning);
  const ofEntries = entries.flatMap((entry) => {
    const text = filled(entry.value, variables);
    return isSecret(entry, text) ? [text] : [];
  });
  const ofVariables = [...hiddenVariables(entries, variables)].flatMap((name) => variables[name] ?? []);
  const ofDevice = device?.kind === 'given' ? [device.deviceSecret] : [];
  return new Set([...ofEntries, ...ofVariables, ...ofDevice].filter((text) => text !== ''));
}

/** What a name ends in, or is, that has a secret's word in it and tells something about one, or nothing. */
const aboutSecrets =
  /(?:^|[_.-])(?:type|len|length|mode|size|ttl|count|enabled?)$|^pub(?:lic)?[_.-]?(?:key|cert)|(?:compass|bypass)(?!.*(?:pass|pwd|psk|pmk|secret|token|key|cred))/i;
/** Of an address, unless it has what it lets in with: `mqtts://user:password@host`, `?token=`. */
const addressName = /(?:^|[_.-])ur[li]$/i;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const plainText =
  /^-----BEGIN (?:CERTIFICATE|PUBLIC)|^(?:enabled?|disabled?|true|false|none|null|default|bearer|basic|username|password|secret)$/i;

/**
 * Of them those that are worth remembering for good, wherever they stand later: no name of the device, no word that many texts have, and nothing
 * that merely is told about a secret (`token_type`). Fails as `secretValuesOf`.
 */
export function rememberedValuesOf(provisioning: Provisioning): Set<string> {
  const { device, variables } = provisioning;
  const known = [variables.product_id, variables.device_name];
  if (device !== undefined && device.kind !== 'list') known.push(device.productId, device.deviceName);
  const ofEntries = entriesOf(provisioning).map(({ key, value }) => [key, filled(value, variables)] as const);
  const named = Map.groupBy([...ofEntries, ...Object.entries(variables)], ([, text]) => text);
  const isPlain = (name: string, text: string) => aboutSecrets.test(name) || (addressName.test(name) && !/[?@]/.test(text));
  const isWorth = (text: string) => {
    if (privateKey.test(text)) return true;
    if (text.length < SECRET_MINIMUM_CHARACTERS || known.includes(text) || plainText.test(text)) return false;
    return named.get(text)?.every(([name]) => isPlain(name, text)) !== true;
  };
  return new Set(
    [...secretValuesOf(provisioning)].filter((text) => isWorth(text) || (device?.kind === 'given' && text === device.deviceSecret)),
  );
}

function hiddenVariables(entries: readonly NvsEntry[], variables: Provisioning['variables']): Set<string> {
  const asked = variablesOf(entries.filter((entry) => isSecret(entry, filled(entry.value, variables))));
  const named = Object.entries(variables).filter(([key, text]) => isSecretValue({ namespace: '', key, type: 'string', text }));
  return new Set([...asked, ...named.map(([name]) => name)]);
}

function isSecret({ namespace, key, type }: NvsEntry, text: string): boolean {
  return isSecretValue({ namespace, key, type: type === 'hex' || type === 'base64' ? 'blob' : type, text });
}

function filled(value: string, variables: Readonly<Record<string, string>>): string {
  return value.replace(/\$\{([^}]*)\}/g, (_, name: string) => variables[name] ?? '');
}

/** One variable is one value: two passwords of the same key in two namespaces are asked for by different names. */
function freeName({ namespace, key }: NvsEntry, taken: ReadonlySet<string>): string {
  if (deviceVariables.includes(key)) return key;
  const plain = key.replaceAll(/[^\w.-]/g, '_');
  const long = `${namespace.replaceAll(/[^\w.-]/g, '_')}.${plain}`;
  let free = taken.has(plain) ? long : plain;
  for (let number = 2; taken.has(free); number++) free = `${long}.${number}`;
  return free;
}
