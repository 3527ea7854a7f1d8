import { BadElf, ByteReader } from './byte-reader.ts';
import { unitEnd } from './dwarf-units.ts';

/** Where a caller's register is found: at an offset from the frame's base, in another register, nowhere. */
type Rule = { at: number } | { in: number } | 'lost';

/** How to get from a place in a function back to its caller: the frame's base (CFA), and registers relative to it. */
export interface FrameRules {
  readonly baseRegister: number;
  readonly baseOffset: number;
  /** Registers not named are as the function found them. */
  readonly registers: ReadonlyMap<number, Rule>;
  readonly returnRegister: number;
}

interface CommonEntry {
  codeAlignment: number;
  dataAlignment: number;
  returnRegister: number;
  instructions: ByteReader;
}

interface FrameEntry {
  from: number;
  to: number;
  common: CommonEntry;
  start: number;
  end: number;
}

interface State {
  baseRegister: number;
  baseOffset: number;
  registers: Map<number, Rule>;
}

const COMMON_ID = 0xffffffff;
const MAX_REMEMBERED = 64;

/** .debug_frame (DWARF 5 §6.4). Frames described by expressions, which compilers use for signal handlers only, are not known. */
export class CallFrames {
  readonly #section: Uint8Array;
  readonly #entries: FrameEntry[] = [];

  constructor(section: Uint8Array) {
    this.#section = section;
    const commons = new Map<number, CommonEntry | null>();
    const reader = new ByteReader(section);
    while (reader.end - reader.at > 8) {
      const end = unitEnd(reader);
      const id = reader.u32();
      if (id !== COMMON_ID) {
        let common = commons.get(id);
        if (common === undefined) {
          common = readCommon(section, id);
          commons.set(id, common);
        }
        const from = reader.u32();
        const size = reader.u32();
        if (common !== null && size > 0) this.#entries.push({ from, to: from + size, common, start: reader.at, end });
      }
      reader.at = end;
    }
    this.#entries.sort((a, b) => a.from - b.from);
  }

  /** Null: no function is described there. */
  rulesAt(address: number): FrameRules | null {
    const entry = this.#entryAt(address);
    if (entry === null) return null;
    const { common } = entry;
    const state: State = { baseRegister: 0, baseOffset: 0, registers: new Map() };
    run(new ByteReader(this.#section, common.instructions.at, common.instructions.end), state, null, common, entry.from, address);
    const initial = new Map(state.registers);
    run(new ByteReader(this.#section, entry.start, entry.end), state, initial, common, entry.from, address);
    return { ...state, returnRegister: common.returnRegister };
  }

  #entryAt(address: number): FrameEntry | null {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.from ?? 0) <= address) low = middle + 1;
      else high = middle;
    }
    const entry = this.#entries[low - 1];
    return entry !== undefined && address < entry.to ? entry : null;
  }
}

/** Null for one with augmentations, which only .eh_frame has. */
function readCommon(section: Uint8Array, offset: number): CommonEntry | null {
  const reader = new ByteReader(section, offset);
  const end = unitEnd(reader);
  if (reader.u32() !== COMMON_ID) throw new BadElf('a frame that belongs to no common entry');
  const version = reader.u8();
  if (reader.text() !== '') return null;
  if (version >= 4) reader.skip(2);
  const codeAlignment = reader.uleb();
  const dataAlignment = reader.sleb();
  const returnRegister = version === 1 ? reader.u8() : reader.uleb();
  return { codeAlignment, dataAlignment, returnRegister, instructions: new ByteReader(section, reader.at, end) };
}

/** Runs instructions as far as they hold for `address`. `initial`: what "restore" goes back to. */
function run(
  reader: ByteReader,
  state: State,
  initial: ReadonlyMap<number, Rule> | null,
  { codeAlignment, dataAlignment }: CommonEntry,
  from: number,
  address: number,
): void {
  let at = from;
  const remembered: State[] = [];
  const restore = (register: number) => {
    const rule = initial?.get(register);
    if (rule === undefined) state.registers.delete(register);
    else state.registers.set(register, rule);
  };
  while (!reader.isAtEnd) {
    const code = reader.u8();
    const low = code & 0x3f;
    switch (code & 0xc0) {
      case 0x40:
        at += low * codeAlignment;
        if (at > address) return;
        continue;
      case 0x80:
        state.registers.set(low, { at: reader.uleb() * dataAlignment });
        continue;
      case 0xc0:
        restore(low);
        continue;
    }
    switch (low) {
      case 0x00: // nop
        break;
      case 0x01: // set_loc
        at = reader.u32();
        break;
      case 0x02: // advance_loc1
        at += reader.u8() * codeAlignment;
        break;
      case 0x03: // advance_loc2
        at += reader.u16() * codeAlignment;
        break;
      case 0x04: // advance_loc4
        at += reader.u32() * codeAlignment;
        break;
      case 0x05: // offset_extended
        state.registers.set(reader.uleb(), { at: reader.uleb() * dataAlignment });
        break;
      case 0x06: // restore_extended
        restore(reader.uleb());
        break;
      case 0x07: // undefined
        state.registers.set(reader.uleb(), 'lost');
        break;
      case 0x08: // same_value
        state.registers.delete(reader.uleb());
        break;
      case 0x09: // register
        state.registers.set(reader.uleb(), { in: reader.uleb() });
        break;
      case 0x0a: // remember_state
        if (remembered.length === MAX_REMEMBERED) throw new BadElf('frame states nested too deep');
        remembered.push({ ...state, registers: new Map(state.registers) });
        break;
      case 0x0b: // restore_state
        Object.assign(state, remembered.pop() ?? {});
        break;
      case 0x0c: // def_cfa
        state.baseRegister = reader.uleb();
        state.baseOffset = reader.uleb();
        break;
      case 0x0d: // def_cfa_register
        state.baseRegister = reader.uleb();
        break;
      case 0x0e: // def_cfa_offset
        state.baseOffset = reader.uleb();
        break;
      case 0x11: // offset_extended_sf
        state.registers.set(reader.uleb(), { at: reader.sleb() * dataAlignment });
        break;
      case 0x12: // def_cfa_sf
        state.baseRegister = reader.uleb();
        state.baseOffset = reader.sleb() * dataAlignment;
        break;
      case 0x13: // def_cfa_offset_sf
        state.baseOffset = reader.sleb() * dataAlignment;
        break;
      default:
        throw new BadElf(`a frame instruction 0x${code.toString(16)}`);
    }
    if (at > address) return;
  }
}
