import type { SelfReset } from '../traits.ts';

/** Starts that nobody asked for, with what the chip says before them (reference/esp.md §4). */

const PANIC = [
  "Guru Meditation Error: Core  1 panic'ed (LoadProhibited). Exception was unhandled.",
  '',
  'Core  1 register dump:',
  'PC      : 0x42011a2c  PS      : 0x00060a30  A0      : 0x820120f1  A1      : 0x3fcb1d40  ',
  'EXCVADDR: 0x00000008  LBEG    : 0x40056f08  LEND    : 0x40056f12  LCOUNT  : 0x00000000  ',
  '',
  '',
  'Backtrace: 0x42011a29:0x3fcb1d40 0x420120ee:0x3fcb1d60 0x42010f77:0x3fcb1d90',
  '',
  '',
  '',
  'Rebooting...',
  '',
].join('\r\n');

export const panic = (afterMs: number): SelfReset => ({ afterMs, isOncePerReset: false, reason: 'panic', lastWords: `\r\n${PANIC}` });

/** A firmware that restarts when it finds its settings for the first time. */
export const restart = (afterMs: number): SelfReset => ({ afterMs, isOncePerReset: true, reason: 'software', lastWords: '' });

export const brownout = (afterMs: number): SelfReset => ({
  afterMs,
  isOncePerReset: true,
  reason: 'brownout',
  lastWords: '\r\nBrownout detector was triggered\r\n\r\n',
});
