import type { Fuse } from './chips.ts';

/** What changes in one register, and how long that takes to have its effect. */
export interface PowerStep {
  address: number;
  /** Instead of all that is there. */
  value?: number;
  set?: number;
  clear?: number;
  pauseMs?: number;
}

/** A flash that some revisions of a chip leave without power in download mode. */
export interface FlashPower {
  /** 100 × major + minor. */
  revisions: readonly number[];
  /** To be done in this order, before the flash is attached. */
  steps: readonly PowerStep[];
  /**
   * A revision whose ROM does it by itself where that fuse is burned; and what it leaves on then, with which the flash of a second
   * session cannot be attached.
   */
  byRom: { revision: number; fuse: Fuse; leftOn: { address: number; bits: number } };
}

const PADS = 0x5011010c; // LP_SYSTEM_REG_ANA_XPD_PAD_GROUP
const REGULATOR = 0x501151b8; // PMU_EXT_LDO_P0_0P1A
const REGULATOR_ANALOG = 0x501151bc; // PMU_EXT_LDO_P0_0P1A_ANA
const FLASH_SWITCH = 0x501153fc; // PMU_DATE, whose low bits force the flash on

const FORCE_HIGH = 1 << 7;
const SWITCH_ON = 0x3;
const CURRENT_LIMIT = 1 << 27;
const TARGET = 0x7f800000;

/**
 * The ESP32-P4's regulator was 1.8 V by default and became 3.3 V in v3.1, which therefore starts with it off: a board may carry a 1.8 V
 * flash, and which it is the eFuses say. On with the overcurrent limit; then that, the forced voltage and the target are taken back, and
 * the eFuses' voltage holds. (Registers as esptool 5.3 writes them; no manual has them yet.)
 */
export const flashPowerOfP4: FlashPower = {
  revisions: [301, 302],
  steps: [
    { address: PADS, value: 1, pauseMs: 10 },
    { address: REGULATOR_ANALOG, set: CURRENT_LIMIT },
    { address: REGULATOR, set: FORCE_HIGH },
    { address: FLASH_SWITCH, set: SWITCH_ON, pauseMs: 0.05 },
    { address: REGULATOR_ANALOG, clear: CURRENT_LIMIT },
    { address: REGULATOR, clear: TARGET },
    { address: REGULATOR, set: FORCE_HIGH },
    { address: REGULATOR, clear: FORCE_HIGH, pauseMs: 1.8 },
  ],
  // DOWNLOAD_MODE_XPD_ON of REPEAT_DATA1.
  byRom: { revision: 302, fuse: [0x5012d034, 16, 1], leftOn: { address: FLASH_SWITCH, bits: SWITCH_ON } },
};

export interface PowerRegisters {
  /** What is written back has to be what was there: no answer that was damaged on the way. */
  readCertainly(address: number): Promise<number>;
  writeRegister(address: number, value: number): Promise<void>;
  pause(ms: number): Promise<void>;
}

/** Nothing to do for other revisions. */
export async function powerFlash(power: FlashPower, revision: number, on: PowerRegisters): Promise<void> {
  if (!power.revisions.includes(revision)) return;
  for (const { address, value, set = 0, clear = 0, pauseMs } of await stepsFor(power, revision, on)) {
    await on.writeRegister(address, value ?? ((await on.readCertainly(address)) | set) & ~clear);
    if (pauseMs !== undefined) await on.pause(pauseMs);
  }
}

async function stepsFor({ steps, byRom }: FlashPower, revision: number, on: PowerRegisters): Promise<readonly PowerStep[]> {
  const [fuse, shift, bits] = byRom.fuse;
  const isByRom = revision === byRom.revision && (((await on.readCertainly(fuse)) >>> shift) & (2 ** bits - 1)) !== 0;
  if (!isByRom) return steps;
  const { address, bits: left } = byRom.leftOn;
  const isLeftOn = ((await on.readCertainly(address)) & left) === left;
  return isLeftOn ? [{ address, clear: left }] : [];
}
