import { Socket } from 'node:net';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import type { ListenerState } from '../../../preload/contract/core.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import { type DeviceName, deviceId, isDeviceName } from '../devices.ts';
import { plainAddress } from '../listen.ts';
import type { MqttBroker, MqttBrokerDeps } from './broker.ts';
import { requireBoardSize } from './packet-size.ts';
import { parseTopic } from './topics.ts';

const FIRST_CONNECT_MS = 5000;
const RECONNECT_MS = 2000;
/** A board's SDK pings at least every 690 s (reference/twetalk.md §3.1); one that a broker says nothing of and is silent for longer is gone. */
const SILENCE_US = 1_035_000_000;
/** More than boards there are; their names are what a topic says. */
const MOST_PRESENT = 10_000;
const MAX_PAYLOAD_BYTES = 128 * 1024;
/** EMQX tells who comes and goes here, to those it lets; Mosquitto has nothing of the kind, and no harm comes of asking. */
const PRESENCE_TOPIC = '$SYS/brokers/+/clients/+/+';

/**
 * A broker of the lab's: the bench is an ordinary client of it that subscribes what devices publish. Who a message is from is what its
 * topic says, so the broker has to let devices publish their own alone; it may ask the bench (broker-access.ts).
 */
export async function createExternalBroker(deps: MqttBrokerDeps): Promise<MqttBroker> {
  const { clock, observer, devices, settings } = deps;
  const { url, username, isCertificateChecked, authority, topics } = settings().broker;
  const address = new URL(url);
  const isTls = address.protocol === 'mqtts:';
  const port = Number(address.port) || (isTls ? 8883 : 1883);
  const name = isTls ? 'mqtt-tls' : 'mqtt';
  /** Until when each device counts as online. */
  const present = new Map<string, { device: DeviceName; cancel: () => void }>();

  function arrived(productId: string, deviceName: string): void {
    const id = deviceId({ productId, deviceName });
    const before = present.get(id);
    before?.cancel();
    if (before === undefined && present.size >= MOST_PRESENT) return;
    const cancel = clock.at((clock.nowUs() + SILENCE_US) as ReturnType<typeof clock.nowUs>, () => left(productId, deviceName, 'silent'));
    present.set(id, { device: { productId, deviceName }, cancel });
    if (before !== undefined) return;
    devices.setOnline(productId, deviceName, true, { address: null, proof: 'none', isTls, sdkAppId: '' });
    observer.event({ atUs: clock.nowUs(), kind: 'device.online', productId, deviceName });
  }

  function left(productId: string, deviceName: string, reason: string): void {
    const id = deviceId({ productId, deviceName });
    const entry = present.get(id);
    if (entry === undefined) return;
    entry.cancel();
    present.delete(id);
    devices.setOnline(productId, deviceName, false);
    observer.event({ atUs: clock.nowUs(), kind: 'device.offline', productId, deviceName, reason });
  }

  function presence(topic: string): void {
    const [, , , , clientId = '', what] = topic.split('/');
    const device = devices.findByClientId(clientId);
    if (device === undefined) return;
    if (what === 'connected') arrived(device.productId, device.deviceName);
    if (what === 'disconnected') left(device.productId, device.deviceName, 'closed');
  }

  function receive(topic: string, payload: Buffer): void {
    if (topic.startsWith('$SYS/')) {
      presence(topic);
      return;
    }
    const parsed = parseTopic(topic);
    // What the bench published itself comes back where a subscription covers it.
    if (parsed === null || parsed.direction === 'down') return;
    if (payload.length > MAX_PAYLOAD_BYTES) {
      observer.event({ atUs: clock.nowUs(), kind: 'dropped', what: 'mqtt-packet-too-large', count: 1 });
      return;
    }
    const { productId, deviceName } = parsed;
    if (devices.find(productId, deviceName) === undefined) {
      if (settings().devices.unknownDevices === 'refuse') {
        observer.event({ atUs: clock.nowUs(), kind: 'device.refused', productId, deviceName, reason: 'unknown-device' });
        return;
      }
      if (!isDeviceName(parsed) || !devices.hasRoomToAdopt()) return;
      devices.adopt(productId, deviceName);
    }
    arrived(productId, deviceName);
    try {
      deps.onMessage({ device: { productId, deviceName }, topic, payload, localAddress: ownAddress() });
    } catch (error) {
      deps.onFault(error); // a bug of ours costs the one message, not the connection
    }
  }

  const password = deps.password();
  const options: IClientOptions = {
    clientId: `talkbench-${process.pid}-${Math.floor(clock.wallMs() / 1000)}`,
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: RECONNECT_MS,
    connectTimeout: FIRST_CONNECT_MS,
    rejectUnauthorized: isCertificateChecked,
    ...(authority === '' ? {} : { ca: authority }),
    ...(username === '' ? {} : { username }),
    ...(password === null ? {} : { password }),
  };
  const client = mqtt.connect(url, options);
  let problem: string | null = null;
  client.on('message', receive);
  client.on('connect', () => {
    problem = null;
    subscribe(client, topics, deps.onFault);
  });
  client.on('error', (error) => {
    problem = 'code' in error ? String(error.code) : error.message;
    deps.onFault(error);
  });
  await firstOutcome(client);

  /** On the way to the broker: where boards beside it find the bench, if not by `listeners.advertisedHost`. */
  function ownAddress(): string {
    return client.stream instanceof Socket ? plainAddress(client.stream.localAddress ?? '') : '';
  }

  function state(): ListenerState {
    const where = { name, host: address.hostname, port };
    if (client.connected) return { ...where, state: 'listening' };
    const error = new TalkError('broker/unreachable', { url, reason: problem ?? 'no-answer' }, { retryable: true });
    return { ...where, state: 'failed', error: error.value };
  }

  return {
    get listeners() {
      return [state()];
    },
    isOnline: (device) => present.has(deviceId(device)),
    subscriptions: (device) => (present.has(deviceId(device)) ? 'unknown' : null),
    localAddress: () => ownAddress() || null,
    async publish(topic, payload, qos) {
      requireBoardSize(topic, payload, qos);
      if (!client.connected) throw new TalkError('broker/unreachable', { url, reason: problem ?? 'not-connected' }, { retryable: true });
      await client.publishAsync(topic, payload, { qos });
    },
    async close() {
      for (const { device } of [...present.values()]) left(device.productId, device.deviceName, 'the bench is closing');
      await client.endAsync(true);
    },
  };
}

function subscribe(client: MqttClient, topics: readonly string[], onFault: (error: unknown) => void): void {
  for (const topic of [...topics, PRESENCE_TOPIC]) {
    client.subscribe(topic, { qos: 1 }, (error, granted) => {
      const isRefused = granted?.some(({ qos }) => Number(qos) === 0x80);
      if (topic !== PRESENCE_TOPIC && (error || isRefused)) onFault(error ?? new Error(`the broker refused the subscription ${topic}`));
    });
  }
}

/** Connected, failed, or neither for too long: the client goes on trying by itself. */
function firstOutcome(client: MqttClient): Promise<void> {
  return new Promise((resolve) => {
    client.once('connect', () => resolve());
    client.once('error', () => resolve());
    client.once('close', () => resolve());
  });
}
