/**
 * Frames of the bootloader in Beken's chips (docs/bk7258-flashing.md). Short: `01 E0 FC len cmd data`, answered by `04 0E len 01 E0
 * FC cmd data`. For the flash: `01 E0 FC FF F4 len16 cmd data`, answered by `04 0E FF 01 E0 FC F4 len16 cmd status data`. All little
 * endian, and nothing has a checksum.
 */

/** `answers`: the code of the answer, where it is another; null: never answered. */
interface CommandFacts {
  code: number;
  isFlash: boolean;
  answers?: number | null;
}

export const commands = {
  LINK_CHECK: { code: 0x00, isFlash: false, answers: 0x01 },
  READ_REGISTER: { code: 0x03, isFlash: false },
  REBOOT: { code: 0x0e, isFlash: false, answers: null },
  SET_BAUD: { code: 0x0f, isFlash: false },
  CRC: { code: 0x10, isFlash: false },
  WRITE_SECTOR: { code: 0x07, isFlash: true },
  READ_STATUS: { code: 0x0c, isFlash: true },
  WRITE_STATUS: { code: 0x0d, isFlash: true },
  READ_ID: { code: 0x0e, isFlash: true },
  ERASE: { code: 0x0f, isFlash: true },
} as const satisfies Record<string, CommandFacts>;

export type Command = keyof typeof commands;

export interface Answer {
  /** 0: done. Only what concerns the flash has one. */
  status: number;
  data: Uint8Array;
}

const HOST_HEAD = [0x01, 0xe0, 0xfc];
const BOARD_HEAD = Buffer.from([0x04, 0x0e]);
const FLASH_MARK = 0xf4;
/** No answer here is longer; what says so is noise. */
const LONGEST_ANSWER_BYTES = 64;

export function encodeRequest(command: Command, data: Uint8Array = new Uint8Array()): Uint8Array {
  const { code, isFlash } = commands[command];
  const length = data.length + 1;
  const head = isFlash ? [...HOST_HEAD, 0xff, FLASH_MARK, length & 0xff, length >> 8, code] : [...HOST_HEAD, length, code];
  return Uint8Array.from([...head, ...data]);
}

/**
 * The first whole answer to that command, in whatever the line brought: behind noise, behind answers to others. `isIt` says whether
 * it can be to this very request; one that is not belongs to an earlier one. Null: none, or not whole.
 */
export function findAnswer(heard: Uint8Array, command: Command, isIt: (answer: Answer) => boolean = () => true): Answer | null {
  const bytes = Buffer.from(heard.buffer, heard.byteOffset, heard.length);
  for (let at = bytes.indexOf(BOARD_HEAD); at >= 0; at = bytes.indexOf(BOARD_HEAD, at + 1)) {
    const answer = readAnswer(bytes.subarray(at), command);
    if (answer !== null && (answer.status !== 0 || isIt(answer))) return answer;
  }
  return null;
}

function readAnswer(bytes: Uint8Array, command: Command): Answer | null {
  const { code, isFlash, answers = code }: CommandFacts = commands[command];
  if (answers === null) return null;
  return isFlash ? readFlashAnswer(bytes, command) : readShortAnswer(bytes, answers);
}

function readShortAnswer(bytes: Uint8Array, code: number): Answer | null {
  const [length = 0] = bytes.subarray(2);
  const end = 3 + length;
  if (length < 4 || length > LONGEST_ANSWER_BYTES || end > bytes.length) return null;
  if (!beginsWith(bytes.subarray(3), [...HOST_HEAD, code])) return null;
  return { status: 0, data: Uint8Array.from(bytes.subarray(7, end)) };
}

function readFlashAnswer(bytes: Uint8Array, command: Command): Answer | null {
  if (bytes.length < 11 || !beginsWith(bytes.subarray(2), [0xff, ...HOST_HEAD, FLASH_MARK])) return null;
  const [low = 0, high = 0, code, status = 0] = bytes.subarray(7);
  const length = low | (high << 8);
  if (code !== commands[command].code || length < 2 || length > LONGEST_ANSWER_BYTES) return null;
  // A boot ROM counts the identification one short of what it sends (BK7231GUIFlashTool).
  const end = 9 + length + (command === 'READ_ID' && length === 5 && status === 0 ? 1 : 0);
  return end > bytes.length ? null : { status, data: Uint8Array.from(bytes.subarray(11, end)) };
}

function beginsWith(bytes: Uint8Array, head: readonly number[]): boolean {
  return head.every((byte, index) => bytes[index] === byte);
}

export function u32(...values: number[]): Uint8Array {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, index * 4);
  return Uint8Array.from(bytes);
}

export function readU32(data: Uint8Array, at: number): number | null {
  return data.length < at + 4 ? null : Buffer.from(data.buffer, data.byteOffset, data.length).readUInt32LE(at);
}
