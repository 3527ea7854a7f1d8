import type { SymbolRow } from '../../../../preload/contract/symbols.ts';
import type { AddressKind } from './firmware.ts';

/** A number in a row that may be an address of code. */
export interface AddressInRow {
  address: number;
  label: string;
  kind: AddressKind;
  /**
   * sure: the row says that it is one · code: it is one if it lies in code · return: it is one if a call returns there. The last two
   * are found by their value alone.
   */
  wanted: 'sure' | 'code' | 'return';
}

/** Where the program stopped. The Xtensa ones of lower interrupts (EPC2…) are 0 when not used. */
const programCounters = /^(?:PC|M?EPC\d?|SEPC)$/;
const returnRegisters = /^(?:RA|LR)$/;
/** Registers that hold code for other reasons than that it was run. */
const otherRegisters = /^(?:MTVEC|LBEG|LEND|PS|PSR|MSTATUS|MCAUSE)$/;
/** `PC:SP` pairs, as ESP-IDF prints backtraces; eight digits each, since pairs may be printed without a blank between. */
const pair = /(0x[0-9a-f]{8}):0x[0-9a-f]{8}/gi;
const hexNumber = /\b0x[0-9a-f]{8}\b/gi;
const stackLine = /^([0-9a-f]{8}): +((?:0x)?[0-9a-f]{8}(?: +(?:0x)?[0-9a-f]{8})*)\s*[<>]?$/i;

/** Everything in a row that may be an address of code. `stoppedAt`: the program counter of the registers of the same crash. */
export function addressesInRow(row: SymbolRow, stoppedAt: number | null = null): AddressInRow[] {
  switch (row.event ?? '') {
    case 'backtrace': {
      const addresses = backtraceOf(row);
      if (addresses.length > 0) return backtraceAddresses(addresses, stoppedAt);
      break;
    }
    case 'panic.registers':
      return registerAddresses(registersOf(row));
    case 'stack-memory':
      return stackOf(row)?.words.map((address) => ({ address, label: 'stack', kind: 'return', wanted: 'return' })) ?? [];
    case 'panic':
    case 'panic.assert': {
      const pc = fieldOf(row.payload, 'pc');
      if (typeof pc === 'number') return [{ address: pc, label: 'PC', kind: 'backtrace', wanted: 'sure' }];
      break;
    }
  }
  const pairs = [...row.text.matchAll(pair)].map(([, pc]) => Number(pc));
  if (pairs.length > 0) return backtraceAddresses(pairs, stoppedAt);
  const stack = stackOf(row);
  if (stack !== null) return stack.words.map((address) => ({ address, label: 'stack', kind: 'return', wanted: 'return' }));
  const numbers = new Set([...row.text.matchAll(hexNumber)].map(([digits]) => Number(digits)));
  return [...numbers].map((address) => ({ address, label: 'text', kind: 'exact', wanted: 'code' }));
}

/** The first place is exact, or three bytes back where ESP-IDF (from 5.0) treats it like the others; the registers tell which. */
function backtraceAddresses(addresses: readonly number[], stoppedAt: number | null): AddressInRow[] {
  return addresses.map((address, index) => ({
    address: index === 0 && stoppedAt !== null && stoppedAt - address === 3 ? stoppedAt : address,
    label: 'frame',
    kind: index === 0 ? 'exact' : 'backtrace',
    wanted: 'sure',
  }));
}

/** Addresses that somebody gave, rather than a row. */
export function addressesOf(addresses: readonly number[], kind: 'backtrace' | 'address'): AddressInRow[] {
  if (kind === 'backtrace') return backtraceAddresses(addresses, null);
  return addresses.map((address) => ({ address, label: 'text', kind: 'exact', wanted: 'sure' }));
}

function backtraceOf(row: SymbolRow): number[] {
  const frames = fieldOf(row.payload, 'frames');
  if (!Array.isArray(frames)) return [];
  return frames.map((frame) => fieldOf(frame, 'pc')).filter((pc) => typeof pc === 'number');
}

/** Registers of a line of a dump, by name. */
export function registersOf(row: SymbolRow): Map<string, number> {
  const registers = fieldOf(row.payload, 'registers');
  if (typeof registers !== 'object' || registers === null) return new Map();
  return new Map(Object.entries(registers).flatMap(([name, value]) => (typeof value === 'number' ? [[name.toUpperCase(), value]] : [])));
}

/** Where the program was when the dump was made. */
export function programCounterOf(registers: ReadonlyMap<string, number>): number | null {
  return registers.get('PC') ?? registers.get('MEPC') ?? null;
}

function registerAddresses(registers: ReadonlyMap<string, number>): AddressInRow[] {
  const found: AddressInRow[] = [];
  for (const [label, address] of registers) {
    if (address === 0 || otherRegisters.test(label)) continue;
    if (programCounters.test(label)) found.push({ address, label, kind: 'exact', wanted: 'sure' });
    // On Xtensa a0 is where the function returns to, with the window's size on top; elsewhere it is an argument.
    else if (returnRegisters.test(label) || (label === 'A0' && address >= 0x80000000))
      found.push({ address, label, kind: 'return', wanted: 'sure' });
    else found.push({ address, label, kind: 'return', wanted: 'return' });
  }
  return found;
}

/** A line of dumped stack: words from `address` on. */
export function stackOf(row: SymbolRow): { address: number; words: number[] } | null {
  const address = fieldOf(row.payload, 'address');
  const words = fieldOf(row.payload, 'words');
  if (typeof address === 'number' && Array.isArray(words)) return { address, words: words.filter((word) => typeof word === 'number') };
  const line = stackLine.exec(row.text.trim());
  if (line === null) return null;
  const [, start = '', rest = ''] = line;
  return { address: Number.parseInt(start, 16), words: rest.split(/ +/).map((word) => Number.parseInt(word.replace(/^0x/i, ''), 16)) };
}

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined;
}
