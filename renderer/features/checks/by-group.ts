import type { CheckGroup } from '../../../preload/contract/checks.ts';

/** Together what is of one group, groups in the order in which they first come. */
export function byGroup<Item extends { group: CheckGroup }>(items: readonly Item[]): { group: CheckGroup; items: Item[] }[] {
  return [...Map.groupBy(items, ({ group }) => group)].map(([group, of]) => ({ group, items: of }));
}
