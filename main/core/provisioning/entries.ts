import type { NvsEntry } from '../../../preload/contract/nvs.ts';
import type { Provisioning } from '../../../preload/contract/provisioning.ts';
import { parseNvsCsv } from '../flash/nvs/csv.ts';

/**
 * All that goes into the partition, variables not yet filled in: the CSV's values, and those of the form, which take the place of the
 * CSV's of the same namespace and key. Throws TalkError 'nvs/bad-csv' and 'nvs/bad-value'.
 */
export function entriesOf(provisioning: Pick<Provisioning, 'csv' | 'entries'>): NvsEntry[] {
  const { csv, entries } = provisioning;
  if (csv === undefined) return entries;
  const merged = new Map(parseNvsCsv(csv).map((entry) => [nameOf(entry), entry]));
  const added: NvsEntry[] = [];
  for (const entry of entries) {
    if (merged.has(nameOf(entry))) merged.set(nameOf(entry), entry);
    else added.push(entry); // one that the form gives twice is the builder's to refuse
  }
  return [...merged.values(), ...added];
}

function nameOf({ namespace, key }: NvsEntry): string {
  return `${namespace}\0${key}`;
}
