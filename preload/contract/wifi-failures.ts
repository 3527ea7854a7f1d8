import type { ErrorCode } from './talk-error.ts';

export type WifiFailure = 'noWifiRadio' | 'notJoined' | 'silentBle' | 'noWifiNews' | 'noLog' | 'tokenRefused' | 'notSeenBle';

/**
 * What a Wi-Fi setup fails at says more than its code: which way it went, and how far it had come. Page and command line have words
 * for each; null where the code's own will do.
 */
export function wifiFailure({ code, data: { method, step } }: { code: ErrorCode; data: Record<string, unknown> }): WifiFailure | null {
  if (code === 'wifi/no-radio' && method === 'softap') return 'noWifiRadio';
  if (code === 'wifi/refused' && step === 'token') return 'tokenRefused';
  if (code === 'wifi/not-seen' && method === 'ble') return 'notSeenBle';
  if (code !== 'wifi/no-answer') return null;
  if (step === 'join-board') return 'notJoined';
  if (step === 'log') return 'noLog';
  if (step === 'wifi') return 'noWifiNews';
  return method === 'ble' ? 'silentBle' : null;
}
