import { isTalkError, TalkError } from '../../../../preload/contract/errors.ts';
import type { FlashOptions } from '../../../../preload/contract/flash.ts';
import type { PortInfo } from '../../../../preload/contract/ports.ts';
import { kindOf } from '../../devices/open.ts';
import { parseResetSequence, type ResetName, type ResetStep, resetSequences, runReset } from '../../devices/reset.ts';
import { syncPayload } from './commands.ts';
import type { LoaderLink } from './link.ts';
import { bootModeOf, whatWasSeen } from './seen.ts';

const ATTEMPTS = 7;
const SYNCS_PER_ATTEMPT = 5;
const SYNC_TIMEOUT_MS = 100;
/** Over a network there and back. */
const FAR_SYNC_TIMEOUT_MS = 300;
const BETWEEN_SYNCS_MS = 50;
/** A board that nobody can reset may still be in the loader of a job that was killed, at that job's rate. */
const PATIENT_ATTEMPTS = 3;
/** Those in which it is looked for behind lines that move nothing. */
const LAST_ATTEMPTS = 2;

export interface Connected {
  /** The stub of an earlier job still runs. */
  isStub: boolean;
  /** The sequence the board answered to; null when none was run, or the port has no lines to run it with. */
  reset: ResetName | 'custom' | null;
  baudRate: number;
}

export interface ConnectOptions {
  before: FlashOptions['before'];
  /** By its USB id the port is the chip's own USB Serial/JTAG. */
  isUsbJtag?: boolean;
  /** What the system says of the port; null: nothing. */
  portInfo?: PortInfo | null;
  /** By which sequence the board was reset already, where its port went away with it: perhaps into its loader. */
  afterReset?: ResetName;
  /** The loader's rate first, then those where a stub may have been left. */
  baudRates: readonly [number, ...number[]];
}

interface Way {
  name: ResetName | 'custom';
  steps: readonly ResetStep[];
}

/**
 * Brings the chip into its loader and gets an answer from it: each attempt is a reset in another way, then five SYNCs. A port
 * without control lines is left to whoever holds BOOT.
 *
 * Fails with `flash/sync-timeout` {address, attempts, seen, bootMode?, echo?} and, for a sequence that is none, `bad-request`.
 */
export async function connectLoader(link: LoaderLink, options: ConnectOptions): Promise<Connected> {
  const ways = waysOf(options);
  const [usualRate, ...otherRates] = options.baudRates;
  const leftRates = [...new Set(otherRates)];
  let canReset = ways.length > 0;
  let baudRate = usualRate;
  link.forgetHeard();
  await link.port.setBaudRate(baudRate);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const resets = attempt - (options.afterReset === undefined ? 0 : 1);
    // Lines that nobody wired: a chip that was reset would have said what it does by now.
    const isMute = ['nothing', 'noise'].includes(whatWasSeen(link.heard));
    const leftRate = isMute && canReset ? leftRates[attempt - (ATTEMPTS - LAST_ATTEMPTS)] : undefined;
    const way = canReset && resets >= 0 && leftRate === undefined ? ways[resets % ways.length] : undefined;
    if (way !== undefined) {
      link.trace.note(`reset: ${way.name}`);
      canReset = await runReset(link.port, way.steps, link.clock, { signal: link.signal });
    }
    const patientRate =
      canReset || attempt < PATIENT_ATTEMPTS ? usualRate : (options.baudRates[attempt % options.baudRates.length] ?? usualRate);
    const next = leftRate ?? patientRate;
    if (next !== baudRate) await link.port.setBaudRate(next);
    baudRate = next;
    link.discard();
    for (let count = 0; count < SYNCS_PER_ATTEMPT; count++) {
      const answer = await synchronise(link);
      if (answer !== null) return { ...answer, reset: canReset && way !== undefined ? way.name : (options.afterReset ?? null), baudRate };
      await link.sleep(BETWEEN_SYNCS_MS);
    }
  }
  if (baudRate !== usualRate) await link.port.setBaudRate(usualRate);
  const bootMode = bootModeOf(link.heard);
  const data = {
    address: link.port.address,
    attempts: ATTEMPTS,
    seen: whatWasSeen(link.heard),
    ...(bootMode === undefined ? {} : { bootMode }),
    ...(link.hasHeardEcho ? { echo: true } : {}),
  };
  throw new TalkError('flash/sync-timeout', data, { retryable: true });
}

/** One SYNC. The ROM answers with a number, the stub with 0; both say it eight times. */
export async function synchronise(link: LoaderLink): Promise<{ isStub: boolean } | null> {
  try {
    const kind = kindOf(link.port.address);
    const timeoutMs = kind === 'socket' || kind === 'rfc2217' ? FAR_SYNC_TIMEOUT_MS : SYNC_TIMEOUT_MS;
    const { value } = await link.command('sync', syncPayload, { timeoutMs });
    return { isStub: value === 0 };
  } catch (error) {
    if (isTalkError(error, 'flash/protocol')) return null;
    throw error;
  }
}

/** Whether a loader answers at the present rate. What it still had to say to earlier requests has been said by then. */
export async function isAnswering(link: LoaderLink): Promise<boolean> {
  link.discard();
  for (let count = 0; count < SYNCS_PER_ATTEMPT; count++) if ((await synchronise(link)) !== null) return true;
  return false;
}

/** In the order tried. Those after the first are for an EN that rises slowly, a driver that moves one line at a time, native USB. */
function waysOf({ before, isUsbJtag = false }: ConnectOptions): readonly Way[] {
  const named = (...names: readonly ResetName[]) => names.map((name) => ({ name, steps: resetSequences[name] }));
  if (before === 'no-reset') return [];
  if (before === 'usb-reset') return named('usbJtag');
  if (before !== 'default-reset') return [{ name: 'custom', steps: parseResetSequence(before) }];
  // Windows cannot move both lines in one call.
  const usual: readonly ResetName[] =
    process.platform === 'win32' ? ['classic', 'classicLong'] : ['unixTight', 'unixTightLong', 'classic', 'classicLong'];
  return isUsbJtag ? named('usbJtag', ...usual) : named(...usual, 'usbJtag');
}
