import { isTalkError } from '../../../../preload/contract/errors.ts';
import { resetSequences, runReset } from '../../devices/reset.ts';
import { WATCHDOG_KEY } from './chips.ts';
import { words } from './commands.ts';
import { type EspLoader, ignoreSilence, ROM_BAUD_RATE } from './loader.ts';

/** WDTCONFIG0 (ESP-IDF's register description): on, its first stage resets the chip with its RTC, reset signals at their longest. */
const WATCHDOG_RESETS_ALL = 2 ** 31 + (4 << 28) + (7 << 16) + (7 << 13);
/** A ROM's banner has more; what is left of an answer has less. */
const BANNER_BYTES = 20;
/** From the command to the banner's first bytes. */
const REBOOT_MS = 150;

/** Into the application through the lines. False, and nothing moved, on a port without them. The port is at the ROM's rate then, to read the boot log. */
export async function resetByLines(loader: EspLoader): Promise<boolean> {
  const { port, clock, signal } = loader.link;
  // Asked with both released, which no board notices.
  if (!(await port.setSignals({ dtr: false, rts: false }))) return false;
  await port.setBaudRate(ROM_BAUD_RATE);
  loader.link.trace.note('reset: hard');
  try {
    return await runReset(port, loader.isUsbReset ? resetSequences.hardUsb : resetSequences.hard, clock, { signal });
  } catch (error) {
    // Its own USB goes with it: that it went is that it was reset.
    const isGone = isTalkError(error, 'port/lost') || isTalkError(error, 'port/closed');
    if (isGone && loader.isUsbReset) return true;
    throw error;
  }
}

/**
 * Into the application by the loader's own command, where the port has no lines. Newer stubs do not know how to: a board that says
 * nothing then is reset by its watchdog. False when it stayed. The port is at the ROM's rate then.
 */
export async function resetByLoader(loader: EspLoader): Promise<boolean> {
  try {
    await loader.begin('flashBegin', { eraseBytes: 0, blocks: 0, blockBytes: loader.isStub ? 0x4000 : 0x400, offset: 0 });
    await loader.link.command('flashEnd', words(0)).catch(ignoreSilence);
    if (await hasRebooted(loader)) return true;
    return (await startWatchdog(loader)) && (await hasRebooted(loader));
  } catch (error) {
    // What was asked for before is done all the same.
    if (isTalkError(error, 'flash/protocol')) return false;
    throw error;
  }
}

/** Listens only: what is written now would be taken for the application's console. */
async function hasRebooted({ link, baudRate }: EspLoader): Promise<boolean> {
  link.forgetHeard();
  await link.port.setBaudRate(ROM_BAUD_RATE);
  if (await link.hears(BANNER_BYTES, REBOOT_MS)) return true;
  await link.port.setBaudRate(baudRate);
  return false;
}

/** False where it is not known how. */
async function startWatchdog(loader: EspLoader): Promise<boolean> {
  const { watchdogs } = loader.chip;
  if (watchdogs === undefined) return false;
  await loader.writeRegister(watchdogs.protect, WATCHDOG_KEY);
  await loader.writeRegister(watchdogs.config + 4, 2000); // ticks until it bites
  await loader.link.command('writeRegister', words(watchdogs.config, WATCHDOG_RESETS_ALL, 0xffffffff, 0)).catch(ignoreSilence);
  return true;
}

/** The next program that asks finds the loader at the rate a ROM speaks. */
export async function stay(loader: EspLoader): Promise<void> {
  await loader.changeBaudRate(ROM_BAUD_RATE);
}
