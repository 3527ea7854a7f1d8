import { BadElf, ByteReader } from './byte-reader.ts';
import { type DwarfSections, type FormContext, readAddress, readNumber, readText, skipForm } from './dwarf-forms.ts';
import { unitEnd } from './dwarf-units.ts';
import type { Effort } from './effort.ts';

export interface SourceLine {
  /** As the compiler was given it, with its directory where that was relative. Empty when the table names none. */
  file: string;
  /** 0: compiler-made code that belongs to no line. */
  line: number;
  column: number;
}

/** Consecutive addresses [from, to) and the rows of the table for them; row i holds from addresses[i] to the next. */
interface Sequence {
  from: number;
  to: number;
  addresses: Uint32Array;
  files: Uint32Array;
  lines: Uint32Array;
  columns: Uint32Array;
}

const standard = {
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  setColumn: 5,
  negate: 6,
  basicBlock: 7,
  constAddPc: 8,
  fixedAdvancePc: 9,
  prologueEnd: 10,
  epilogueBegin: 11,
  setIsa: 12,
} as const;
const extended = { endSequence: 1, setAddress: 2, defineFile: 3 } as const;
const content = { path: 1, directory: 2 } as const;
const ROW_BYTES = 32;

interface FileEntry {
  name: string;
  directory: number;
}

/** The line number program of one unit (DWARF 5 §6.2), run. */
export class LineTable {
  readonly #sequences: Sequence[] = [];
  readonly #files: FileEntry[] = [];
  readonly #directories: string[] = [];
  readonly #version: number;
  readonly #unitDirectory: string;

  /** `offset` in .debug_line; `unit` has the defaults for what the program leaves out. */
  constructor(sections: DwarfSections, offset: number, unit: { directory: string; name: string }) {
    if (sections.line === null) throw new BadElf('.debug_line is missing');
    this.#unitDirectory = unit.directory;
    const header = new ByteReader(sections.line, offset);
    const reader = new ByteReader(sections.line, header.at, unitEnd(header));
    reader.at = header.at;
    this.#version = reader.u16();
    if (this.#version < 2 || this.#version > 5) throw new BadElf(`a line table of version ${this.#version}`);
    const addressSize = this.#version >= 5 ? reader.u8() : 4;
    if (this.#version >= 5) reader.skip(1);
    const headerBytes = reader.u32();
    const program = reader.at + headerBytes;
    const minimumInstruction = reader.u8();
    if (this.#version >= 4) reader.skip(1);
    reader.skip(1);
    const lineBase = reader.i8();
    const lineRange = reader.u8();
    const opcodeBase = reader.u8();
    if (lineRange === 0 || opcodeBase === 0) throw new BadElf('a line table whose special opcodes mean nothing');
    const operandCounts = Array.from({ length: opcodeBase - 1 }, () => reader.u8());
    if (this.#version >= 5) {
      const context = { sections, version: 5, addressSize, offset, stringOffsetsBase: 8, addressBase: 8, rangeListsBase: 12 };
      this.#directories = readEntries(reader, context).map(({ name }) => name);
      this.#files = readEntries(reader, context);
    } else {
      this.#readOldHeader(reader, unit);
    }
    if (program > reader.end) throw new BadElf('a line table whose header is longer than itself');
    // Many units may name one table, and tables lie in one another.
    sections.effort.spend(reader.end - header.at);
    reader.at = program;
    this.#run(reader, sections.effort, { minimumInstruction, lineBase, lineRange, opcodeBase, operandCounts });
    this.#sequences.sort((a, b) => a.from - b.from || b.to - a.to);
  }

  get ranges(): readonly (readonly [number, number])[] {
    return this.#sequences.map(({ from, to }) => [from, to]);
  }

  /** Every address that begins a row. */
  *addresses(): Generator<number> {
    for (const sequence of this.#sequences) yield* sequence.addresses;
  }

  lookup(address: number): SourceLine | null {
    const sequence = this.#sequenceOf(address);
    if (sequence === null) return null;
    const index = lastAtOrBefore(sequence.addresses, address);
    return {
      file: this.fileName(sequence.files[index] ?? 0),
      line: sequence.lines[index] ?? 0,
      column: sequence.columns[index] ?? 0,
    };
  }

  /** The path of a file by its number in this table. */
  fileName(number: number): string {
    // Numbers begin at 1 up to version 4, at 0 since.
    const entry = this.#files[this.#version >= 5 ? number : number - 1];
    if (entry === undefined) return '';
    if (isAbsolute(entry.name)) return entry.name;
    const directory = this.#directories[entry.directory] ?? '';
    return join(isAbsolute(directory) ? directory : join(this.#unitDirectory, directory), entry.name);
  }

  #readOldHeader(reader: ByteReader, unit: { directory: string; name: string }): void {
    // Directory 0 is the unit's own.
    this.#directories.push('');
    for (let name = reader.text(); name !== ''; name = reader.text()) this.#directories.push(name);
    for (let name = reader.text(); name !== ''; name = reader.text()) {
      const directory = reader.uleb();
      reader.uleb();
      reader.uleb();
      this.#files.push({ name, directory });
    }
    if (this.#files.length === 0 && unit.name !== '') this.#files.push({ name: unit.name, directory: 0 });
  }

  #run(
    reader: ByteReader,
    effort: Effort,
    header: { minimumInstruction: number; lineBase: number; lineRange: number; opcodeBase: number; operandCounts: number[] },
  ): void {
    const { minimumInstruction, lineBase, lineRange, opcodeBase, operandCounts } = header;
    const constAdvance = Math.floor((255 - opcodeBase) / lineRange) * minimumInstruction;
    let address = 0;
    let file = 1;
    let line = 1;
    let column = 0;
    let rows = new Rows(effort);
    while (!reader.isAtEnd) {
      const opcode = reader.u8();
      if (opcode >= opcodeBase) {
        const adjusted = opcode - opcodeBase;
        address += Math.floor(adjusted / lineRange) * minimumInstruction;
        line += lineBase + (adjusted % lineRange);
        rows.add(address, file, line, column);
        continue;
      }
      switch (opcode) {
        case 0: {
          const length = reader.uleb();
          if (length === 0) break;
          const operands = reader.part(length);
          switch (operands.u8()) {
            case extended.endSequence: {
              const sequence = rows.sequence(address);
              if (sequence !== null) this.#sequences.push(sequence);
              rows = new Rows(effort);
              address = 0;
              file = 1;
              line = 1;
              column = 0;
              break;
            }
            case extended.setAddress:
              address = readAddress(operands, length - 1);
              break;
            case extended.defineFile:
              this.#files.push({ name: operands.text(), directory: operands.uleb() });
              break;
          }
          break;
        }
        case standard.copy:
          rows.add(address, file, line, column);
          break;
        case standard.advancePc:
          address += reader.uleb() * minimumInstruction;
          break;
        case standard.advanceLine:
          line += reader.sleb();
          break;
        case standard.setFile:
          file = reader.uleb();
          break;
        case standard.setColumn:
          column = reader.uleb();
          break;
        case standard.constAddPc:
          address += constAdvance;
          break;
        case standard.fixedAdvancePc:
          address += reader.u16();
          break;
        case standard.negate:
        case standard.basicBlock:
        case standard.prologueEnd:
        case standard.epilogueBegin:
          break;
        default:
          // Including setIsa: an opcode of a later standard says how many operands to step over.
          for (let count = operandCounts[opcode - 1] ?? 0; count > 0; count--) reader.uleb();
      }
    }
  }

  /** The sequence that begins last at or before the address and reaches past it. */
  #sequenceOf(address: number): Sequence | null {
    let low = 0;
    let high = this.#sequences.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sequences[middle]?.from ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    // They only overlap where a linker dropped code: look a little further back.
    for (let index = low - 1; index >= 0 && index >= low - 8; index--) {
      const sequence = this.#sequences[index];
      if (sequence !== undefined && address < sequence.to) return sequence;
    }
    return null;
  }
}

/** Where a table lies that follows one another: for files whose line tables no unit names. */
export function lineTableOffsets({ line }: DwarfSections): number[] {
  if (line === null) return [];
  const offsets: number[] = [];
  const reader = new ByteReader(line);
  while (reader.end - reader.at > 10) {
    offsets.push(reader.at);
    reader.at = unitEnd(reader);
  }
  return offsets;
}

/** Version 5 describes its directories and files: which facts each has, in which form. */
function readEntries(reader: ByteReader, context: FormContext): FileEntry[] {
  const formats = Array.from({ length: reader.u8() }, () => ({ kind: reader.uleb(), form: reader.uleb(), implicit: 0 }));
  const count = reader.uleb();
  if (count > reader.end - reader.at || (count > 0 && formats.length === 0)) throw new BadElf(`a line table of ${count} files`);
  return Array.from({ length: count }, () => {
    const entry: FileEntry = { name: '', directory: 0 };
    for (const format of formats) {
      if (format.kind === content.path) entry.name = readText(reader, format.form, context) ?? '';
      else if (format.kind === content.directory) entry.directory = readNumber(reader, format, context) ?? 0;
      else skipForm(reader, format.form, context);
    }
    return entry;
  });
}

/** Rows as they come; of several for one address the last holds. */
class Rows {
  #addresses: number[] = [];
  #files: number[] = [];
  #lines: number[] = [];
  #columns: number[] = [];
  #isSorted = true;
  readonly #effort: Effort;

  constructor(effort: Effort) {
    this.#effort = effort;
  }

  add(address: number, file: number, line: number, column: number): void {
    const last = this.#addresses.length - 1;
    const before = this.#addresses[last];
    if (before === address) {
      this.#files[last] = file;
      this.#lines[last] = line;
      this.#columns[last] = column;
      return;
    }
    this.#effort.spend(ROW_BYTES);
    if (before !== undefined && before > address) this.#isSorted = false;
    this.#addresses.push(address);
    this.#files.push(file);
    this.#lines.push(line);
    this.#columns.push(column);
  }

  sequence(to: number): Sequence | null {
    const from = this.#addresses[0];
    if (from === undefined || to <= from || to > 2 ** 32 || !this.#isSorted) return null;
    return {
      from,
      to,
      addresses: Uint32Array.from(this.#addresses),
      files: Uint32Array.from(this.#files),
      lines: Uint32Array.from(this.#lines),
      columns: Uint32Array.from(this.#columns),
    };
  }
}

export function lastAtOrBefore(sorted: Uint32Array, wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path);
}

function join(directory: string, name: string): string {
  return directory === '' || name === '' ? directory + name : `${directory.replace(/[\\/]+$/, '')}/${name}`;
}
