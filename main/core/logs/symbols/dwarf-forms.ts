import { BadElf, ByteReader, textAt } from './byte-reader.ts';
import type { Effort } from './effort.ts';
import type { Elf } from './elf.ts';

/** What of DWARF (versions 2 to 5) names functions and lines. Numbers are those of DWARF 5, §7.5. */
export const tag = {
  compileUnit: 0x11,
  inlinedSubroutine: 0x1d,
  subprogram: 0x2e,
  lexicalBlock: 0x0b,
  namespace: 0x39,
  partialUnit: 0x3c,
} as const;
export const attribute = {
  sibling: 0x01,
  name: 0x03,
  lines: 0x10,
  low: 0x11,
  high: 0x12,
  directory: 0x1b,
  origin: 0x31,
  specification: 0x47,
  ranges: 0x55,
  callColumn: 0x57,
  callFile: 0x58,
  callLine: 0x59,
  linkageName: 0x6e,
  stringOffsetsBase: 0x72,
  addressBase: 0x73,
  rangeListsBase: 0x74,
  oldLinkageName: 0x2007,
} as const;

const form = {
  address: 0x01,
  block2: 0x03,
  block4: 0x04,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  block1: 0x0a,
  data1: 0x0b,
  flag: 0x0c,
  sdata: 0x0d,
  strp: 0x0e,
  udata: 0x0f,
  refAddress: 0x10,
  ref1: 0x11,
  ref2: 0x12,
  ref4: 0x13,
  ref8: 0x14,
  refUdata: 0x15,
  indirect: 0x16,
  sectionOffset: 0x17,
  expression: 0x18,
  flagPresent: 0x19,
  strx: 0x1a,
  addrx: 0x1b,
  refSup4: 0x1c,
  strpSup: 0x1d,
  data16: 0x1e,
  lineStrp: 0x1f,
  refSig8: 0x20,
  implicitConst: 0x21,
  loclistx: 0x22,
  rnglistx: 0x23,
  refSup8: 0x24,
  strx1: 0x25,
  strx2: 0x26,
  strx3: 0x27,
  strx4: 0x28,
  addrx1: 0x29,
  addrx2: 0x2a,
  addrx3: 0x2b,
  addrx4: 0x2c,
  gnuRefAlt: 0x1f20,
  gnuStrpAlt: 0x1f21,
} as const;

/** More attributes than any compiler gives one entry: past it, a small table could keep us busy for hours. */
const MAX_ATTRIBUTES = 256;
const ATTRIBUTE_BYTES = 32;

/** The sections a unit's values point into, and where its own part of them begins. */
export interface FormContext {
  readonly sections: DwarfSections;
  readonly version: number;
  readonly addressSize: number;
  /** Of the unit, in .debug_info: what references inside a unit count from. */
  readonly offset: number;
  stringOffsetsBase: number;
  addressBase: number;
  rangeListsBase: number;
}

export interface DwarfSections {
  readonly info: Uint8Array | null;
  readonly abbrev: Uint8Array | null;
  readonly line: Uint8Array | null;
  readonly strings: Uint8Array | null;
  readonly lineStrings: Uint8Array | null;
  readonly stringOffsets: Uint8Array | null;
  readonly addresses: Uint8Array | null;
  readonly ranges: Uint8Array | null;
  readonly rangeLists: Uint8Array | null;
  readonly effort: Effort;
}

export function dwarfSections(elf: Elf): DwarfSections {
  return {
    info: elf.content('.debug_info'),
    abbrev: elf.content('.debug_abbrev'),
    line: elf.content('.debug_line'),
    strings: elf.content('.debug_str'),
    lineStrings: elf.content('.debug_line_str'),
    stringOffsets: elf.content('.debug_str_offsets'),
    addresses: elf.content('.debug_addr'),
    ranges: elf.content('.debug_ranges'),
    rangeLists: elf.content('.debug_rnglists'),
    effort: elf.effort,
  };
}

export interface AttributeSpec {
  readonly name: number;
  readonly form: number;
  readonly implicit: number;
}

export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly AttributeSpec[];
}

/** Abbreviation tables, read as far as they are asked for: most units are only ever asked for their first entry. */
export class AbbreviationTable {
  readonly #reader: ByteReader;
  readonly #effort: Effort;
  readonly #known = new Map<number, Abbreviation>();

  constructor(section: Uint8Array, offset: number, effort: Effort) {
    this.#effort = effort;
    this.#reader = new ByteReader(section, offset);
  }

  get(code: number): Abbreviation {
    for (;;) {
      const known = this.#known.get(code);
      if (known !== undefined) return known;
      if (this.#reader.isAtEnd) throw new BadElf(`no abbreviation ${code}`);
      const next = this.#reader.uleb();
      if (next === 0) {
        // The table's end: stay there.
        this.#reader.at = this.#reader.end;
        continue;
      }
      this.#known.set(next, this.#readOne());
    }
  }

  #readOne(): Abbreviation {
    const reader = this.#reader;
    const tagCode = reader.uleb();
    const hasChildren = reader.u8() !== 0;
    const attributes: AttributeSpec[] = [];
    for (;;) {
      const name = reader.uleb();
      const formCode = reader.uleb();
      const implicit = formCode === form.implicitConst ? reader.sleb() : 0;
      if (name === 0 && formCode === 0) return { tag: tagCode, hasChildren, attributes };
      this.#effort.spend(ATTRIBUTE_BYTES);
      if (attributes.length === MAX_ATTRIBUTES) throw new BadElf(`an abbreviation of more than ${MAX_ATTRIBUTES} attributes`);
      attributes.push({ name, form: formCode, implicit });
    }
  }
}

/** Steps over a value. */
export function skipForm(reader: ByteReader, code: number, context: FormContext): void {
  reader.skip(sizeOf(reader, code, context));
}

/** Bytes of a value; those that say their own size are read as far as that. */
function sizeOf(reader: ByteReader, code: number, context: FormContext): number {
  switch (code) {
    case form.flagPresent:
    case form.implicitConst:
      return 0;
    case form.data1:
    case form.ref1:
    case form.flag:
    case form.strx1:
    case form.addrx1:
      return 1;
    case form.data2:
    case form.ref2:
    case form.strx2:
    case form.addrx2:
      return 2;
    case form.strx3:
    case form.addrx3:
      return 3;
    case form.data4:
    case form.ref4:
    case form.strp:
    case form.lineStrp:
    case form.sectionOffset:
    case form.strx4:
    case form.addrx4:
    case form.refSup4:
    case form.strpSup:
    case form.gnuRefAlt:
    case form.gnuStrpAlt:
      return 4;
    case form.data8:
    case form.ref8:
    case form.refSig8:
    case form.refSup8:
      return 8;
    case form.data16:
      return 16;
    case form.address:
      return context.addressSize;
    case form.refAddress:
      // DWARF 2 wrote these references in the size of an address.
      return context.version === 2 ? context.addressSize : 4;
    case form.string:
      reader.skipText();
      return 0;
    case form.block1:
      return reader.u8();
    case form.block2:
      return reader.u16();
    case form.block4:
      return reader.u32();
    case form.block:
    case form.expression:
      return reader.uleb();
    case form.indirect:
      return sizeOf(reader, directForm(reader), context);
    case form.sdata:
    case form.udata:
    case form.refUdata:
    case form.strx:
    case form.addrx:
    case form.loclistx:
    case form.rnglistx:
      reader.uleb();
      return 0;
    default:
      throw new BadElf(`unknown form 0x${code.toString(16)}`);
  }
}

/** A number: a constant, an address, an offset of a section (references: of .debug_info). Null for what is none. */
export function readNumber(reader: ByteReader, spec: { form: number; implicit: number }, context: FormContext): number | null {
  switch (spec.form) {
    case form.implicitConst:
      return spec.implicit;
    case form.flagPresent:
      return 1;
    case form.data1:
    case form.flag:
      return reader.u8();
    case form.data2:
      return reader.u16();
    case form.data4:
    case form.sectionOffset:
      return reader.u32();
    case form.data8:
      return reader.u64Low();
    case form.udata:
      return reader.uleb();
    case form.sdata:
      return reader.sleb();
    case form.address:
      return readAddress(reader, context.addressSize);
    case form.ref1:
      return context.offset + reader.u8();
    case form.ref2:
      return context.offset + reader.u16();
    case form.ref4:
      return context.offset + reader.u32();
    case form.ref8:
      return context.offset + reader.u64Low();
    case form.refUdata:
      return context.offset + reader.uleb();
    case form.refAddress:
      return context.version === 2 ? readAddress(reader, context.addressSize) : reader.u32();
    case form.addrx:
      return indexedAddress(reader.uleb(), context);
    case form.addrx1:
      return indexedAddress(reader.u8(), context);
    case form.addrx2:
      return indexedAddress(reader.u16(), context);
    case form.addrx3:
      return indexedAddress(reader.u24(), context);
    case form.addrx4:
      return indexedAddress(reader.u32(), context);
    case form.rnglistx: {
      const { rangeLists } = context.sections;
      if (rangeLists === null) throw new BadElf('.debug_rnglists is missing');
      return context.rangeListsBase + new ByteReader(rangeLists, context.rangeListsBase + reader.uleb() * 4).u32();
    }
    case form.indirect:
      return readNumber(reader, { form: directForm(reader), implicit: 0 }, context);
    default:
      skipForm(reader, spec.form, context);
      return null;
  }
}

/** A string, wherever it is kept. Null for what is none. */
export function readText(reader: ByteReader, code: number, context: FormContext): string | null {
  const text = textOf(reader, code, context);
  context.sections.effort.spend(text?.length ?? 0);
  return text;
}

function textOf(reader: ByteReader, code: number, context: FormContext): string | null {
  const { strings, lineStrings } = context.sections;
  switch (code) {
    case form.string:
      return reader.text();
    case form.strp:
      return textAt(strings, reader.u32());
    case form.lineStrp:
      return textAt(lineStrings, reader.u32());
    case form.strx:
      return indexedText(reader.uleb(), context);
    case form.strx1:
      return indexedText(reader.u8(), context);
    case form.strx2:
      return indexedText(reader.u16(), context);
    case form.strx3:
      return indexedText(reader.u24(), context);
    case form.strx4:
      return indexedText(reader.u32(), context);
    case form.indirect:
      return textOf(reader, directForm(reader), context);
    default:
      skipForm(reader, code, context);
      return null;
  }
}

/** High bounds written in these are addresses; in any other form they are lengths. */
export function isAddressForm(code: number): boolean {
  return code === form.address || code === form.addrx || (code >= form.addrx1 && code <= form.addrx4);
}

export function readAddress(reader: ByteReader, size: number): number {
  if (size === 4) return reader.u32();
  if (size === 8) return reader.u64Low();
  throw new BadElf(`addresses of ${size} bytes`);
}

export function indexedAddress(index: number, { sections, addressBase, addressSize }: FormContext): number {
  if (sections.addresses === null) throw new BadElf('.debug_addr is missing');
  return readAddress(new ByteReader(sections.addresses, addressBase + index * addressSize), addressSize);
}

function indexedText(index: number, { sections, stringOffsetsBase }: FormContext): string {
  if (sections.stringOffsets === null) throw new BadElf('.debug_str_offsets is missing');
  return textAt(sections.strings, new ByteReader(sections.stringOffsets, stringOffsetsBase + index * 4).u32());
}

function directForm(reader: ByteReader): number {
  const code = reader.uleb();
  if (code === form.indirect) throw new BadElf('a form that only points to itself');
  return code;
}
