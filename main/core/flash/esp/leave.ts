import { isTalkError } from '../../../../preload/contract/errors.ts';
import { resetSequences, runReset } from '../../devices/reset.ts';
import { isBlank } from './blank.ts';
import type { EspBoard } from './board.ts';
import { bootingOf } from './booting.ts';
import { WATCHDOG_KEY } from './chips.ts';
import { words } from './commands.ts';
import { isAnswering } from './connect.ts';
import { type EspLoader, ignoreSilence, ROM_BAUD_RATE } from './loader.ts';
import { whatWasSeen } from './seen.ts';

/** What esptool writes to WDTCONFIG0, after so many ticks in WDTCONFIG1. */
const WATCHDOG_RESETS_ALL = 0xd0000102;
const WATCHDOG_TICKS = 2000;
/** A ROM's banner has more; what is left of an answer has less. */
const BANNER_BYTES = 20;
/** From the command to the banner's first bytes; and from those to where it says which way it goes, and that it found something there. */
const REBOOT_MS = 150;
const BANNER_MS = 100;
/** From its banner on a bootloader looks through its partitions, or a watchdog has bitten three times. */
const DOUBT_MS = 1500;

/**
 * What a board was seen to do after a reset. failure: it says that it has nothing to start · loader: nothing, the one that was there still
 * answers · silence: nothing, and nobody answers.
 */
type Seen = 'application' | 'failure' | 'rom' | 'loader' | 'silence';
type Left = 'running' | 'not-booting' | 'download-mode' | 'unknown';

/**
 * Into the application: through the lines, and where those reset nothing (none there, or not wired) by the loader itself. What the
 * board is left doing; 'running' has been heard, or has left its loader, which answered until then, when the lines told it to; 'erased'
 * has too, and has nothing to start. `isDoubtful`: whether it starts at all is listened for, where else what it says first is enough.
 */
export async function restart(board: EspBoard, isDoubtful = false): Promise<Left | 'erased'> {
  const wasThere = await isAnswering(board.loader.link);
  const blank = wasThere && (await isBlank(board));
  const boardState = await reset(board, wasThere, isDoubtful && !blank);
  return blank && (boardState === 'running' || boardState === 'not-booting') ? 'erased' : boardState;
}

async function reset(board: EspBoard, wasThere: boolean, isDoubtful: boolean): Promise<Left> {
  const { loader, run } = board;
  const asBefore = wasThere ? 'loader' : 'silence';
  const seen = (await resetByLines(board)) ? await whatLinesDid(board, isDoubtful) : asBefore;
  if (seen === 'silence') return wasThere ? 'running' : 'unknown';
  if (seen === 'application') return 'running';
  if (seen === 'failure') return 'not-booting';
  // Its BOOT is held down.
  if (seen === 'rom' || board.isLocked || !board.isIdentified) return 'download-mode';
  const after = await resetByLoader(loader, isDoubtful);
  if (after === 'silence') return 'unknown';
  if (after === 'rom' || after === 'loader') return 'download-mode';
  run.note('rebooted-by-loader');
  return after === 'failure' ? 'not-booting' : 'running';
}

/** A chip's own USB goes with it: that it went is that it was reset, and what it says it says at a port that is only coming back. */
async function whatLinesDid({ loader, mayReappear }: EspBoard, isDoubtful: boolean): Promise<Seen> {
  try {
    if (!loader.isUsbReset) return await whatRuns(loader, isDoubtful);
    return isDoubtful && (await loader.link.hears(BANNER_BYTES, REBOOT_MS)) ? await whatIsSaid(loader, isDoubtful) : 'application';
  } catch (error) {
    if (isGone(error) && (loader.isUsbReset || mayReappear)) return 'application';
    throw error;
  }
}

/** False, and nothing moved, on a port without lines. The port is at the ROM's rate then, to read the boot log. */
export async function resetByLines({ loader, mayReappear }: EspBoard): Promise<boolean> {
  const { link } = loader;
  const { port, clock, signal } = link;
  // Asked with both released, which no board notices.
  if (!(await port.setSignals({ dtr: false, rts: false }))) return false;
  await listenAtRomRate(loader);
  link.trace.note('reset: hard');
  try {
    return await runReset(port, loader.isUsbReset ? resetSequences.hardUsb : resetSequences.hard, clock, { signal });
  } catch (error) {
    if (isGone(error) && (loader.isUsbReset || mayReappear)) return true;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return isTalkError(error, 'port/lost') || isTalkError(error, 'port/closed');
}

/** By the loader's own command; newer stubs take it and do nothing, and then the chip's watchdog does it. */
async function resetByLoader(loader: EspLoader, isDoubtful: boolean): Promise<Seen> {
  try {
    await loader.begin('flashBegin', { eraseBytes: 0, blocks: 0, blockBytes: loader.isStub ? 0x4000 : 0x400, offset: 0 });
    await loader.link.command('flashEnd', words(0)).catch(ignoreSilence);
    await listenAtRomRate(loader);
    const seen = await whatRuns(loader, isDoubtful);
    if (seen !== 'loader' || !(await startWatchdog(loader))) return seen;
    await listenAtRomRate(loader);
    return await whatRuns(loader, isDoubtful);
  } catch (error) {
    // What was asked for before is done all the same.
    if (isTalkError(error, 'flash/protocol')) return 'loader';
    throw error;
  }
}

/**
 * Listens first: what is written now would be taken for the application's console. A reset that keeps the straps, or a BOOT that is
 * held, ends in the ROM's loader, and its banner says so. The port is at the ROM's rate, and left at that of what runs.
 */
async function whatRuns(loader: EspLoader, isDoubtful: boolean): Promise<Seen> {
  const { link, baudRate } = loader;
  if (await link.hears(BANNER_BYTES, REBOOT_MS)) return whatIsSaid(loader, isDoubtful);
  await link.port.setBaudRate(baudRate);
  if (await isAnswering(link)) return 'loader';
  await link.port.setBaudRate(ROM_BAUD_RATE);
  return 'silence';
}

/** A failure is none before the time is over, or the board reset for it: there may be another bootloader, another application. */
async function whatIsSaid({ link }: EspLoader, isDoubtful: boolean): Promise<Seen> {
  const isDecided = (heard: Uint8Array) => {
    const { isLoaded, isStarted, isOver } = bootingOf(heard);
    return isStarted || isOver || (isLoaded && (!isDoubtful || whatWasSeen(heard) === 'download-mode'));
  };
  await link.hearsThat(isDecided, isDoubtful ? DOUBT_MS : BANNER_MS);
  if (whatWasSeen(link.heard) === 'download-mode') return 'rom';
  return bootingOf(link.heard).said === null ? 'application' : 'failure';
}

/** What came at another rate is noise. */
async function listenAtRomRate({ link }: EspLoader): Promise<void> {
  // The rate is the port's at once, whenever its promise says so.
  const isChanged = link.port.setBaudRate(ROM_BAUD_RATE);
  link.forgetHeard();
  await isChanged;
}

/** False where it is not known how. */
async function startWatchdog(loader: EspLoader): Promise<boolean> {
  const { watchdogs } = loader.chip;
  if (watchdogs?.resets !== true) return false;
  await loader.writeRegister(watchdogs.protect, WATCHDOG_KEY);
  await loader.writeRegister(watchdogs.config + 4, WATCHDOG_TICKS);
  await loader.link.command('writeRegister', words(watchdogs.config, WATCHDOG_RESETS_ALL, 0xffffffff, 0)).catch(ignoreSilence);
  return true;
}

/** The next program that asks finds the loader at the rate a ROM speaks. */
export async function stay(loader: EspLoader): Promise<void> {
  await loader.changeBaudRate(ROM_BAUD_RATE);
}
