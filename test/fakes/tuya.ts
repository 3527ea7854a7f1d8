import { Devices, memoryDeviceStore } from '../../main/core/devices/registry.ts';
import { TuyaDevice, type TuyaDeviceOptions } from '../../pipeline/boards/tuya/device.ts';
import { systemClock } from '../../pipeline/clock.ts';
import type { Engines, StartConversation } from '../../pipeline/conversation.ts';
import { createGatewayServer } from '../../pipeline/gateways/http.ts';
import type { TlsIdentity } from '../../pipeline/gateways/tls.ts';
import { startTuyaGateway, type TuyaGateway } from '../../pipeline/gateways/tuya/gateway.ts';
import { TuyaMemory } from '../../pipeline/gateways/tuya/tuya-memory.ts';
import { createStartConversation } from '../../pipeline/turn/start.ts';
import { type Settings, settingsSchema } from '../../preload/contract/settings.ts';
import type { Clock } from '../../preload/contract/time.ts';
import { fakeConversations } from './conversation.ts';
import { FakeLlm, FakeStt, FakeTts, FakeVad } from './engines.ts';
import { RecordingObserver } from './observer.ts';

export const tuyaTestDevice = { deviceId: '6c1234567890abcdefwxyz', localKey: new TextEncoder().encode('0123456789abcdef') };

/** Engines that answer what a test scripts, quickly. */
export function scriptedEngines(clock: Clock): Engines & { stt: FakeStt; llm: FakeLlm; tts: FakeTts } {
  return {
    vad: new FakeVad(),
    stt: new FakeStt(clock),
    llm: new FakeLlm(clock),
    tts: new FakeTts(clock, { ttfbMs: 5, msPerCharacter: 20, speed: 50 }),
  };
}

export interface TuyaTestBench {
  gateway: TuyaGateway;
  devices: Devices;
  observer: RecordingObserver;
  settings: Settings;
  conversations: ReturnType<typeof fakeConversations>;
  engines: ReturnType<typeof scriptedEngines>;
  port: number;
  tlsPort: number;
  httpPort: number;
  faults: unknown[];
  connect(options?: Partial<TuyaDeviceOptions>): Promise<TuyaDevice>;
  close(): Promise<void>;
}

/** A gateway on free ports of the loopback with one registered device; `isReal`: with the real turn-taking and scripted engines. */
export async function tuyaTestBench(
  options: {
    tuya?: Record<string, unknown>;
    settings?: Record<string, unknown>;
    isReal?: boolean;
    clock?: Clock;
    tls?: TlsIdentity | null;
    memory?: TuyaMemory;
  } = {},
): Promise<TuyaTestBench> {
  const clock = options.clock ?? systemClock;
  const faults: unknown[] = [];
  const observer = new RecordingObserver();
  const conversations = fakeConversations();
  const engines = scriptedEngines(clock);
  const settings = settingsSchema.parse({ ...options.settings, tuya: { port: 0, tlsPort: 0, ...options.tuya } });
  const devices = await Devices.open({ store: memoryDeviceStore(), wallMs: () => 0, onStoreFault: (error) => faults.push(error) });
  await devices.put(settings.tuya.productId, tuyaTestDevice.deviceId, Buffer.from(tuyaTestDevice.localKey).toString('base64'));
  const http = await createGatewayServer({ host: '127.0.0.1', port: 0 });
  const heard = {
    event(event: Parameters<RecordingObserver['event']>[0]) {
      observer.event(event);
      gateway?.observe(event);
    },
    packet: observer.packet.bind(observer),
  };
  const startConversation: StartConversation = options.isReal
    ? createStartConversation({ clock, observer: heard, engines: () => engines })
    : conversations.start;
  let gateway: TuyaGateway | null = null;
  const log = (details: object) => void faults.push(details);
  const started = await startTuyaGateway({
    clock,
    observer: heard,
    settings: () => settings,
    conversationSettings: () => () => settings,
    thingModelOf: () => ({ version: '', properties: [], events: [], actions: [] }),
    devices,
    accounts: {} as never,
    callbacks: { send: () => {} },
    startConversation,
    engines: () => engines,
    http,
    tls: options.tls ?? null,
    memory: options.memory ?? new TuyaMemory(clock),
    log: { error: log, warn: log },
  });
  gateway = started;
  const portOf = (name: string) => started.listeners.find((listener) => listener.name === name)?.port ?? 0;
  const connected: TuyaDevice[] = [];
  return {
    gateway: started,
    ...{ devices, observer, settings, conversations, engines, faults },
    port: portOf('tuya'),
    tlsPort: portOf('tuya-tls'),
    httpPort: http.listener.port,
    async connect(more = {}) {
      const device = await TuyaDevice.connect({ clock, host: '127.0.0.1', port: portOf('tuya'), ...tuyaTestDevice, ...more });
      connected.push(device);
      return device;
    },
    async close() {
      for (const device of connected) device.close();
      await started.close();
      await http.close();
    },
  };
}
