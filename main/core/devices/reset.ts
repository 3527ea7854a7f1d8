import { sleepUntil } from '../../../pipeline/clock.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { BytePort } from './port.ts';

/** One move of the control lines; a line that is not named keeps its state. Then `waitMs`. */
export interface ResetStep {
  dtr?: boolean;
  rts?: boolean;
  waitMs?: number;
}

/**
 * Ways to drive EN and IO0 through DTR and RTS (Espressif's reset circuit): EN = !(RTS && !DTR), IO0 = !(DTR && !RTS).
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

/** A board that is held longer than this is not being reset. */
const LONGEST_WAIT_MS = 10_000;

/**
 * A sequence in esptool's words: 'D0|R1|W0.1|D1|R0|W0.05|D0'. D is DTR, R is RTS, U0,1 is both at once (DTR first), W waits
 * seconds. Fails with `bad-request`.
 */
export function parseResetSequence(text: string): ResetStep[] {
  return text.split('|').map((part, index) => {
    const move = parseMove(part);
    if (move === null) {
      const message = `step ${index + 1} ("${part}") is none of D0, D1, R0, R1, U0,1, W0.05`;
      throw new TalkError('bad-request', { issues: [{ path: ['before'], message }] });
    }
    return move;
  });
}

function parseMove(part: string): ResetStep | null {
  const line = /^([DR])([01])$/.exec(part);
  if (line !== null) return line[1] === 'D' ? { dtr: line[2] === '1' } : { rts: line[2] === '1' };
  const both = /^U([01]),([01])$/.exec(part);
  if (both !== null) return { dtr: both[1] === '1', rts: both[2] === '1' };
  const wait = /^W(\d+(?:\.\d+)?|\.\d+)$/.exec(part);
  if (wait === null) return null;
  const waitMs = Number(wait[1]) * 1000;
  return waitMs <= LONGEST_WAIT_MS ? { waitMs } : null;
}

export interface ResetOptions {
  signal?: AbortSignal | undefined;
  /** Windows' own USB serial driver sends RTS on only when DTR is written. */
  platform?: NodeJS.Platform;
}

/**
 * False when the port has no control lines: nothing was reset. Rejects with the signal's reason when that aborts, the lines
 * let go, so that the board is not held in reset.
 */
export async function runReset(
  port: BytePort,
  steps: readonly ResetStep[],
  clock: Clock,
  { signal, platform = process.platform }: ResetOptions = {},
): Promise<boolean> {
  let dtr = false;
  let rts = false;
  try {
    for (const step of steps) {
      const isMove = step.dtr !== undefined || step.rts !== undefined;
      dtr = step.dtr ?? dtr;
      rts = step.rts ?? rts;
      if (isMove && !(await port.setSignals({ dtr, rts }))) return false;
      if (step.rts !== undefined && platform === 'win32') await port.setSignals({ dtr, rts });
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
  return runReset(port, into === 'run' ? resetSequences.hard : download, clock, { signal });
}
