/** What is known of a NOR flash by its identification: manufacturer, type, capacity, as 0xCCTTMM. */
export interface FlashChip {
  id: number;
  /** Null: it names no capacity that a flash has. */
  sizeBytes: number | null;
  /** Commands that read its status registers, low byte first. */
  statusCommands: readonly number[];
  /** Bits of these that protect it from being written. */
  protection: number;
}

const oneByte = { statusCommands: [0x05], protection: 0x007c };
/** BP0..BP4 and CMP. */
const twoBytes = { statusCommands: [0x05, 0x35], protection: 0x407c };

/** Where the general rule does not hold (luatos-cli, BK7231GUIFlashTool: the same list). */
const exceptions: Readonly<Record<number, Pick<FlashChip, 'statusCommands' | 'protection'>>> = {
  1327185: oneByte,
  1261649: oneByte,
  1327198: oneByte,
  1261662: oneByte,
  1257756: oneByte,
  1336520: oneByte,
  1404956: { statusCommands: [0x05], protection: 0x003c },
  1319874: { statusCommands: [0x05, 0x15], protection: 0x3012 },
  1385410: { statusCommands: [0x05, 0x15], protection: 0x3012 },
};

/** Below a megabyte they have one register only. */
const TWO_REGISTERS_FROM = 0x14;

export function flashChipOf(id: number): FlashChip {
  const capacity = id >>> 16;
  const isCapacity = capacity >= 0x10 && capacity <= 0x1a;
  const registers = exceptions[id] ?? (capacity >= TWO_REGISTERS_FROM ? twoBytes : oneByte);
  return { id, sizeBytes: isCapacity ? 2 ** capacity : null, ...registers };
}

/** '0xC86517': manufacturer first, as data sheets have it. */
export function idText(id: number): string {
  const bytes = [id & 0xff, (id >> 8) & 0xff, id >>> 16];
  return `0x${Buffer.from(bytes).toString('hex').toUpperCase()}`;
}
