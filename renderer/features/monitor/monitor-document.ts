import type { Settings } from '../../../preload/contract/settings.ts';

export type MonitorSettings = Settings['monitor'];

const kind = 'talkbench.monitor';

/** Filter sets, highlight rules and snippets as one document, to be shared. */
export function toDocument(monitor: MonitorSettings): string {
  return `${JSON.stringify({ kind, version: 1, ...monitor }, null, 2)}\n`;
}

/**
 * What a shared document holds, or null when it is something else. Its parts are checked by the core when they are saved; here only
 * that there are any, so that a wrong file is refused before it is merged.
 */
export function fromDocument(text: string): MonitorSettings | null {
  try {
    const found: unknown = JSON.parse(text);
    if (typeof found !== 'object' || found === null || !('kind' in found) || found.kind !== kind) return null;
    const list = (name: keyof MonitorSettings): unknown => (name in found ? (found as Record<string, unknown>)[name] : []);
    const parts = { filterSets: list('filterSets'), highlights: list('highlights'), snippets: list('snippets') };
    return Object.values(parts).every((part) => Array.isArray(part) && part.every(isNamed)) ? (parts as MonitorSettings) : null;
  } catch {
    return null;
  }
}

function isNamed(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'name' in item && typeof item.name === 'string';
}

/** Both, by name: what is imported replaces what has its name. */
export function merged(own: MonitorSettings, other: MonitorSettings): MonitorSettings {
  const join = <Item extends { name: string }>(a: readonly Item[], b: readonly Item[]): Item[] => [
    ...new Map([...a, ...b].map((item) => [item.name, item])).values(),
  ];
  return {
    filterSets: join(own.filterSets, other.filterSets),
    highlights: join(own.highlights, other.highlights),
    snippets: join(own.snippets, other.snippets),
  };
}
