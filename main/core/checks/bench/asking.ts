import { sleepUntil } from '../../../../pipeline/clock.ts';
import { orAborted } from '../../../../pipeline/engines/abort.ts';
import { deviceId } from '../../../../pipeline/gateways/devices.ts';
import type { FlashJob } from '../../../../preload/contract/flash.ts';
import type { DeviceRecord } from '../../../../preload/contract/pipeline.ts';
import { isTalkError, TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../../preload/contract/time.ts';
import type { BoardPort } from '../bench.ts';
import { isApplication } from '../kinds/power/boots.ts';
import { NAMED_MS } from './habit.ts';
import type { DeviceHistory } from './history.ts';
import type { OneBoard } from './one-board.ts';
import { isImei, otherBoard } from './other-board.ts';
import { factsIn } from './told.ts';

/** To ask a chip for its MAC and have the board back. */
export const ASK_MS = 60_000;
export const MODULE_START_MS = 30_000;
/** After it was asked for its MAC, until a board is as it was. */
const BACK_MS = 30_000;
/** After its application has started again, until its log tells what it is called; it has proven itself by then. */
const CALLED_MS = 10_000;
/** `info(true)`: for its MAC alone. */
export type AskedPort = BoardPort & { info(isAsked?: boolean): Promise<FlashJob> };

/** Of whom, and over what. */
export interface Asked {
  clock: Clock;
  one: OneBoard;
  /** As the board is known to be, unless said; what waits on it ends with the signal. */
  port(signal: AbortSignal, family?: BoardPort['family']): AskedPort;
  devices: { list(): readonly Pick<DeviceRecord, 'productId' | 'deviceName' | 'isOnline'>[] };
  /** Another one whenever the board has another name. */
  history(): DeviceHistory;
}

/**
 * The board on the port tells who it is, where the run has to know: by its name, which may be on its way, or by its hardware. Rejects with
 * 'check/other-board' where it is another, with 'timeout' where it does not tell within a minute, and with the signal's reason.
 */
export async function askWho(asked: Asked, isLast: boolean, signal: AbortSignal): Promise<void> {
  const { one, clock } = asked;
  await isNamed(asked, isLast, signal);
  if (!one.hasToBeAsked(isLast)) return;
  const late = new AbortController();
  const timeout = () => late.abort(new TalkError('timeout', { operation: 'identity.chip', timeoutMs: ASK_MS }));
  const cancel = clock.at((clock.nowUs() + ASK_MS * 1000) as MonoUs, timeout);
  const until = AbortSignal.any([signal, late.signal]);
  try {
    await askHardware(asked, until);
  } catch (error) {
    // What cannot be asked leaves it at what the log says.
    if (!until.aborted && !isTalkError(error, 'check/other-board')) one.stranger.throwIfAborted();
    throw error;
  } finally {
    cancel();
  }
}

/** Asked for its MAC it would start again: its name is as good, and comes by itself. */
async function isNamed({ one, clock, port }: Asked, isLast: boolean, signal: AbortSignal): Promise<void> {
  const giveUpUs = clock.nowUs() + ASK_MS * 1000;
  const isWaited = () => one.hasToNameItself || (isLast && one.mayNameItself);
  while (isWaited() && (one.stay.by === 'start' || one.hardware === null)) {
    const { stay } = one;
    await port(signal).until(() => !isWaited() || one.stay !== stay, { sinceUs: clock.nowUs(), timeoutMs: NAMED_MS });
    // One that has started anew meanwhile is about to say it again.
    if (isWaited() && (one.stay === stay || clock.nowUs() >= giveUpUs)) one.isAwaited();
  }
}

async function askHardware(asked: Asked, signal: AbortSignal): Promise<void> {
  const { one } = asked;
  // One whose MAC the run knows was an ESP, whatever its log makes of it now.
  const isChip = one.hardware === 'mac';
  const port = asked.port(signal, isChip ? 'esp' : 'cat1');
  if (port.isVirtual) return one.cannotBeAsked();
  if (isChip) return askChip(asked, port, signal);
  // An ESP's console may tell of a modem, and knows nothing of AT. In the place of a module it is another board.
  if (asked.port(signal).family !== 'esp') return askModule(asked, port, signal);
  if (one.isModule) throw otherBoard('imei', one.imei ?? '', '?');
  one.cannotBeAsked();
}

async function askModule({ one, clock }: Asked, port: BoardPort, signal: AbortSignal): Promise<void> {
  // It may be starting now.
  const untilUs = clock.nowUs() + MODULE_START_MS * 1000;
  for (let hasAnswered = false; ; ) {
    // Of some the bare command tells a serial number, as of 3GPP TS 27.007.
    for (const command of one.answersAt ? ['AT+CGSN', 'AT+CGSN=1'] : ['AT+CGSN']) {
      const answer = await port.at(command, 3000).catch(() => null);
      signal.throwIfAborted();
      const told = answer?.lines.flatMap((line) => /\b\d{15}\b/.exec(line)?.[0] ?? []) ?? [];
      const imei = told.find(isImei) ?? told[0];
      if (imei !== undefined) return one.moduleIs(imei);
      if (answer === null) break;
      hasAnswered = true;
    }
    if ((hasAnswered && !one.answersAt) || clock.nowUs() >= untilUs) break;
    await sleepUntil(clock, (clock.nowUs() + 1_000_000) as MonoUs, signal);
  }
  if (one.answersAt) throw new TalkError('timeout', { operation: 'AT+CGSN', timeoutMs: MODULE_START_MS });
  one.cannotBeAsked();
}

async function askChip(asked: Asked, port: AskedPort, signal: AbortSignal): Promise<void> {
  const { one, clock, devices } = asked;
  const askedUs = clock.nowUs();
  const name = one.name();
  const wasOnline = devices.list().some((each) => name !== null && deviceId(each) === deviceId(name) && each.isOnline);
  await orAborted(port.info(true), signal);
  // The reset that ends it is no fault of what is checked next, which begins with the name that the board has by then.
  const sinceUs = port.rows(askedUs).findLast(({ event }) => event === 'port.lent')?.atUs ?? askedUs;
  try {
    if (wasOnline) await isOnline(asked, sinceUs, signal);
    else if ((await port.until(isApplication, { sinceUs, timeoutMs: BACK_MS })) !== null && name !== null)
      await port.until((row) => factsIn(row).deviceName !== undefined, { sinceUs, timeoutMs: CALLED_MS });
  } catch (error) {
    // It has told that it is the one; that it takes its time is for the checks to say.
    if (!isTalkError(error, 'timeout')) throw error;
  }
  one.startsByUs(0);
}

/** Under whatever name it has since. */
async function isOnline({ clock, history }: Asked, sinceUs: number, signal: AbortSignal): Promise<void> {
  const untilUs = clock.nowUs() + BACK_MS * 1000;
  for (let waited: DeviceHistory | null = null; waited !== history(); ) {
    waited = history();
    const timeoutMs = (untilUs - clock.nowUs()) / 1000;
    await waited.events.until(({ kind }) => kind === 'device.online', { sinceUs, timeoutMs }, signal);
  }
}
