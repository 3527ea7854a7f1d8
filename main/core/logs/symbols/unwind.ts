import { lookup } from '../../../../pipeline/lookup.ts';
import type { Firmware } from './firmware.ts';

/** Longer is a loop, or memory that was overwritten. */
const MAX_CALLS = 64;

/** DWARF numbers of RISC-V registers (RISC-V ELF psABI) by the names ESP-IDF prints. */
const riscvRegisters = lookup<number>({
  RA: 1,
  SP: 2,
  GP: 3,
  TP: 4,
  T0: 5,
  T1: 6,
  T2: 7,
  'S0/FP': 8,
  S0: 8,
  FP: 8,
  S1: 9,
  ...Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`A${index}`, 10 + index])),
  ...Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`S${index + 2}`, 18 + index])),
  ...Object.fromEntries(Array.from({ length: 4 }, (_, index) => [`T${index + 3}`, 28 + index])),
});
const STACK_POINTER = 2;
const RETURN_ADDRESS = 1;

/**
 * The calls that led to where a RISC-V program stopped, as a debugger finds them: by the compiler's description of each function's
 * frame, from the registers and the stack that the panic handler dumped. The first address is the program counter, the others are
 * where calls return to. Ends where the dump does.
 */
export function unwind(
  firmware: Firmware,
  dumped: ReadonlyMap<string, number>,
  stack: readonly { address: number; words: readonly number[] }[],
): number[] {
  const memory = new Map<number, number>();
  for (const { address, words } of stack) for (const [index, word] of words.entries()) memory.set(address + index * 4, word);
  let registers = new Map<number, number>();
  for (const [name, value] of dumped) {
    const number = riscvRegisters[name];
    if (number !== undefined) registers.set(number, value);
  }
  const stoppedAt = dumped.get('MEPC') ?? dumped.get('PC');
  if (stoppedAt === undefined) return [];

  const found = [stoppedAt];
  let address = stoppedAt;
  while (found.length < MAX_CALLS) {
    const rules = firmware.frameRules(found.length === 1 ? address : address - 1);
    const before = registers.get(STACK_POINTER) ?? 0;
    let next: number | undefined;
    if (rules === null) {
      // Code without a description (a jump to nowhere, the ROM): who called the innermost function stands in the register.
      if (found.length > 1) break;
      next = registers.get(RETURN_ADDRESS);
    } else {
      const base = (registers.get(rules.baseRegister) ?? 0) + rules.baseOffset;
      const callers = new Map(registers);
      for (const [register, rule] of rules.registers) {
        const value = rule === 'lost' ? undefined : 'in' in rule ? registers.get(rule.in) : memory.get((base + rule.at) >>> 0);
        if (value === undefined) callers.delete(register);
        else callers.set(register, value);
      }
      callers.set(STACK_POINTER, base >>> 0);
      // A caller that did not save its return address has none: the outermost function, or a dump cut short.
      const isKept = rules.registers.has(rules.returnRegister) || found.length === 1;
      next = isKept ? callers.get(rules.returnRegister) : undefined;
      registers = callers;
    }
    const after = registers.get(STACK_POINTER) ?? 0;
    if (next === undefined || next === 0 || after < before || !firmware.isCode(next)) break;
    found.push(next);
    address = next;
  }
  return found;
}
