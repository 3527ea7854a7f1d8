import type { ListenerState } from '../../../preload/contract/core.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { LinkDoor } from '../../link/door.ts';
import type { Observer } from '../../observer.ts';
import type { DeviceName, DeviceRegistry } from '../devices.ts';
import type { TlsIdentity } from '../tls.ts';
import { createEmbeddedBroker } from './embedded-broker.ts';
import { createExternalBroker } from './external-broker.ts';

export interface MqttMessage {
  device: DeviceName;
  topic: string;
  payload: Uint8Array;
  /** Address of ours that the connection came in on: what the board can reach. Behind a broker of the lab's: of ours to it. */
  localAddress: string;
}

export interface MqttSubscription {
  device: DeviceName;
  topic: string;
  isRefused: boolean;
}

/** What the MQTT services work through: the bench's own broker, or one of the lab's of which the bench is a client. */
export interface MqttBroker {
  /** Where boards connect: 'mqtt' and 'mqtt-tls'. */
  readonly listeners: readonly ListenerState[];
  /** Behind a broker of the lab's: as far as it tells. */
  isOnline(device: DeviceName): boolean;
  /** Topics the board itself listens to now; null for one that is not connected, 'unknown' behind a broker of the lab's. */
  subscriptions(device: DeviceName): readonly string[] | 'unknown' | null;
  /** Address of ours that the board's connection came in on, as in its messages; null where there is none. */
  localAddress(device: DeviceName): string | null;
  /** Resolves once handed to the device's connections. Throws TalkError 'too-large' when the board's buffer cannot hold it. */
  publish(topic: string, payload: string, qos: 0 | 1): Promise<void>;
  close(): Promise<void>;
}

export interface MqttBrokerDeps {
  clock: Clock;
  observer: Observer;
  settings: () => Settings;
  devices: DeviceRegistry;
  tls: TlsIdentity | null;
  /** Of the embedded broker: hears whose connection is whose, and keeps one out. */
  links?: LinkDoor;
  /** Of the external broker. */
  password: () => string | null;
  onMessage: (message: MqttMessage) => void;
  onSubscription: (subscription: MqttSubscription) => void;
  /** Something of the broker's own that failed; no device's connection is lost by it. */
  onFault: (error: unknown) => void;
}

/** As the settings say when the listeners open. */
export function createMqttBroker(deps: MqttBrokerDeps): Promise<MqttBroker> {
  const { kind, url } = deps.settings().broker;
  return kind === 'external' && url !== '' ? createExternalBroker(deps) : createEmbeddedBroker(deps);
}
