import { BadElf, ByteReader } from './byte-reader.ts';
import { attribute, readNumber, readText, skipForm, tag } from './dwarf-forms.ts';
import { type AddressRange, highOf, readRanges, type Unit } from './dwarf-units.ts';

/** A function's own code, or a copy of it that the compiler put into its caller's. */
export interface FunctionCode {
  /** Its entry in .debug_info, where its name is found. */
  readonly entry: number;
  readonly isInlined: boolean;
  /** The function it was inlined into; null for one that stands by itself. */
  readonly caller: FunctionCode | null;
  /** Where the caller calls it: a file number of the unit's line table, 0 when not told. */
  callFile: number;
  callLine: number;
  callColumn: number;
}

/** Deeper nesting is no program's. */
const MAX_DEPTH = 1000;
/** Of one unit: more than any has. */
const MAX_RANGES = 2_000_000;
/** A name's way through "same as that one" entries is two or three steps. */
const MAX_ORIGINS = 8;

/** The functions of one unit by address. Reads the unit's whole tree once. */
export class FunctionIndex {
  readonly #starts: Float64Array;
  readonly #ends: Float64Array;
  /** The greatest end of all ranges up to each: how far back one must look. */
  readonly #reach: Float64Array;
  readonly #functions: FunctionCode[];

  constructor(unit: Unit) {
    const found = readFunctions(unit).sort((a, b) => a.range[0] - b.range[0]);
    this.#starts = Float64Array.from(found, ({ range }) => range[0]);
    this.#ends = Float64Array.from(found, ({ range }) => range[1]);
    this.#functions = found.map(({ code }) => code);
    this.#reach = new Float64Array(found.length);
    let reach = 0;
    for (const [index, end] of this.#ends.entries()) {
      reach = Math.max(reach, end);
      this.#reach[index] = reach;
    }
  }

  /** The innermost function with code at the address: the one whose range around it is the smallest. */
  lookup(address: number): FunctionCode | null {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    let best: FunctionCode | null = null;
    let bestSize = Number.POSITIVE_INFINITY;
    for (let index = low - 1; index >= 0 && (this.#reach[index] ?? 0) > address; index--) {
      const end = this.#ends[index] ?? 0;
      if (end <= address) continue;
      const size = end - (this.#starts[index] ?? 0);
      const code = this.#functions[index];
      // Of two that cover the same, the one inside.
      if (code !== undefined && (size < bestSize || (size === bestSize && depthOf(code) > depthOf(best)))) {
        best = code;
        bestSize = size;
      }
    }
    return best;
  }
}

function depthOf(code: FunctionCode | null): number {
  let depth = 0;
  for (let at = code; at !== null; at = at.caller) depth++;
  return depth;
}

function readFunctions(unit: Unit): { range: AddressRange; code: FunctionCode }[] {
  const { info } = unit.sections;
  if (info === null) return [];
  const reader = new ByteReader(info, unit.root, unit.end);
  const found: { range: AddressRange; code: FunctionCode }[] = [];
  /** The function around each open level of the tree. */
  const around: (FunctionCode | null)[] = [];
  let current: FunctionCode | null = null;
  while (!reader.isAtEnd) {
    const entry = reader.at;
    const code = reader.uleb();
    if (code === 0) {
      if (around.length === 0) continue; // padding
      current = around.pop() ?? null;
      if (around.length === 0) break;
      continue;
    }
    const abbreviation = unit.abbreviations.get(code);
    let inside: FunctionCode | null = current;
    if (abbreviation.tag === tag.subprogram || abbreviation.tag === tag.inlinedSubroutine) {
      const isInlined = abbreviation.tag === tag.inlinedSubroutine;
      inside = { entry, isInlined, caller: isInlined ? current : null, callFile: 0, callLine: 0, callColumn: 0 };
      for (const range of readCode(reader, unit, abbreviation.attributes, inside)) {
        if (found.length === MAX_RANGES) throw new BadElf('a unit of too many functions');
        found.push({ range, code: inside });
      }
    } else {
      for (const spec of abbreviation.attributes) skipForm(reader, spec.form, unit);
    }
    if (abbreviation.hasChildren) {
      if (around.length === MAX_DEPTH) throw new BadElf('a unit nested too deep');
      around.push(current);
      current = inside;
    } else if (around.length === 0) break; // a unit of its root alone
  }
  return found;
}

function readCode(
  reader: ByteReader,
  unit: Unit,
  attributes: readonly { name: number; form: number; implicit: number }[],
  code: FunctionCode,
): AddressRange[] {
  let low: number | null = null;
  let high: { value: number | null; form: number } | null = null;
  let ranges: number | null = null;
  for (const spec of attributes) {
    switch (spec.name) {
      case attribute.low:
        low = readNumber(reader, spec, unit);
        break;
      case attribute.high:
        high = { value: readNumber(reader, spec, unit), form: spec.form };
        break;
      case attribute.ranges:
        ranges = readNumber(reader, spec, unit);
        break;
      case attribute.callFile:
        code.callFile = readNumber(reader, spec, unit) ?? 0;
        break;
      case attribute.callLine:
        code.callLine = readNumber(reader, spec, unit) ?? 0;
        break;
      case attribute.callColumn:
        code.callColumn = readNumber(reader, spec, unit) ?? 0;
        break;
      default:
        skipForm(reader, spec.form, unit);
    }
  }
  if (ranges !== null) return readRanges(ranges, unit);
  const to = high === null ? null : highOf(low, high.value, high.form);
  return low !== null && to !== null && to > low ? [[low, to]] : [];
}

/** A function's name: the linker's (mangled, for C++) where there is one. `plain` is empty when none is told. */
export function functionName(entry: number, unitAt: (offset: number) => Unit | null): { linkage: string } | { plain: string } {
  let offset: number | null = entry;
  let plain = '';
  for (let step = 0; offset !== null && step < MAX_ORIGINS; step++) {
    const unit = unitAt(offset);
    if (unit?.sections.info == null) break;
    const reader = new ByteReader(unit.sections.info, offset, unit.end);
    const code = reader.uleb();
    if (code === 0) break;
    offset = null;
    for (const spec of unit.abbreviations.get(code).attributes) {
      if (spec.name === attribute.linkageName || spec.name === attribute.oldLinkageName) {
        const linkage = readText(reader, spec.form, unit);
        if (linkage !== null && linkage !== '') return { linkage };
      } else if (spec.name === attribute.name) plain = plain || (readText(reader, spec.form, unit) ?? '');
      else if (spec.name === attribute.origin || spec.name === attribute.specification) offset = readNumber(reader, spec, unit);
      else skipForm(reader, spec.form, unit);
    }
  }
  return { plain };
}
