import type { NvsEntry } from '../../../preload/contract/nvs.ts';
import type { Provisioning } from '../../../preload/contract/provisioning.ts';
import { parseNvsCsv } from '../flash/nvs/csv.ts';

/** All that goes into the partition, variables not yet filled in. Throws TalkError 'nvs/bad-csv' and 'nvs/bad-value'. */
export function entriesOf({ csv, entries }: Pick<Provisioning, 'csv' | 'entries'>): NvsEntry[] {
  return csv === undefined ? entries : mergeEntries(parseNvsCsv(csv), entries);
}

/** Of two with the same namespace and key the later one counts, in the place of the first. */
export function mergeEntries(first: readonly NvsEntry[], later: readonly NvsEntry[]): NvsEntry[] {
  const merged = new Map(first.map((entry) => [nameOf(entry), entry]));
  const added: NvsEntry[] = [];
  for (const entry of later) {
    if (merged.has(nameOf(entry))) merged.set(nameOf(entry), entry);
    else added.push(entry); // one that is given twice is the builder's to refuse
  }
  return [...merged.values(), ...added];
}

function nameOf({ namespace, key }: NvsEntry): string {
  return `${namespace}\0${key}`;
}
