import type { Check } from '../../check.ts';
import { flash } from './flash.ts';
import { heap } from './heap.ts';
import { leak } from './leak.ts';

export const memoryChecks: readonly Check[] = [heap, leak, flash];
