import type { Check } from '../../check.ts';
import { baseline } from './baseline.ts';
import { boot } from './boot.ts';
import { loop } from './loop.ts';

export const powerChecks: readonly Check[] = [boot, loop, baseline];
