import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { WifiSetupFault } from '../../../preload/contract/wifi-setup.ts';
import { sleepUntil } from '../../clock.ts';

/** A network in the air round the board. */
export interface AirNetwork {
  ssid: string;
  password: string;
}

/** What both kinds of boards in setup mode have. */
export interface SetupBoardOptions {
  clock: Clock;
  device: { productId: string; deviceName: string };
  /** The one it can join; any other name is not in the air. */
  network: AirNetwork;
  fault?: WifiSetupFault | undefined;
  /** It is in the network and shows this token to its cloud. Resolves with the cloud's code, 0 is success; gives up when switched off. */
  bind: (token: string, signal: AbortSignal) => Promise<number>;
  log?: (line: string) => void;
}

export type JoinResult = 'joined' | 'wrong-password' | 'network-not-found';

/** The SDK's room for what it is told. What it does with more it does not say; a board here refuses it. */
export const room = { ssidBytes: 32, passwordBytes: 64, tokenBytes: 32 } as const;

export const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** How long a station takes to associate and to be given an address. */
const JOIN_MS = 1200;

export function sleepMs(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return sleepUntil(clock, (clock.nowUs() + ms * 1000) as MonoUs, signal);
}

/** The board's station: tries what it was told. */
export async function join(options: SetupBoardOptions, wanted: AirNetwork, signal: AbortSignal): Promise<JoinResult> {
  const { clock, network, fault } = options;
  await sleepMs(clock, JOIN_MS, signal);
  if (fault === 'network-not-found' || wanted.ssid !== network.ssid) return 'network-not-found';
  if (fault === 'wrong-password' || wanted.password !== network.password) return 'wrong-password';
  return 'joined';
}
