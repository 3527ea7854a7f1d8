import { sleepUntil } from '../../../../pipeline/clock.ts';
import { isTalkError } from '../../../../preload/contract/errors.ts';
import type { PortInfo } from '../../../../preload/contract/ports.ts';
import type { MonoUs } from '../../../../preload/contract/time.ts';
import type { BytePort } from '../../devices/port.ts';
import type { FlashRun } from '../tool.ts';
import { type Chip, chips } from './chips.ts';

/** Espressif's, and its chips' built-in USB Serial/JTAG. */
const VENDOR_ID = '303a';
const PRODUCT_ID = '1001';
const RETURN_MS = 5000;
const BETWEEN_LOOKS_MS = 50;
/** What systems call a USB device that is a serial port by itself; a bridge's names are others, where they are told apart. */
const possibleNames = /ttyACM|usbmodem|^COM\d|^virtual:/i;
/** A path that is no system's own name of a port: a link to one, as those of /dev/serial/by-id are. */
const linkNames = /^\/(?!dev\/(?:tty|cu))/;

/** A port that may go away when its board is reset, and come back as another one. `info`: what the system says of it. */
export function mayReappear({ port }: Pick<FlashRun, 'port'>, info: PortInfo | null): boolean {
  return possibleNames.test(port.address) || (info !== null && possibleNames.test(info.address));
}

/** What the system says of a port of that kind. Listing ports takes its time: not for those it cannot be. */
export async function usbPortInfo(run: FlashRun): Promise<PortInfo | null> {
  const { address } = run.port;
  return possibleNames.test(address) || linkNames.test(address) ? run.portInfo() : null;
}

/** The chip's own USB Serial/JTAG, which wants a reset of its own. */
export function isUsbJtag(info: PortInfo | null): boolean {
  return info?.vendorId?.toLowerCase() === VENDOR_ID && info.productId?.toLowerCase() === PRODUCT_ID;
}

/** The chip's own USB as its ROM speaks it: its product is the chip's number. */
export function isUsbOtg(info: PortInfo | null, { imageChipId }: Pick<Chip, 'imageChipId'>): boolean {
  return info?.vendorId?.toLowerCase() === VENDOR_ID && Number.parseInt(info.productId ?? '', 16) === imageChipId;
}

/** An application with USB of its own has other ids than the chip's loader, which comes up in the same socket. */
function isItsLoader(info: PortInfo, { location }: PortInfo): boolean {
  const isLoader = isUsbJtag(info) || chips.some((chip) => isUsbOtg(info, chip));
  return isLoader && location !== undefined && info.location === location;
}

export interface Returned {
  port: BytePort;
  /** What the system says of it. */
  info: PortInfo | null;
}

/** The port as which a board comes back that went away when it was reset; null when it does not. */
export async function awaitReturn(run: FlashRun, before: PortInfo | null): Promise<Returned | null> {
  const { clock, signal, port } = run;
  const deadlineUs = clock.nowUs() + RETURN_MS * 1000;
  let found: PortInfo | null = null;
  const isIt = (info: PortInfo) => {
    const isSame = before?.identity === undefined ? info.address === port.address : info.identity === before.identity;
    if (!isSame && (before === null || !isItsLoader(info, before))) return false;
    found = info;
    return true;
  };
  for (;;) {
    try {
      return { port: await run.awaitPort(isIt, (deadlineUs - clock.nowUs()) / 1000), info: found };
    } catch (error) {
      signal.throwIfAborted();
      // Listed, and not ready yet.
      const isEarly = isTalkError(error, 'port/not-found') || isTalkError(error, 'port/busy') || isTalkError(error, 'port/permission');
      if (!isEarly || clock.nowUs() >= deadlineUs) return null;
      await sleepUntil(clock, (clock.nowUs() + BETWEEN_LOOKS_MS * 1000) as MonoUs, signal);
    }
  }
}
