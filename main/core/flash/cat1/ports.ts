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

/** Makers of USB bridges, which stay where they are whatever becomes of the module behind them: WCH, Silicon Labs, FTDI, Prolific. */
const bridgeVendors = ['1a86', '10c4', '0403', '067b'];

/** That module's port for commands: by its interface, never by its number. */
export function isCommandPortOf(module: PortInfo, info: PortInfo): boolean {
  const isSameDevice = info.location !== undefined && info.location === module.location;
  return isRunPort(info) && isSameDevice && info.interface !== undefined && commandInterfaces.includes(info.interface);
}

/** Windows names a socket in one way for a device with one function ('Port_#0002.Hub_#0004'), in another for those of one with several. */
const isOfOneFunction = (location: string) => location.startsWith('Port_#');
const isOfSeveralFunctions = (location: string) => /^\d{4}\.\d{4}\./.test(location);

/** Whether two ports are in one USB socket; null where the system does not say, or says it in two ways. */
export function isSamePlace({ location: one }: PortInfo, { location: other }: PortInfo): boolean | null {
  if (one === undefined || other === undefined) return null;
  if (isOfOneFunction(one) !== isOfOneFunction(other)) return null;
  return one === other;
}

/** Whether its socket will tell it from all others when it comes back as a device with one function. */
export function isFoundByPlace(module: PortInfo | null): boolean {
  return module?.location !== undefined && !isOfSeveralFunctions(module.location);
}

/** By a serial number that no other device shares. Many makers give all their modules the same: then it says nothing. */
function hasItsSerial(info: PortInfo, module: PortInfo, others: readonly PortInfo[]): boolean {
  const { serialNumber } = module;
  if (serialNumber === undefined || info.serialNumber !== serialNumber) return false;
  return others.every((other) => other.serialNumber !== serialNumber || other.address === info.address || isPartOf(module, other));
}

/** The same port of it, or another of its ports. */
function isPartOf(module: PortInfo, info: PortInfo): boolean {
  return idsOf(info) === idsOf(module) && (info.address === module.address || isSamePlace(info, module) === true);
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
 * The port under which this very module appears in download mode: by its socket, by its serial number, or, where neither tells it from
 * others, one that came after it had left; only one job at a time may look for such a one (`FlashRun.oneAtATime`). `before`: what there
 * was when it was told to go. Null when none comes in time.
 */
export async function downloadPortOf(
  run: FlashRun,
  module: PortInfo | null,
  before: readonly PortInfo[],
  timeoutMs: number,
): Promise<BytePort | null> {
  const old = new Set(before.filter(isDownloadPort).map(({ address }) => address));
  /** It is the USB device itself, and has to leave before it can come. */
  const leaves = module?.vendorId !== undefined && !bridgeVendors.includes(module.vendorId);
  const isIt = (info: PortInfo, all: readonly PortInfo[]): boolean => {
    if (!isDownloadPort(info)) return false;
    if (module !== null) {
      const isHere = isSamePlace(info, module);
      if (isHere !== null) return isHere;
      if (hasItsSerial(info, module, [...before, ...all])) return true;
      if (leaves && all.some((other) => isPartOf(module, other))) old.add(info.address);
      // Another module's socket: that one went, too.
      if (leaves && before.some((other) => !isPartOf(module, other) && isSamePlace(info, other) === true)) return false;
    }
    return !old.has(info.address);
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
