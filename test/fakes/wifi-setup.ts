import { createWifiSetup, type WifiSetup } from '../../main/core/wifi-setup/runs.ts';
import { radioTo, type VirtualWifiBoards } from '../../main/core/wifi-setup/virtual.ts';
import { createLlsyncBoard, type LlsyncBoard } from '../../pipeline/boards/wifi-setup/llsync-board.ts';
import { type SoftApBoard, startSoftApBoard } from '../../pipeline/boards/wifi-setup/softap-board.ts';
import type { CallRequest } from '../../preload/contract/index.ts';
import type { WifiSetupRun } from '../../preload/contract/wifi-setup.ts';
import { wifiSetupCalls } from '../../preload/contract/wifi-setup.ts';
import { silentLog } from './store.ts';
import { VirtualClock } from './virtual-clock.ts';

export const setupDevice = { productId: 'PRODUCT001', deviceName: 'dev_01' };
export const labNetwork = { ssid: 'Lab', password: 'hunter22' };
const context = { signal: new AbortController().signal, role: 'operator' } as const;

export interface WifiBench {
  clock: VirtualClock;
  service: WifiSetup;
  /** The board of the newest virtual run. */
  softAp(): SoftApBoard;
  ble(): LlsyncBoard;
  /** Whether this machine is in the board's network, and has a Wi-Fi radio. */
  host: { isNear: boolean; hasWifi: boolean | null };
  /** What the board's cloud answers; null: the board never gets there. */
  cloud: { code: number | null };
  start(request?: Partial<CallRequest<'wifi.start'>>): Promise<string>;
  run(runId: string): WifiSetupRun;
  /** Moves time on in quarter seconds until it is so. A datagram that was sent is heard before the next quarter. */
  until(isSo: (run: WifiSetupRun) => boolean, runId: string): Promise<WifiSetupRun>;
  /** States of the steps, by name. */
  steps(runId: string): Record<string, string>;
}

/** The service on a virtual clock, with boards whose cloud is this bench. */
export function openWifiBench(options: { isListening?: boolean; secrets?: readonly string[] } = {}): WifiBench {
  const clock = new VirtualClock(1_000_000);
  const host: WifiBench['host'] = { isNear: true, hasWifi: true };
  const cloud: WifiBench['cloud'] = { code: 0 };
  let softAp: SoftApBoard | null = null;
  let ble: LlsyncBoard | null = null;

  async function bind(token: string): Promise<number> {
    if (cloud.code === null) return new Promise(() => {});
    service.online(setupDevice);
    service.bindToken(setupDevice, token);
    return cloud.code;
  }
  const virtualBoards: VirtualWifiBoards = {
    async softAp(fault) {
      softAp = await startSoftApBoard({ clock, device: setupDevice, network: labNetwork, fault, bind });
      return softAp;
    },
    async ble(fault) {
      const board = createLlsyncBoard({ clock, device: setupDevice, network: labNetwork, fault, bind });
      ble = board;
      return { ...radioTo(board), [Symbol.dispose]: () => board.close() };
    },
  };
  const service: WifiSetup = createWifiSetup({
    clock,
    log: silentLog,
    virtualBoards,
    isListening: () => options.isListening ?? true,
    secrets: async () => options.secrets ?? [],
    network: { isNear: () => host.isNear, hasWifi: async () => host.hasWifi },
  });
  const required = <Value>(value: Value | null): Value => {
    if (value === null) throw new Error('no such board yet');
    return value;
  };
  const bench: WifiBench = {
    clock,
    service,
    host,
    cloud,
    softAp: () => required(softAp),
    ble: () => required(ble),
    async start(request = {}) {
      const body = wifiSetupCalls['wifi.start'].request.parse({ method: 'softap', ...labNetwork, virtual: {}, ...request });
      return (await service.calls['wifi.start'](body, context)).runId;
    },
    run(runId) {
      const found = service.streams['wifi.runs']({})
        .topic.snapshot()
        .find((run) => run.runId === runId);
      if (found === undefined) throw new Error('no such run');
      return found;
    },
    async until(isSo, runId) {
      for (let quarters = 0; quarters < 2000; quarters++) {
        await clock.settle();
        const run = bench.run(runId);
        if (isSo(run)) return run;
        await clock.advance(250_000);
      }
      throw new Error(`not within 500 s: ${JSON.stringify(bench.run(runId))}`);
    },
    steps: (runId) => Object.fromEntries(bench.run(runId).steps.map(({ name, state }) => [name, state])),
  };
  return bench;
}

export const isOver = (run: WifiSetupRun): boolean => run.state !== 'running';
