import type { SpiRegisters } from './chips.ts';

const COMMAND_USER = 1 << 18;
const READ_JEDEC_ID = 0x9f;
const POLLS = 10;

export interface Registers {
  readRegister(address: number): Promise<number>;
  writeRegister(address: number, value: number): Promise<void>;
}

/** Runs the flash's own "read identification" through the SPI controller's registers, and puts those back. 24 bits, manufacturer lowest. */
export async function readFlashId({ base, user, user2, misoBits, word0 }: SpiRegisters, on: Registers): Promise<number> {
  const before = { user: await on.readRegister(base + user), user2: await on.readRegister(base + user2) };
  await on.writeRegister(base + misoBits, 24 - 1);
  await on.writeRegister(base + user, 2 ** 31 + 2 ** 28); // a command, and an answer
  await on.writeRegister(base + user2, 7 * 2 ** 28 + READ_JEDEC_ID); // of 8 bits
  await on.writeRegister(base + word0, 0);
  await on.writeRegister(base, COMMAND_USER);
  for (let count = 0; count < POLLS; count++) if (((await on.readRegister(base)) & COMMAND_USER) === 0) break;
  const id = await on.readRegister(base + word0);
  await on.writeRegister(base + user, before.user);
  await on.writeRegister(base + user2, before.user2);
  return id & 0xffffff;
}

/** 'c84017': manufacturer first, as data sheets write it. Null for a line that nothing drives: no flash answered. */
export function flashIdName(id: number): string | null {
  if (id === 0 || id === 0xffffff) return null;
  return [id, id >>> 8, id >>> 16].map((byte) => (byte & 0xff).toString(16).padStart(2, '0')).join('');
}
