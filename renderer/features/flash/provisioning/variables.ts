import type { NvsEntry } from '../../../../preload/contract/nvs.ts';

/** Given by the device, so that nobody is asked for them when there is one. */
export const deviceVariables = ['product_id', 'device_name', 'device_secret'] as const;
/** Known by the bench. */
const benchVariables = ['bench_host'];

/** As the core tells secret variables: they are typed as passwords, kept apart and never given back. */
export function isSecretName(name: string): boolean {
  return /(secret|password|passwd|psk|key|token)$/i.test(name);
}

/** Names that values ask for as `${name}`, in the order they come. */
export function variablesIn(entries: readonly NvsEntry[], csv = ''): string[] {
  const texts = [...entries.map(({ value }) => value), csv];
  return [...new Set(texts.flatMap((text) => [...text.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] ?? '')))];
}

/** Those of them that somebody has to type. */
export function askedFor(entries: readonly NvsEntry[], csv: string | undefined, hasDevice: boolean): string[] {
  const known = [...benchVariables, ...(hasDevice ? deviceVariables : [])];
  return variablesIn(entries, csv).filter((name) => !known.includes(name));
}
