import { sleepUntil } from '../../../pipeline/clock.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { BytePort } from './port.ts';

/** One move of the control lines; a line that is not named keeps its state. Then `waitMs`. */
export interface ResetStep {
  dtr?: boolean;
  rts?: boolean;
  waitMs?: number;
}

/**
 * Ways to drive EN and IO0 through DTR and RTS (reference/esp.md §3): EN = !(RTS && !DTR), IO0 = !(DTR && !RTS).
 * "Long" variants hold IO0 for boards whose EN rises slowly.
 */
export const resetSequences = {
  /** One line at a time, as every driver can. */
  classic: [{ dtr: false }, { rts: true, waitMs: 100 }, { dtr: true }, { rts: false, waitMs: 50 }, { dtr: false }],
  classicLong: [{ dtr: false }, { rts: true, waitMs: 100 }, { dtr: true }, { rts: false, waitMs: 550 }, { dtr: false }],
  /** Both lines in one ioctl, so that EN never sees the state in between. */
  unixTight: [
    { dtr: false, rts: false },
    { dtr: true, rts: true },
    { dtr: false, rts: true, waitMs: 100 },
    { dtr: true, rts: false, waitMs: 50 },
    { dtr: false, rts: false },
  ],
  unixTightLong: [
    { dtr: false, rts: false },
    { dtr: true, rts: true },
    { dtr: false, rts: true, waitMs: 100 },
    { dtr: true, rts: false, waitMs: 550 },
    { dtr: false, rts: false },
  ],
  /** The chip's own USB Serial/JTAG: the edge order matters to its latch. */
  usbJtag: [
    { rts: false },
    { dtr: false, waitMs: 100 },
    { dtr: true },
    { rts: false, waitMs: 100 },
    { rts: true },
    { dtr: false },
    { rts: true, waitMs: 100 },
    { dtr: false },
    { rts: false },
  ],
  /** Into the application. DTR must be off first, or RTS would only cancel it and EN never fall. */
  hard: [{ dtr: false }, { rts: true, waitMs: 100 }, { rts: false }],
  hardUsb: [{ dtr: false }, { rts: true, waitMs: 200 }, { rts: false, waitMs: 200 }],
} as const satisfies Record<string, readonly ResetStep[]>;

export type ResetName = keyof typeof resetSequences;

/**
 * False when the port has no control lines: nothing was reset. Rejects with the signal's reason when that aborts, the lines
 * let go, so that the board is not held in reset.
 */
export async function runReset(port: BytePort, steps: readonly ResetStep[], clock: Clock, signal?: AbortSignal): Promise<boolean> {
  let dtr = false;
  let rts = false;
  try {
    for (const step of steps) {
      dtr = step.dtr ?? dtr;
      rts = step.rts ?? rts;
      if (!(await port.setSignals({ dtr, rts }))) return false;
      if (step.waitMs !== undefined) await sleepUntil(clock, (clock.nowUs() + step.waitMs * 1000) as MonoUs, signal);
    }
  } catch (error) {
    if (signal?.aborted) await port.setSignals({ dtr: false, rts: false });
    throw error;
  }
  return true;
}

/** The everyday reset. Flashing, which may have to try several, picks sequences itself. */
export function resetBoard(port: BytePort, into: 'run' | 'download', clock: Clock, signal?: AbortSignal): Promise<boolean> {
  // Windows cannot move both lines in one call.
  const download = process.platform === 'win32' ? resetSequences.classic : resetSequences.unixTight;
  return runReset(port, into === 'run' ? resetSequences.hard : download, clock, signal);
}
