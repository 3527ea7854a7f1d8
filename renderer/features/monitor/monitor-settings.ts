import { useAction } from '../../lib/actions.ts';
import { useSettings } from '../../lib/streams.ts';
import type { MonitorSettings } from './monitor-document.ts';

const none: MonitorSettings = { filterSets: [], highlights: [], snippets: [] };

/** Filter sets, highlight rules and snippets as the settings have them, and how to change them. `save` tells whether it was done. */
export function useMonitorSettings(): { monitor: MonitorSettings; save(change: Partial<MonitorSettings>): Promise<boolean> } {
  const monitor = useSettings()?.monitor ?? none;
  const { run } = useAction();
  return {
    monitor,
    save: async (change) => (await run('settings.set', { changes: { monitor: change } })) !== null,
  };
}

/** The list with an item in it, in the place of the one that has its name. */
export function withNamed<Item extends { name: string }>(list: readonly Item[], item: Item): Item[] {
  const at = list.findIndex((each) => each.name === item.name);
  return at < 0 ? [...list, item] : list.with(at, item);
}
