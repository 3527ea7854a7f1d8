import { sleepUntil } from '../../../../pipeline/clock.ts';
import { isTalkError } from '../../../../preload/contract/errors.ts';
import type { PortInfo } from '../../../../preload/contract/ports.ts';
import type { MonoUs } from '../../../../preload/contract/time.ts';
import type { BytePort } from '../../devices/port.ts';
import type { FlashRun } from '../tool.ts';

const downloadIds = ['17d1:0001', '05c6:9330'];
const runIds = ['19d1:0001'];
/** Of a running module: the one that takes AT commands. macOS names the data interface instead. */
const commandInterfaces = [2, 3];

const idsOf = ({ vendorId, productId }: PortInfo) => `${vendorId}:${productId}`;

/** An Eigencomm module in download mode, or SIMCom's with the same chip. */
export function isDownloadPort(info: PortInfo): boolean {
  return downloadIds.includes(idsOf(info));
}

/** A running module, of Eigencomm's own ids. Other makers have theirs. */
export function isRunPort(info: PortInfo): boolean {
  return runIds.includes(idsOf(info));
}

/** A chip that is certainly no module, and would take what is said to one for its console. */
export function isEspressif({ vendorId }: PortInfo): boolean {
  return vendorId === '303a';
}

/** That module's port for commands: by its interface, never by its number. */
export function isCommandPortOf(module: PortInfo, info: PortInfo): boolean {
  const isSameDevice = info.location !== undefined && info.location === module.location;
  return isRunPort(info) && isSameDevice && info.interface !== undefined && commandInterfaces.includes(info.interface);
}

/**
 * Whether two ports are in one USB socket; null where the system does not say. Windows names a socket in one way for a device with
 * one function ('Port_#0002.Hub_#0004') and in another for those of a device with several ('0000.0014.0000.002…').
 */
export function isSamePlace({ location: one }: PortInfo, { location: other }: PortInfo): boolean | null {
  if (one === undefined || other === undefined) return null;
  if (one.startsWith('Port_#') !== other.startsWith('Port_#')) return null;
  return one === other;
}

/** The ports there are at this moment. */
export async function portsNow(run: FlashRun): Promise<PortInfo[]> {
  const ports: PortInfo[] = [];
  const look = (info: PortInfo) => {
    ports.push(info);
    return false;
  };
  await run.awaitPort(look, 0).catch((error: unknown) => {
    if (!isTalkError(error, 'timeout')) throw error;
  });
  return ports;
}

/**
 * The port under which this very module appears in download mode: in the same socket, or, where the system does not tell sockets,
 * one that was not there `before`. Null when none does in time.
 */
export async function downloadPortOf(
  run: FlashRun,
  module: PortInfo | null,
  before: readonly PortInfo[],
  timeoutMs: number,
): Promise<BytePort | null> {
  const old = new Set(before.filter(isDownloadPort).map(({ address }) => address));
  const isIt = (info: PortInfo): boolean => {
    if (!isDownloadPort(info)) return false;
    return (module === null ? null : isSamePlace(info, module)) ?? !old.has(info.address);
  };
  const deadlineUs = run.clock.nowUs() + timeoutMs * 1000;
  for (;;) {
    const leftMs = Math.max(0, deadlineUs - run.clock.nowUs()) / 1000;
    try {
      return await run.awaitPort(isIt, leftMs);
    } catch (error) {
      if (isTalkError(error, 'timeout')) return null;
      // It is there, and not yet ours: rights come a moment after the device, and others look at new ports too.
      const isEarly = isTalkError(error) && ['port/permission', 'port/busy', 'port/not-found'].includes(error.code);
      if (!isEarly || leftMs === 0) throw error;
      await sleep(run, 200);
    }
  }
}

function sleep({ clock, signal }: FlashRun, ms: number): Promise<void> {
  return sleepUntil(clock, (clock.nowUs() + ms * 1000) as MonoUs, signal);
}
