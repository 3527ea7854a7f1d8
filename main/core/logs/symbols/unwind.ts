import type { Firmware } from './firmware.ts';

/** The calls that led to where the program stopped, from registers and dumped stack; the first address is the program counter. */
export function unwind(
  _firmware: Firmware,
  _registers: ReadonlyMap<string, number>,
  _stack: readonly { address: number; words: readonly number[] }[],
): number[] {
  return [];
}
