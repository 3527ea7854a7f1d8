import type { ChipIdentity } from '../../../../preload/contract/flash.ts';
import { type FlashChip, idText } from './flash-chip.ts';

/** Where chips of Beken's keep what they are, in the order in which they are asked; one that has none there reads as nothing. */
export const chipRegisters = [0x44010004, 0x800000, 0x34010004];

/** Newer ones have their number in the upper half, above a revision: 0x72360001. */
const chips = new Map([
  [0x7236, 'bk7258'],
  [0x7231c, 'bk7231n'],
  [0x7238, 'bk7238'],
  [0x7252a, 'bk7252n'],
  [0x7256, 'bk7256'],
  [0x7259, 'bk7259'],
]);

/** Null: one that is not known. */
export function chipIn(register: number): string | null {
  return chips.get(register >>> 16) ?? chips.get(register & 0xfffff) ?? null;
}

/** `register`: null where it could not be read; that stops nothing. A number that is not known is another chip's. */
export function identityOf(register: number | null, flash: FlashChip): ChipIdentity {
  const chip = register === null ? null : chipIn(register);
  const told = register === null ? '' : `, chip id 0x${register.toString(16)}`;
  // BK7258 and BK7236 have the same number.
  const name = chip === null ? 'Beken' : chip === 'bk7258' ? 'BK7258 or BK7236' : chip.toUpperCase();
  return {
    chip: chip ?? (register === null ? 'bk7258' : `0x${register.toString(16)}`),
    description: `${name} (flash ${idText(flash.id)}${told})`,
    revision: null,
    mac: null,
    flashBytes: flash.sizeBytes,
    flashId: idText(flash.id),
    security: null,
  };
}
