import type { BuiltInList } from '../library.ts';
import { cat1Full, esp32Full } from './full.ts';
import { factoryLine, quick, soak } from './short.ts';
import { twetalkSuitability } from './twetalk-suitability.ts';

/** The lists that come with the product, in the order they are shown. */
export const builtInLists: readonly BuiltInList[] = [twetalkSuitability, quick, esp32Full, cat1Full, factoryLine, soak];
