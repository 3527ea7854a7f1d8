import type { CallRequest } from '../../../preload/contract/index.ts';
import type { WifiSetupFault, WifiSetupMethod } from '../../../preload/contract/wifi-setup.ts';

/** What the form holds. Of this page only: a password is kept nowhere. */
export interface WifiSetupDraft {
  method: WifiSetupMethod;
  ssid: string;
  password: string;
  address: string;
  port: number;
  token: string;
  isJoined: boolean;
  waitForBoard: boolean;
  isVirtual: boolean;
  fault: WifiSetupFault | 'none';
}

export const emptyDraft: WifiSetupDraft = {
  method: 'softap',
  ssid: '',
  password: '',
  address: '192.168.4.1',
  port: 8266,
  token: '',
  isJoined: false,
  waitForBoard: true,
  isVirtual: false,
  fault: 'none',
};

export const limits = { ssidBytes: 32, passwordBytes: 64 } as const;

const bytesOf = (text: string) => new TextEncoder().encode(text).length;

/** Which fields cannot be as they are. */
export function problemsOf({ ssid, password, token, address }: WifiSetupDraft): ReadonlySet<'ssid' | 'password' | 'token' | 'address'> {
  const problems = new Set<'ssid' | 'password' | 'token' | 'address'>();
  if (bytesOf(ssid) > limits.ssidBytes) problems.add('ssid');
  if (bytesOf(password) > limits.passwordBytes) problems.add('password');
  if (token !== '' && !/^[\x21-\x7e]{1,32}$/.test(token)) problems.add('token');
  if (address.trim() === '') problems.add('address');
  return problems;
}

export function requestOf(draft: WifiSetupDraft, radioId: string | null): CallRequest<'wifi.start'> {
  const { method, ssid, password, address, port, token, isJoined, waitForBoard, isVirtual, fault } = draft;
  return {
    method,
    ssid,
    password,
    address: address.trim(),
    port,
    isJoined,
    waitForBoard,
    ...(token === '' ? {} : { token }),
    ...(radioId === null ? {} : { radioId }),
    ...(isVirtual ? { virtual: fault === 'none' ? {} : { fault } } : {}),
  };
}
