import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, openAuthority } from '../../main/core/cloud/authority.ts';
import { Devices, memoryDeviceStore } from '../../main/core/devices/registry.ts';
import { systemClock } from '../../pipeline/clock.ts';
import { createMqttBroker, type MqttBroker, type MqttMessage } from '../../pipeline/gateways/twetalk/broker.ts';
import type { LinkDoor } from '../../pipeline/link/door.ts';
import type { ListenerState } from '../../preload/contract/core.ts';
import { type Settings, settingsSchema } from '../../preload/contract/settings.ts';
import type { Clock } from '../../preload/contract/time.ts';
import { RecordingObserver } from './observer.ts';
import { silentLog } from './store.ts';
import { testDevice } from './twetalk.ts';

export interface BrokerBench extends AsyncDisposable {
  broker: MqttBroker;
  devices: Devices;
  observer: RecordingObserver;
  authority: Authority;
  settings: Settings;
  messages: MqttMessage[];
  faults: unknown[];
  /** Of this bench alone. */
  folder: string;
  /** The authority's certificate as a file, for clients of other makers. */
  authorityFile: string;
  port(name: 'mqtt' | 'mqtt-tls'): number;
  /** Resolves when a message has come that is as wanted, past ones included. */
  message(isWanted: (message: MqttMessage) => boolean): Promise<MqttMessage>;
}

/** A broker on free ports of the loopback with one registered device and certificates of an authority of its own. */
export async function testBroker(
  options: {
    settings?: Record<string, Record<string, unknown>>;
    clock?: Clock;
    keys?: 'ecdsa' | 'rsa';
    password?: string;
    links?: LinkDoor;
  } = {},
): Promise<BrokerBench> {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-broker-'));
  const clock = options.clock ?? systemClock;
  const observer = new RecordingObserver();
  const faults: unknown[] = [];
  const messages: MqttMessage[] = [];
  const waiting = new Set<() => void>();
  const settings = settingsSchema.parse({
    ...options.settings,
    listeners: { mqttPort: 0, mqttTlsPort: 0, gatewayPort: 0, gatewayTlsPort: 0, ...options.settings?.listeners },
  });
  const devices = await Devices.open({
    store: memoryDeviceStore(),
    wallMs: () => clock.wallMs(),
    onStoreFault: (error) => faults.push(error),
  });
  await devices.put(testDevice.productId, testDevice.deviceName, testDevice.secret);
  const authority = await openAuthority({
    directory: join(folder, 'certificates'),
    kind: options.keys ?? 'ecdsa',
    names: () => ['127.0.0.1', 'localhost'],
    clock: systemClock,
    log: silentLog,
  });
  const authorityFile = join(folder, 'authority.pem');
  writeFileSync(authorityFile, authority.state().pem);
  const broker = await createMqttBroker({
    ...{ clock, observer, devices },
    settings: () => settings,
    tls: authority.identity,
    ...(options.links === undefined ? {} : { links: options.links }),
    password: () => options.password ?? null,
    onMessage(message) {
      messages.push(message);
      for (const listener of [...waiting]) listener();
    },
    onSubscription: () => {},
    onFault: (error) => faults.push(error),
  });
  return {
    ...{ broker, devices, observer, authority, settings, messages, faults, folder, authorityFile },
    port: (name) => broker.listeners.find((listener: ListenerState) => listener.name === name)?.port ?? 0,
    async message(isWanted) {
      for (;;) {
        const found = messages.find(isWanted);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          const listener = () => {
            waiting.delete(listener);
            resolve();
          };
          waiting.add(listener);
        });
      }
    },
    async [Symbol.asyncDispose]() {
      await broker.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
