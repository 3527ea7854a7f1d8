import { BadElf, ByteReader } from './byte-reader.ts';
import { CallFrames, type FrameRules } from './call-frames.ts';
import { callAt, callBefore } from './call-sites.ts';
import { demangle } from './demangle.ts';
import { type DwarfSections, dwarfSections } from './dwarf-forms.ts';
import { readUnits, type Unit } from './dwarf-units.ts';
import { Elf, type ElfSymbol, type Machine } from './elf.ts';
import { type FunctionCode, FunctionIndex, functionName } from './functions.ts';
import { LineTable, lastAtOrBefore, lineTableOffsets } from './line-table.ts';

export interface SourceFrame {
  /** As written in the source, C++ names readable. Empty: unknown. */
  function: string;
  /** Bytes from the function's start; only where there is no line. */
  offset?: number;
  file?: string;
  line?: number;
  column?: number;
  /** Its code was put into that of the next frame. */
  isInlined: boolean;
}

/**
 * exact: an instruction's own address (a program counter) · return: where a call comes back to · backtrace: what a
 * backtrace printed, which may be either.
 */
export type AddressKind = 'exact' | 'return' | 'backtrace';

/** What a unit has, made when first asked for; null when its part of the file is damaged. */
interface Details {
  lines: LineTable | null;
  functions: FunctionIndex | null;
}

/** One ELF file, opened for questions. Opening reads the units' headers and the symbol table; the rest is read on demand. */
export class Firmware {
  readonly #elf: Elf;
  #units: Unit[] = [];
  /** Parts of the code and the unit of each, by start; `#reach` as in FunctionIndex. */
  readonly #starts: Uint32Array;
  readonly #ends: Float64Array;
  readonly #reach: Float64Array;
  readonly #owners: (Unit | LineTable)[];
  readonly #details = new Map<Unit, Details>();
  readonly #names = new Map<FunctionCode, string>();
  readonly #codeSymbols: ElfSymbol[];
  readonly #symbolStarts: Uint32Array;
  readonly #symbols: ElfSymbol[];
  #callFrames: CallFrames | null | undefined;
  #damage: string | null = null;

  /** Throws BadElf when it is no 32-bit ELF file. Damaged debug information only costs its part: see `damage`. */
  constructor(bytes: Uint8Array) {
    this.#elf = new Elf(bytes);
    const code = this.#elf.codeRanges();
    const isCode = ([from]: readonly [number, number]) => code.some(([start, end]) => from >= start && from < end);
    const parts: { from: number; to: number; owner: Unit | LineTable }[] = [];
    this.#guard(() => {
      const sections = dwarfSections(this.#elf);
      this.#units = readUnits(sections);
      for (const owner of this.#units) {
        const ranges = owner.ranges.length > 0 || owner.lines === null ? owner.ranges : (this.#detailsOf(owner).lines?.ranges ?? []);
        // The linker leaves what it dropped at address 0.
        for (const [from, to] of ranges.filter(isCode)) parts.push({ from, to, owner });
      }
      if (this.#units.length === 0) for (const table of tablesAlone(sections)) if (isCode([table.from, table.to])) parts.push(table);
    });
    parts.sort((a, b) => a.from - b.from);
    this.#starts = Uint32Array.from(parts, ({ from }) => from);
    this.#ends = Float64Array.from(parts, ({ to }) => to);
    this.#owners = parts.map(({ owner }) => owner);
    this.#reach = new Float64Array(parts.length);
    let reach = 0;
    for (const [index, end] of this.#ends.entries()) {
      reach = Math.max(reach, end);
      this.#reach[index] = reach;
    }
    this.#symbols = this.#elf.symbols();
    this.#codeSymbols = this.#symbols
      .filter(({ address, kind }) => kind !== 'object' && isCode([address, address]))
      .map((symbol) => (this.#elf.machine === 'arm' ? { ...symbol, address: (symbol.address & ~1) >>> 0 } : symbol))
      // At one address a function is more than a label, and the sized one more than the other.
      .sort((a, b) => a.address - b.address || rank(a) - rank(b));
    this.#symbolStarts = Uint32Array.from(this.#codeSymbols, ({ address }) => address);
  }

  get machine(): Machine {
    return this.#elf.machine;
  }

  get elf(): Elf {
    return this.#elf;
  }

  get functionCount(): number {
    return this.#codeSymbols.filter(({ kind }) => kind === 'function').length;
  }

  get hasLines(): boolean {
    return this.#owners.length > 0;
  }

  /** What was found damaged so far, for people. */
  get damage(): string | null {
    return this.#damage;
  }

  symbol(name: string): ElfSymbol | null {
    return this.#symbols.find((symbol) => symbol.name === name) ?? null;
  }

  /** A zero-terminated string of the program's read-only data, or of what is kept in the ELF file only (`.noload`). Null: not there. */
  stringAt(pointer: number): string | null {
    // The addresses of .noload are not of the target's memory: they begin at 0.
    const memory = this.#elf.memoryAt(pointer) ?? this.#elf.memoryAt(pointer, ['.noload']);
    const zero = memory?.indexOf(0) ?? -1;
    return memory === null || zero < 0 ? null : Buffer.from(memory.subarray(0, zero)).toString('utf8');
  }

  isCode(address: number): boolean {
    return this.#elf.isCode(address);
  }

  /** Directly after a call: a place that calls return to. */
  isReturnAddress(address: number): boolean {
    return this.#elf.isCode(address) && callBefore(this.#elf, address) > 0;
  }

  /**
   * The address of the instruction that a printed number speaks of. Xtensa's windowed return addresses carry the window's size in
   * their upper two bits. ESP-IDF's Xtensa backtraces are printed three bytes back already, on the call itself; others print what
   * the stack held. What stands in the code tells which.
   */
  instruction(printed: number, kind: AddressKind): number {
    const address =
      this.machine === 'xtensa' && printed >= 0x80000000
        ? ((printed & 0x3fffffff) | 0x40000000) >>> 0
        : this.machine === 'arm'
          ? printed - (printed % 2)
          : printed;
    if (kind === 'exact') return address;
    if (kind === 'backtrace' && callAt(this.#elf, address) > 0) return address;
    const call = callBefore(this.#elf, address);
    if (call > 0) return address - call;
    if (kind === 'backtrace' && this.machine === 'xtensa') return address;
    return address - (this.machine === 'xtensa' ? 3 : 2);
  }

  /** How to find the caller of the function at an address. Null: not described. */
  frameRules(address: number): FrameRules | null {
    return this.#guard(() => {
      if (this.#callFrames === undefined) {
        const section = this.#elf.content('.debug_frame');
        this.#callFrames = section === null ? null : new CallFrames(section);
      }
      return this.#callFrames?.rulesAt(address) ?? null;
    });
  }

  /** The functions at an address, innermost first; empty when the file knows nothing of it. */
  frames(address: number): SourceFrame[] {
    const owner = this.#ownerOf(address);
    const framed = owner === null ? [] : (this.#guard(() => this.#sourceFrames(owner, address)) ?? []);
    if (framed.length > 0) return framed;
    const symbol = this.#symbolAt(address);
    return symbol === null ? [] : [{ function: demangle(symbol.name), offset: address - symbol.address, isInlined: false }];
  }

  /** Every address that begins a row of a line table: for tests against other tools. */
  lineAddresses(): number[] {
    const all = new Set<number>();
    for (const owner of this.#owners) {
      const table = owner instanceof LineTable ? owner : this.#detailsOf(owner).lines;
      for (const address of table?.addresses() ?? []) if (this.isCode(address)) all.add(address);
    }
    return [...all].sort((a, b) => a - b);
  }

  #sourceFrames(owner: Unit | LineTable, address: number): SourceFrame[] {
    const { lines, functions } = owner instanceof LineTable ? { lines: owner, functions: null } : this.#detailsOf(owner);
    const source = lines?.lookup(address) ?? null;
    const innermost = functions?.lookup(address) ?? null;
    if (source === null && innermost === null) return [];
    const frames: SourceFrame[] = [];
    let file = source?.file ?? '';
    let line = source?.line ?? 0;
    let column = source?.column ?? 0;
    if (innermost === null) {
      const symbol = this.#symbolAt(address);
      return [{ function: symbol === null ? '' : demangle(symbol.name), ...placeOf(file, line, column), isInlined: false }];
    }
    for (let code: FunctionCode | null = innermost; code !== null; code = code.caller) {
      const name = this.#nameOf(code, address);
      frames.push({ function: name, ...placeOf(file, line, column), isInlined: code.isInlined && code.caller !== null });
      file = lines?.fileName(code.callFile) ?? '';
      line = code.callLine;
      column = code.callColumn;
    }
    return frames;
  }

  #nameOf(code: FunctionCode, address: number): string {
    let name = this.#names.get(code);
    if (name === undefined) {
      const told = functionName(code.entry, (offset) => this.#unitAt(offset));
      // Lambdas and what is local to a file have their full name in the symbol table only.
      const symbol = code.caller === null && 'plain' in told ? (this.#symbolAt(address)?.name ?? '') : '';
      const isFuller = symbol.startsWith('_Z') || ('plain' in told && told.plain === '');
      name = demangle(isFuller ? symbol : 'linkage' in told ? told.linkage : told.plain);
      this.#names.set(code, name);
    }
    return name;
  }

  #unitAt(offset: number): Unit | null {
    let low = 0;
    let high = this.#units.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#units[middle]?.offset ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const unit = this.#units[low - 1];
    return unit !== undefined && offset < unit.end ? unit : null;
  }

  #ownerOf(address: number): Unit | LineTable | null {
    for (let index = lastAtOrBefore(this.#starts, address); index >= 0 && (this.#reach[index] ?? 0) > address; index--) {
      if ((this.#ends[index] ?? 0) > address) return this.#owners[index] ?? null;
    }
    return null;
  }

  #detailsOf(unit: Unit): Details {
    let details = this.#details.get(unit);
    if (details === undefined) {
      const { lines } = unit;
      details = {
        lines: lines === null ? null : this.#guard(() => new LineTable(unit.sections, lines, unit)),
        functions: this.#guard(() => new FunctionIndex(unit)),
      };
      this.#details.set(unit, details);
    }
    return details;
  }

  #symbolAt(address: number): ElfSymbol | null {
    const symbol = this.#codeSymbols[lastAtOrBefore(this.#symbolStarts, address)];
    if (symbol === undefined || (symbol.size > 0 && address >= symbol.address + symbol.size)) return null;
    return this.#elf.isCode(address) ? symbol : null;
  }

  /** Damaged parts are left out, not fatal. */
  #guard<T>(read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof BadElf)) throw error;
      this.#damage ??= error.message;
      return null;
    }
  }
}

/** Debug information of lines only, without units that say which. */
function tablesAlone(sections: DwarfSections): { from: number; to: number; owner: LineTable }[] {
  return lineTableOffsets(sections).flatMap((offset) => {
    const owner = new LineTable(sections, offset, { directory: '', name: '' });
    return owner.ranges.map(([from, to]) => ({ from, to, owner }));
  });
}

function placeOf(file: string, line: number, column: number): Pick<SourceFrame, 'file' | 'line' | 'column'> {
  return { ...(file === '' ? {} : { file }), ...(line === 0 ? {} : { line }), ...(column === 0 ? {} : { column }) };
}

/** Later wins at the same address. */
function rank({ kind, size }: ElfSymbol): number {
  return (kind === 'function' ? 2 : 0) + (size > 0 ? 1 : 0);
}

export interface AppDescription {
  project: string;
  version: string;
  idfVersion: string;
}

/** `esp_app_desc_t` (reference: esp-idf esp_app_format), at the start of the application's read-only data. */
export function appDescription(firmware: Firmware): AppDescription | null {
  const symbol = firmware.symbol('esp_app_desc');
  const memory = symbol === null ? null : firmware.elf.memoryAt(symbol.address);
  if (memory === null || memory.length < 256 || new ByteReader(memory).u32() !== 0xabcd5432) return null;
  const field = (from: number) => {
    const bytes = memory.subarray(from, from + 32);
    const zero = bytes.indexOf(0);
    return Buffer.from(zero < 0 ? bytes : bytes.subarray(0, zero)).toString('utf8');
  };
  return { version: field(16), project: field(48), idfVersion: field(112) };
}
