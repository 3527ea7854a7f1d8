import { type DeviceName, isDeviceName } from '../../../../pipeline/gateways/devices.ts';
import type { DeviceState } from '../../../../preload/contract/device-state.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import { isLuhnValid } from '../../at/decode.ts';

const macShape = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;

/** What names a board: which of it is told, and by what. */
export type NamedBy = 'device' | 'mac' | 'imei';

export function otherBoard(by: NamedBy, expected: string, actual: string): TalkError {
  return new TalkError('check/other-board', { by, expected, actual });
}

/**
 * The error where a log names another device than the run's; what it leaves out contradicts nothing. A name that is the run's but for characters
 * that a serial line may have lost has to be told twice; so does one that makes the run's whole, where that came from the log.
 */
export function otherDevice(
  expected: DeviceName,
  isFromLog: boolean,
  facts: DeviceState['facts'],
  times: (fact: string) => number,
): TalkError | null {
  const names = ['productId', 'deviceName'] as const;
  const isOther = names.some((name) => {
    const said = String(facts[name] ?? '');
    // What is no name is a piece of a line.
    if (said === expected[name] || !isDeviceName({ ...expected, [name]: said })) return false;
    return times(name) > 1 || !(isPartOf(said, expected[name]) || (isFromLog && isPartOf(expected[name], said)));
  });
  if (!isOther) return null;
  const actual = names.map((name) => String(facts[name] ?? expected[name])).join('/');
  return otherBoard('device', `${expected.productId}/${expected.deviceName}`, actual);
}

/** Both as the chip's loader tells it: an application may give itself another. */
export function otherMac(expected: unknown, actual: string | null | undefined): TalkError | null {
  const [known, told] = [String(expected ?? '').toLowerCase(), (actual ?? '').toLowerCase()];
  return isMac(known) && isMac(told) && known !== told ? otherBoard('mac', known, told) : null;
}

/** Of a real board: none that was never written. */
export function isMac(text: string): boolean {
  return macShape.test(text) && text !== '00:00:00:00:00:00' && text !== 'ff:ff:ff:ff:ff:ff';
}

/** A module without a real IMEI may have been given one since. */
export function otherImei(expected: unknown, actual: unknown): TalkError | null {
  const [known, told] = [String(expected ?? ''), String(actual ?? '')];
  return isImei(known) && isImei(told) && known !== told ? otherBoard('imei', known, told) : null;
}

/** A module that answers with none, or one that cannot be, where the run's has a real one. Of a log it may be a line that lost characters. */
export function lostImei(expected: string | null, actual: string | null): TalkError | null {
  return expected !== null && isImei(expected) && actual !== null && /^\d{15}$/.test(actual) && expected !== actual
    ? otherBoard('imei', expected, actual)
    : null;
}

export function isImei(text: string): boolean {
  return /^\d{15}$/.test(text) && Number(text) !== 0 && isLuhnValid(text);
}

/** Whether characters taken away from the whole leave this. */
function isPartOf(part: string, whole: string): boolean {
  let at = 0;
  for (const character of whole) if (character === part[at]) at++;
  return at === part.length;
}
