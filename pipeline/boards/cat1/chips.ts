/** A module's chip as its loader shows it (reference/cat1.md §3). */
export type ModuleChip = 'ec618' | 'ec716' | 'ec718' | 'ec718m';

export interface ChipFacts {
  /** What the ROM answers to GET_VERSION. The EC618's is a capture's; of the others the first eight bytes are known. */
  romVersion: string;
  flashBytes: number;
  /** The modem's own flash; 0: it is in the common one. */
  cpFlashBytes: number;
  calibration: { from: number; to: number; isInCpFlash: boolean };
}

export const chips: Readonly<Record<ModuleChip, ChipFacts>> = {
  ec618: {
    romVersion: '000000020100000002262120',
    flashBytes: 0x400000,
    cpFlashBytes: 0x100000,
    calibration: { from: 0xce000, to: 0x100000, isInCpFlash: true },
  },
  ec716: {
    romVersion: '000001030100000000000000',
    flashBytes: 0x200000,
    cpFlashBytes: 0,
    calibration: { from: 0x1f2000, to: 0x1fe000, isInCpFlash: false },
  },
  ec718: {
    romVersion: '000000030200000000000000',
    flashBytes: 0x400000,
    cpFlashBytes: 0,
    calibration: { from: 0x3f2000, to: 0x3fe000, isInCpFlash: false },
  },
  ec718m: {
    romVersion: '000003030100000000000000',
    flashBytes: 0x800000,
    cpFlashBytes: 0,
    calibration: { from: 0x7f2000, to: 0x7fe000, isInCpFlash: false },
  },
};
