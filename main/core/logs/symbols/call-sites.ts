import type { Elf } from './elf.ts';

/** What of a file is looked at. */
type Code = Pick<Elf, 'machine' | 'isCode' | 'memoryAt'>;

/**
 * How many bytes the call instruction takes that ends at `address`, so that `address` is where it returns to; 0 when none
 * does. Tells a return address on a stack from a number that only looks like one.
 */
export function callBefore(elf: Code, address: number): number {
  for (const size of sizes[elf.machine] ?? []) if (callAt(elf, address - size) === size) return size;
  return 0;
}

/** How many bytes the call instruction takes that begins at `address`; 0 when there is another instruction. */
export function callAt(elf: Code, address: number): number {
  if (elf.machine === 'arm' ? address % 2 !== 0 : elf.machine === 'riscv' && address % 2 !== 0) return 0;
  const code = elf.isCode(address) ? elf.memoryAt(address) : null;
  if (code === null || code.length < 2) return 0;
  const low = (code[0] ?? 0) | ((code[1] ?? 0) << 8);
  const next = code.length < 4 ? 0 : (code[2] ?? 0) | ((code[3] ?? 0) << 8);
  switch (elf.machine) {
    case 'riscv':
      return riscvCall(low, next, code.length);
    case 'xtensa':
      return code.length >= 3 && isXtensaCall(code[0] ?? 0, code[1] ?? 0, code[2] ?? 0) ? 3 : 0;
    case 'arm':
      return thumbCall(low, next, code.length);
    case 'other':
      return 0;
  }
}

/** A two-byte call may be the second half of a four-byte one: the longer is asked for first. */
const sizes = { riscv: [4, 2], xtensa: [3], arm: [4, 2], other: [] } as const;

/** jal and jalr that keep a return address in ra or t0 (the calling convention's link registers), and their short forms. */
function riscvCall(low: number, next: number, length: number): number {
  if ((low & 3) === 3) {
    if (length < 4) return 0;
    const opcode = low & 0x7f;
    const destination = (low >> 7) & 0x1f;
    const isLink = destination === 1 || destination === 5;
    if (opcode === 0x6f) return isLink ? 4 : 0;
    return opcode === 0x67 && isLink && (low & 0x7000) === 0 && next >= 0 ? 4 : 0;
  }
  // c.jal (RV32 only); c.jalr: a register, no second one.
  if ((low & 0xe003) === 0x2001) return 2;
  return (low & 0xf07f) === 0x9002 && (low & 0x0f80) !== 0 ? 2 : 0;
}

/** CALL0/4/8/12: op0 5. CALLX0/4/8/12: RRR 0 0 0 with m = 3. (Xtensa ISA reference, little-endian.) */
function isXtensaCall(first: number, second: number, third: number): boolean {
  if ((first & 0x0f) === 5) return true;
  return (first & 0x0f) === 0 && (first & 0xc0) === 0xc0 && (second & 0xf0) === 0 && third === 0;
}

/** BL and BLX with an immediate (four bytes), BLX with a register (two). */
function thumbCall(low: number, next: number, length: number): number {
  if (length >= 4 && (low & 0xf800) === 0xf000 && (next & 0xc000) === 0xc000) return 4;
  return (low & 0xff87) === 0x4780 ? 2 : 0;
}
