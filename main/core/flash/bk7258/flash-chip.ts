/** Its status registers in one request, or each in its own; the other way where that does not help. */
export type StatusWrite = 'together' | 'apart';

/** What is known of a NOR flash by its identification: manufacturer, type, capacity, as 0xCCTTMM. */
export interface FlashChip {
  id: number;
  /** Null: it names no capacity that a flash has. */
  sizeBytes: number | null;
  /** Commands that read its status registers, low byte first. */
  statusCommands: readonly number[];
  /** Bits of these that protect it from being written. */
  protection: number;
  /** Bits that say what it is doing just now. */
  volatileBits: number;
  statusWrites: readonly StatusWrite[];
}

type Registers = Pick<FlashChip, 'statusCommands' | 'protection' | 'volatileBits' | 'statusWrites'>;

const oneByte: Registers = { statusCommands: [0x05], protection: 0x007c, volatileBits: 0x03, statusWrites: ['together'] };
/** BP0..BP4 and CMP; WIP, WEL, SUS2 and SUS1. */
const twoBytes: Registers = {
  statusCommands: [0x05, 0x35],
  protection: 0x407c,
  volatileBits: 0x8403,
  statusWrites: ['together', 'apart'],
};
/** A configuration register that is written with the first, and cannot be alone. */
const withConfiguration: Registers = { statusCommands: [0x05, 0x15], protection: 0x3012, volatileBits: 0x03, statusWrites: ['together'] };

/** Where the general rule does not hold (luatos-cli, BK7231GUIFlashTool: the same list). */
const exceptions = new Map<number, Registers>([
  [0x144051, oneByte],
  [0x134051, oneByte],
  [0x14405e, oneByte],
  [0x13405e, oneByte],
  [0x13311c, oneByte],
  [0x1464c8, oneByte],
  [0x15701c, { ...oneByte, protection: 0x003c }],
  [0x1423c2, withConfiguration],
  [0x1523c2, withConfiguration],
]);

/** Their data sheets have a request for each register, says tyutool's list of flashes for this chip. */
const writtenApart = new Set([0x1640c8, 0x1740c8, 0x1765c8, 0x1840c8, 0x1760eb, 0x154285, 0x166085]);

/** Below a megabyte they have one register only. */
const TWO_REGISTERS_FROM = 0x14;

export function flashChipOf(id: number): FlashChip {
  const capacity = id >>> 16;
  const isCapacity = capacity >= 0x10 && capacity <= 0x1a;
  const registers = exceptions.get(id) ?? (capacity >= TWO_REGISTERS_FROM ? twoBytes : oneByte);
  const statusWrites: readonly StatusWrite[] = writtenApart.has(id) ? ['apart', 'together'] : registers.statusWrites;
  return { id, sizeBytes: isCapacity ? 2 ** capacity : null, ...registers, statusWrites };
}

/** '0xC86517': manufacturer first, as data sheets have it. */
export function idText(id: number): string {
  const bytes = [id & 0xff, (id >> 8) & 0xff, id >>> 16];
  return `0x${Buffer.from(bytes).toString('hex').toUpperCase()}`;
}
