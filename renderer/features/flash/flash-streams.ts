import type { StreamName, StreamSnapshot } from '../../../preload/contract/index.ts';
import type { DeviceList } from '../../../preload/contract/provisioning.ts';
import type { Batch, Recipe } from '../../../preload/contract/recipes.ts';
import { type Fold, useSharedStream } from '../../lib/shared-stream.ts';

/** Streams whose every delta is all there is. */
function latest<Name extends StreamName>(): Fold<Name, StreamSnapshot<Name>> {
  return {
    start: (snapshot) => snapshot,
    apply: (state, items) => (items.at(-1) ?? state) as StreamSnapshot<Name>,
  };
}

const listsFold = latest<'provisioning.lists'>();
const recipesFold = latest<'recipes.all'>();
const batchesFold: Fold<'batch.all', Batch[]> = {
  start: (snapshot) => snapshot,
  apply(state, items) {
    const byId = new Map(state.map((batch) => [batch.batchId, batch]));
    for (const batch of items) byId.set(batch.batchId, batch);
    return [...byId.values()];
  },
};

/** Null until they are known, like all of these. */
export function useDeviceLists(): DeviceList[] | null {
  return useSharedStream('provisioning.lists', {}, listsFold);
}

/** By name. */
export function useRecipes(): Recipe[] | null {
  return useSharedStream('recipes.all', {}, recipesFold);
}

/** Of this run, newest last. */
export function useBatches(): Batch[] | null {
  return useSharedStream('batch.all', {}, batchesFold);
}
