import { BadElf, ByteReader } from './byte-reader.ts';
import {
  AbbreviationTable,
  attribute,
  type DwarfSections,
  type FormContext,
  indexedAddress,
  isAddressForm,
  readAddress,
  readNumber,
  readText,
  skipForm,
} from './dwarf-forms.ts';

/** [from, to) of addresses. */
export type AddressRange = readonly [from: number, to: number];

/** One source file as it was compiled: the header of its part of .debug_info and its first entry. */
export interface Unit extends FormContext {
  readonly end: number;
  /** Where its first entry begins. */
  readonly root: number;
  readonly abbreviations: AbbreviationTable;
  /** Its line table in .debug_line; null when it has none. */
  lines: number | null;
  name: string;
  directory: string;
  /** What addresses in its range lists count from. */
  low: number;
  ranges: AddressRange[];
}

const unitType = { compile: 1, partial: 3, skeleton: 4, splitCompile: 5 } as const;
/** A list that many entries share can be asked for many times; past this the file is not a firmware's. */
const MAX_RANGES_A_LIST = 100_000;
const RANGE_BYTES = 32;
const UNIT_BYTES = 256;

/** Every unit's header and first entry, in the order of .debug_info. What follows them is read when it is asked for. */
export function readUnits(sections: DwarfSections): Unit[] {
  const { info, abbrev } = sections;
  if (info === null || abbrev === null) return [];
  const tables = new Map<number, AbbreviationTable>();
  const units: Unit[] = [];
  const reader = new ByteReader(info);
  while (reader.end - reader.at > 11) {
    const offset = reader.at;
    const end = unitEnd(reader);
    const version = reader.u16();
    if (version < 2 || version > 5) throw new BadElf(`DWARF version ${version}`);
    const type = version >= 5 ? reader.u8() : unitType.compile;
    let addressSize = version >= 5 ? reader.u8() : 0;
    const abbrevOffset = reader.u32();
    if (version < 5) addressSize = reader.u8();
    if (type === unitType.skeleton || type === unitType.splitCompile) reader.skip(8);
    if (type === unitType.compile || type === unitType.partial || type === unitType.skeleton) {
      let abbreviations = tables.get(abbrevOffset);
      if (abbreviations === undefined) {
        abbreviations = new AbbreviationTable(abbrev, abbrevOffset, sections.effort);
        tables.set(abbrevOffset, abbreviations);
      }
      const bases = { stringOffsetsBase: 8, addressBase: 8, rangeListsBase: 12 };
      const facts = { lines: null, name: '', directory: '', low: 0, ranges: [] };
      const unit: Unit = { sections, version, addressSize, offset, end, root: reader.at, abbreviations, ...bases, ...facts };
      sections.effort.spend(UNIT_BYTES);
      readRoot(unit);
      units.push(unit);
    }
    reader.at = end;
  }
  return units;
}

/** Reads a unit's length; where it ends. */
export function unitEnd(reader: ByteReader): number {
  const length = reader.u32();
  if (length >= 0xfffffff0) throw new BadElf('64-bit DWARF');
  if (reader.at + length > reader.end) throw new BadElf('a unit is longer than its section');
  return reader.at + length;
}

function readRoot(unit: Unit): void {
  const { info } = unit.sections;
  if (info === null) return;
  const start = new ByteReader(info, unit.root, unit.end);
  const code = start.uleb();
  if (code === 0) return;
  const { attributes } = unit.abbreviations.get(code);
  // The bases first: what is written before them may count from them.
  const first = new ByteReader(info, start.at, unit.end);
  for (const spec of attributes) {
    if (spec.name === attribute.stringOffsetsBase) unit.stringOffsetsBase = readNumber(first, spec, unit) ?? 0;
    else if (spec.name === attribute.addressBase) unit.addressBase = readNumber(first, spec, unit) ?? 0;
    else if (spec.name === attribute.rangeListsBase) unit.rangeListsBase = readNumber(first, spec, unit) ?? 0;
    else skipForm(first, spec.form, unit);
  }
  let low: number | null = null;
  let high: number | null = null;
  let ranges: number | null = null;
  for (const spec of attributes) {
    if (spec.name === attribute.name) unit.name = readText(start, spec.form, unit) ?? '';
    else if (spec.name === attribute.directory) unit.directory = readText(start, spec.form, unit) ?? '';
    else if (spec.name === attribute.lines) unit.lines = readNumber(start, spec, unit);
    else if (spec.name === attribute.low) low = readNumber(start, spec, unit);
    else if (spec.name === attribute.high) high = highOf(low, readNumber(start, spec, unit), spec.form);
    else if (spec.name === attribute.ranges) ranges = readNumber(start, spec, unit);
    else skipForm(start, spec.form, unit);
  }
  unit.low = low ?? 0;
  if (ranges !== null) unit.ranges = readRanges(ranges, unit);
  else if (low !== null && high !== null && high > low) unit.ranges = [[low, high]];
}

/** The upper bound: written as an address, or (since DWARF 4) as a length. */
export function highOf(low: number | null, value: number | null, formCode: number): number | null {
  if (value === null || isAddressForm(formCode)) return value;
  return low === null ? null : low + value;
}

/** A list of .debug_ranges (to version 4) or .debug_rnglists. */
export function readRanges(offset: number, unit: Unit): AddressRange[] {
  return unit.version >= 5 ? readRangeList(offset, unit) : readOldRanges(offset, unit);
}

function readOldRanges(offset: number, { sections, addressSize, low }: Unit): AddressRange[] {
  if (sections.ranges === null) throw new BadElf('.debug_ranges is missing');
  const reader = new ByteReader(sections.ranges, offset);
  const found: AddressRange[] = [];
  let base = low;
  for (;;) {
    sections.effort.spend(RANGE_BYTES);
    const from = readAddress(reader, addressSize);
    const to = readAddress(reader, addressSize);
    if (from === 0 && to === 0) return found;
    if (from === 0xffffffff) base = to;
    else add(found, base + from, base + to);
  }
}

const listEntry = { end: 0, baseIndexed: 1, indexedPair: 2, indexedLength: 3, offsets: 4, base: 5, pair: 6, length: 7 } as const;

function readRangeList(offset: number, unit: Unit): AddressRange[] {
  const { sections, addressSize } = unit;
  if (sections.rangeLists === null) throw new BadElf('.debug_rnglists is missing');
  const reader = new ByteReader(sections.rangeLists, offset);
  const found: AddressRange[] = [];
  let base = unit.low;
  for (;;) {
    sections.effort.spend(RANGE_BYTES);
    const kind = reader.u8();
    if (kind === listEntry.end) return found;
    else if (kind === listEntry.baseIndexed) base = indexedAddress(reader.uleb(), unit);
    else if (kind === listEntry.base) base = readAddress(reader, addressSize);
    else if (kind === listEntry.offsets) add(found, base + reader.uleb(), base + reader.uleb());
    else if (kind === listEntry.pair) add(found, readAddress(reader, addressSize), readAddress(reader, addressSize));
    else if (kind === listEntry.indexedPair) add(found, indexedAddress(reader.uleb(), unit), indexedAddress(reader.uleb(), unit));
    else if (kind === listEntry.length || kind === listEntry.indexedLength) {
      const from = kind === listEntry.length ? readAddress(reader, addressSize) : indexedAddress(reader.uleb(), unit);
      add(found, from, from + reader.uleb());
    } else throw new BadElf(`a range list entry of kind ${kind}`);
  }
}

function add(ranges: AddressRange[], from: number, to: number): void {
  if (ranges.length === MAX_RANGES_A_LIST) throw new BadElf('a range list without end');
  if (to > from) ranges.push([from, to]);
}
