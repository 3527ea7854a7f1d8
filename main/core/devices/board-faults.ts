import type { Cat1Options } from '../../../pipeline/boards/cat1/modem.ts';
import type { EspChipOptions } from '../../../pipeline/boards/esp/chip.ts';
import type { CallBody } from '../../../preload/contract/index.ts';

export type BoardFault = NonNullable<CallBody<'boards.start'>['fault']>;

/** What each fault that can be asked for by name is on the virtual board. */
export const boardFaults: Record<BoardFault, Partial<EspChipOptions>> = {
  none: {},
  // Every block of a fast transfer is hit; the rates a flasher falls back to are clean.
  'bad-cable': { faults: { noise: { kind: 'flip', rate: 0.001, aboveBaud: 230_400, seed: 1 } } },
  'bad-flash': { faults: { wornFlash: { offset: 0x14000, sizeBytes: 0x1000 } } },
  'power-cut': { faults: { powerCut: { afterBytes: 30_000 } }, powerBackMs: 2000 },
  'slow-loader': { faults: { lateAnswersMs: 80 } },
  'no-stub': { faults: { stubStarts: false } },
  echo: { faults: { echo: true } },
  'unknown-flash-size': { faults: { flashTellsSize: false } },
  'no-reset-circuit': { wiring: 'none' },
  'no-boot-circuit': { wiring: 'no-io0' },
  'native-usb': { wiring: 'usb-serial-jtag', usbGoneMs: 300 },
  'secure-boot': { security: { secureBoot: true } },
  'flash-encryption': { security: { flashEncryption: true } },
  'secure-download': { security: { secureBoot: true, flashEncryption: true, secureDownload: true } },
};

/** What is wrong with a virtual cat.1 module, as its options say it. */
export const troubles: Record<NonNullable<CallBody<'boards.start'>['trouble']>, Partial<Cat1Options>> = {
  none: {},
  'no-sim': { sim: 'absent' },
  pin: { sim: 'pin' },
  'no-signal': { network: 'none' },
  'weak-signal': { rssi: 9, rsrp: 20 },
  denied: { network: 'denied' },
  'slow-network': { network: 'late' },
  interrupts: { faults: { splitChunks: true, awkwardLines: true } },
  // Its last digit is not the check digit of the others.
  'bad-imei': { imei: '788596633100003' },
};
