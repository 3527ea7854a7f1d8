import { inflateSync } from 'node:zlib';
import { BadElf, ByteReader, textAt } from './byte-reader.ts';
import { Effort } from './effort.ts';

/** A linked firmware has some hundreds at most. */
const MAX_SECTIONS = 10_000;
/** What a symbol takes besides its name. */
const SYMBOL_BYTES = 64;

export type Machine = 'xtensa' | 'riscv' | 'arm' | 'other';

const machines: Record<number, Machine> = { 40: 'arm', 94: 'xtensa', 243: 'riscv' };

const sectionType = { symbols: 2, nobits: 8 } as const;
const sectionFlag = { alloc: 2, executable: 4, compressed: 0x800 } as const;
const symbolType = { none: 0, object: 1, function: 2 } as const;
const COMPRESSED_WITH_ZLIB = 1;

export interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

/** A name of the symbol table. `size` 0: not told, it reaches to the next one. */
export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly kind: 'function' | 'object' | 'label';
}

/** A 32-bit little-endian ELF file (System V ABI, gABI 4.1). Throws BadElf for anything else. */
export class Elf {
  readonly machine: Machine;
  readonly sections: readonly Section[];
  readonly bytes: Uint8Array;
  readonly effort: Effort;
  readonly #contents = new Map<Section, Uint8Array | null>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.effort = new Effort(bytes.length);
    const header = new ByteReader(bytes);
    if (bytes.length < 52 || header.u32() !== 0x464c457f) throw new BadElf('not an ELF file');
    if (header.u8() !== 1) throw new BadElf('not a 32-bit ELF file');
    if (header.u8() !== 1) throw new BadElf('not little-endian');
    header.at = 18;
    this.machine = machines[header.u16()] ?? 'other';
    header.at = 32;
    const tableOffset = header.u32();
    header.at = 46;
    const entryBytes = header.u16();
    let count = header.u16();
    let namesIndex = header.u16();
    if (tableOffset === 0) throw new BadElf('no section table: the file was stripped, or is not what the linker made');
    if (entryBytes < 40) throw new BadElf(`section headers of ${entryBytes} bytes`);
    // With more than 65,279 sections the numbers stand in the first header.
    const first = sectionAt(bytes, tableOffset);
    if (count === 0) count = first.size;
    if (namesIndex === 0xffff) namesIndex = first.link;
    if (count > MAX_SECTIONS) throw new BadElf(`${count} sections`);
    if (count * entryBytes > bytes.length) throw new BadElf(`${count} sections do not fit the file`);
    const raw = Array.from({ length: count }, (_, index) => sectionAt(bytes, tableOffset + index * entryBytes));
    const names = raw[namesIndex];
    const nameBytes = names === undefined ? null : plainContent(bytes, names);
    this.sections = raw.map(({ nameOffset, ...section }) => ({
      ...section,
      name: nameBytes === null || nameBytes.length === 0 ? '' : this.#named(nameBytes, nameOffset, 0),
    }));
    // Of a file that was cut short the program is missing first; debug information may be.
    for (const section of this.sections) if (isLoaded(section)) plainContent(bytes, section);
  }

  /** A section's bytes, decompressed; null when there is none of that name. */
  content(name: string): Uint8Array | null {
    const section = this.sections.find((candidate) => candidate.name === name);
    if (section === undefined) return null;
    let content = this.#contents.get(section);
    if (content === undefined) {
      content = section.flags & sectionFlag.compressed ? decompressed(this.bytes, section, this.effort) : plainContent(this.bytes, section);
      this.#contents.set(section, content);
    }
    return content;
  }

  isCode(address: number): boolean {
    return this.sections.some((section) => isLoaded(section) && isExecutable(section) && contains(section, address));
  }

  /** Where code is: [from, to) pairs. */
  codeRanges(): [number, number][] {
    return this.sections
      .filter((section) => isLoaded(section) && isExecutable(section) && section.size > 0)
      .map(({ address, size }) => [address, address + size]);
  }

  /** What the file holds for an address of the running program, to the end of its section; null for RAM, gaps and other files. */
  memoryAt(address: number, names?: readonly string[]): Uint8Array | null {
    for (const section of this.sections) {
      if (section.type === sectionType.nobits || !contains(section, address)) continue;
      // A section that is not loaded has no address, unless it was asked for by name.
      if (names === undefined ? !isLoaded(section) : !names.includes(section.name)) continue;
      return plainContent(this.bytes, section).subarray(address - section.address);
    }
    return null;
  }

  /** Functions, objects and labels of the symbol table. */
  symbols(): ElfSymbol[] {
    const table = this.sections.find((section) => section.type === sectionType.symbols);
    const strings = table === undefined ? undefined : this.sections[table.link];
    if (table === undefined || strings === undefined) return [];
    const names = plainContent(this.bytes, strings);
    const reader = new ByteReader(plainContent(this.bytes, table));
    const found: ElfSymbol[] = [];
    while (reader.end - reader.at >= 16) {
      const nameOffset = reader.u32();
      const address = reader.u32();
      const size = reader.u32();
      const type = reader.u8() & 15;
      reader.u8();
      const sectionIndex = reader.u16();
      if (nameOffset === 0 || sectionIndex === 0 || sectionIndex >= 0xff00) continue;
      if (type !== symbolType.none && type !== symbolType.object && type !== symbolType.function) continue;
      const name = this.#named(names, nameOffset, SYMBOL_BYTES);
      // Mapping symbols ($x, $d, .L…) mark places, not things.
      if (name === '' || name.startsWith('$') || name.startsWith('.L')) continue;
      const kind = type === symbolType.function ? 'function' : type === symbolType.object ? 'object' : 'label';
      found.push({ name, address, size, kind });
    }
    return found;
  }

  #named(names: Uint8Array, offset: number, besidesBytes: number): string {
    const name = textAt(names, offset);
    this.effort.spend(name.length + besidesBytes);
    return name;
  }
}

function sectionAt(bytes: Uint8Array, at: number): Omit<Section, 'name'> & { nameOffset: number } {
  const reader = new ByteReader(bytes, at);
  const nameOffset = reader.u32();
  const type = reader.u32();
  const flags = reader.u32();
  const address = reader.u32();
  const offset = reader.u32();
  const size = reader.u32();
  const link = reader.u32();
  return { nameOffset, type, flags, address, offset, size, link };
}

function plainContent(bytes: Uint8Array, { type, offset, size, name = '' }: Omit<Section, 'name'> & { name?: string }): Uint8Array {
  if (type === sectionType.nobits) return new Uint8Array(0);
  if (offset + size > bytes.length) throw new BadElf(`the section ${name} is not in the file: it was cut short`);
  return bytes.subarray(offset, offset + size);
}

/** `SHF_COMPRESSED`: a 12-byte header, then a zlib stream. */
function decompressed(bytes: Uint8Array, section: Section, effort: Effort): Uint8Array {
  const packed = plainContent(bytes, section);
  const header = new ByteReader(packed);
  const method = header.u32();
  const size = header.u32();
  header.u32();
  if (method !== COMPRESSED_WITH_ZLIB) throw new BadElf(`the section ${section.name} is compressed with method ${method}`);
  effort.spend(size);
  try {
    const content = inflateSync(packed.subarray(header.at), { maxOutputLength: Math.max(size, 1) });
    if (content.length === size) return content;
  } catch {
    // Told below: the reason is the same.
  }
  throw new BadElf(`the section ${section.name} does not decompress`);
}

function isLoaded({ flags }: Section): boolean {
  return (flags & sectionFlag.alloc) !== 0;
}

function isExecutable({ flags }: Section): boolean {
  return (flags & sectionFlag.executable) !== 0;
}

function contains({ address, size }: Section, wanted: number): boolean {
  return wanted >= address && wanted < address + size;
}
