import type { VirtualBoard } from '../../../preload/contract/boards.ts';
import type { FlashPlan } from '../../../preload/contract/flash.ts';

/** Espressif's chips that there is a loader for. */
export const espChips: readonly VirtualBoard['kind'][] = [
  'esp32',
  'esp32s2',
  'esp32s3',
  'esp32c2',
  'esp32c3',
  'esp32c5',
  'esp32c6',
  'esp32c61',
  'esp32h2',
  'esp32p4',
];

/** The board in software that a firmware can be tried on. */
export function virtualKindFor(plan: FlashPlan | null): VirtualBoard['kind'] {
  if (plan?.family === 'cat1' || plan?.family === 'bk7258') return plan.family;
  return espChips.find((chip) => chip === plan?.expectChip) ?? 'esp32s3';
}
