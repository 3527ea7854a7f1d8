import type { DeviceName } from '../devices.ts';

/** The product that all xiaozhi boards are of: their protocol knows none. */
export const XIAOZHI_PRODUCT = 'XIAOZHI';

/** A board by what it calls itself: a MAC in any case and with any separators, or another short name. Null for what is none. */
export function deviceNamed(text: string): DeviceName | null {
  const name = text.trim();
  const digits = name.replaceAll(/[:_-]/gu, '').toLowerCase();
  if (/^[0-9a-f]{12}$/u.test(digits) && name.length !== 12) {
    return { productId: XIAOZHI_PRODUCT, deviceName: digits.match(/../gu)?.join(':') ?? '' };
  }
  return /^[\w:@-]{1,48}$/u.test(name) ? { productId: XIAOZHI_PRODUCT, deviceName: name } : null;
}

/** As MQTT client ids and topics write it. */
export function underscored(deviceName: string): string {
  return deviceName.replaceAll(':', '_');
}
