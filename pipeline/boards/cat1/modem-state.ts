import type { Clock } from '../../../preload/contract/time.ts';
import type { Cat1Faults } from './faults.ts';

export interface Cat1Options {
  clock: Clock;
  family?: 'airm2m' | 'eigencomm' | 'quectel';
  /** pin: 1234. busy: for two seconds after the boot, then ready. */
  sim?: 'ready' | 'absent' | 'pin' | 'puk' | 'busy' | 'failure';
  /** late: searches for five seconds, then home. none: no antenna. */
  network?: 'home' | 'roaming' | 'late' | 'searching' | 'denied' | 'none';
  imei?: string;
  iccid?: string;
  /** +CSQ and +CESQ as the modem counts them. */
  rssi?: number;
  rsrp?: number;
  /** Round trips of a ping; null is one that gets no answer. */
  pings?: readonly (number | null)[];
  faults?: Cat1Faults;
  /** Told to go into download mode: it goes off a moment later. */
  onDownload?: () => void;
  /** What the firmware says that it is; the family's usual unless said. */
  revision?: () => string | null;
  /** Answers the boot is over and the network is found, at once: a board that was on before anyone looked. */
  isBooted?: boolean;
}

/** What the commands read and change. */
export interface Cat1State {
  readonly family: 'airm2m' | 'eigencomm' | 'quectel';
  /** Of what was flashed; null: as it came. */
  revision: string | null;
  sim: NonNullable<Cat1Options['sim']>;
  stat: number;
  isRegistered: boolean;
  isAttached: boolean;
  readonly imei: string;
  readonly iccid: string;
  readonly imsi: string;
  /** Of the network, once it is registered. */
  wallMs(): number;
  rssi: number;
  rsrp: number;
  rsrq: number;
  cfun: number;
  cmee: number;
  cereg: number;
  apn: string;
  settings: Map<string, string>;
}

/** Of a module that is switched on. */
export function stateOf(options: Cat1Options): Cat1State {
  const hasSignal = options.network !== 'none';
  return {
    family: options.family ?? 'eigencomm',
    revision: options.revision?.() ?? null,
    sim: options.sim ?? 'ready',
    stat: 0,
    isRegistered: false,
    isAttached: false,
    imei: options.imei ?? '788596633100008',
    iccid: options.iccid ?? '898604981022C0254186',
    imsi: '460081899904186',
    wallMs: () => options.clock.wallMs(),
    rssi: hasSignal ? (options.rssi ?? 25) : 99,
    rsrp: hasSignal ? (options.rsrp ?? 48) : 255,
    rsrq: hasSignal ? 22 : 255,
    cfun: 1,
    cmee: 0,
    cereg: 0,
    apn: 'cmiot',
    settings: new Map(),
  };
}

/** It has searched, and found this network or none. What it says of that unasked. */
export function register(state: Cat1State, network: NonNullable<Cat1Options['network']>): string[] {
  const isServed = state.sim === 'ready' && state.cfun === 1 && ['home', 'roaming', 'late'].includes(network);
  state.isRegistered = isServed;
  state.isAttached = isServed;
  state.stat = isServed ? (network === 'roaming' ? 5 : 1) : network === 'denied' ? 3 : state.sim === 'absent' ? 0 : 2;
  if (!isServed) return [];
  const cereg = state.cereg === 1 ? `+CEREG: ${state.stat}` : `+CEREG: ${state.stat},"4844","0EA2D0CA",7`;
  return [
    '^MODE: 17,17',
    '+E_UTRAN Service',
    '+CGEV: ME PDN ACT 1,0',
    '+NITZ: 2026/01/01,00:00:02+0, ',
    ...(state.cereg > 0 ? [cereg] : []),
  ];
}
