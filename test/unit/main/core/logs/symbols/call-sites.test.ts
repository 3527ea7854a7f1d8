import { describe, expect, test } from 'vitest';
import { callAt, callBefore } from '../../../../../../main/core/logs/symbols/call-sites.ts';
import type { Machine } from '../../../../../../main/core/logs/symbols/elf.ts';

const start = 0x42000000;

function code(machine: Machine, ...bytes: number[]) {
  const memory = Uint8Array.from(bytes);
  const isCode = (address: number) => address >= start && address < start + memory.length;
  return { machine, isCode, memoryAt: (address: number) => (isCode(address) ? memory.subarray(address - start) : null) };
}

// Encodings as the assemblers write them (objdump of RISC-V and Xtensa code; the Armv7-M reference for Thumb).
describe('calls', () => {
  test.each<[name: string, machine: Machine, bytes: number[]]>([
    ['jal ra', 'riscv', [0xef, 0x00, 0x80, 0x00]],
    ['jal t0', 'riscv', [0xef, 0x02, 0x80, 0x00]],
    ['jalr ra, 242(t1)', 'riscv', [0xe7, 0x00, 0x23, 0x0f]],
    ['c.jal', 'riscv', [0xe9, 0x37]],
    ['c.jalr a5', 'riscv', [0x82, 0x97]],
    ['call0', 'xtensa', [0x45, 0xfc, 0xff]],
    ['call8', 'xtensa', [0x25, 0x12, 0x00]],
    ['call12', 'xtensa', [0x35, 0x12, 0x00]],
    ['callx0 a0', 'xtensa', [0xc0, 0x00, 0x00]],
    ['callx8 a8', 'xtensa', [0xe0, 0x08, 0x00]],
    ['bl', 'arm', [0x00, 0xf0, 0x01, 0xf8]],
    ['blx r3', 'arm', [0x98, 0x47]],
  ])('%s (%s)', (_name, machine, bytes) => {
    expect(callAt(code(machine, ...bytes), start)).toBe(bytes.length);
    expect(callBefore(code(machine, ...bytes), start + bytes.length)).toBe(bytes.length);
  });
});

describe('no calls', () => {
  test.each<[name: string, machine: Machine, bytes: number[]]>([
    ['j', 'riscv', [0x6f, 0x00, 0x80, 0x00]],
    ['jr 242(t1), a tail call', 'riscv', [0x67, 0x00, 0x23, 0x0f]],
    ['ret', 'riscv', [0x82, 0x80]],
    ['c.ebreak', 'riscv', [0x02, 0x90]],
    ['c.j', 'riscv', [0xf5, 0xbf]],
    ['jx a3', 'xtensa', [0xa0, 0x03, 0x00]],
    ['ret', 'xtensa', [0x80, 0x00, 0x00]],
    ['memw', 'xtensa', [0xc0, 0x20, 0x00]],
    ['bx lr', 'arm', [0x70, 0x47]],
    ['b.w', 'arm', [0x00, 0xf0, 0x01, 0xb8]],
    ['anything', 'other', [0xe8, 0x00, 0x00, 0x00, 0x00]],
    ['a call that is cut off', 'riscv', [0xef, 0x00]],
    ['nothing', 'riscv', []],
  ])('%s (%s)', (_name, machine, bytes) => {
    expect(callAt(code(machine, ...bytes), start)).toBe(0);
    expect(callBefore(code(machine, ...bytes), start + bytes.length)).toBe(0);
  });

  test('an odd address is none on machines whose instructions are even', () => {
    expect(callAt(code('riscv', 0, 0xef, 0x00, 0x80, 0x00), start + 1)).toBe(0);
  });
});
