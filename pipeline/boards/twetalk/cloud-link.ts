import { Socket } from 'node:net';
import mqtt, { type MqttClient } from 'mqtt';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { buildCredentials } from '../../gateways/twetalk/credentials.ts';
import { type DownTopic, downTopic, type UpTopic, upTopic } from '../../gateways/twetalk/topics.ts';
import type { SdkLog } from './sdk-log.ts';

const KEEPALIVE_S = 240;
const CONNECT_TIMEOUT_MS = 10_000;
/** The SDK's wait for SUBACK and PUBACK (reference/twetalk.md §3.1). */
const ACK_TIMEOUT_US = 5_000_000;
/** Reconnecting: 1 to 2 s at first, doubling, given up past a minute. */
const FIRST_RETRY_US = 1_000_000;
const LAST_RETRY_US = 60_000_000;

export interface CloudLinkOptions {
  clock: Clock;
  log: SdkLog;
  broker: { host: string; port: number; isTls?: boolean };
  device: { productId: string; deviceName: string; secret: string };
  /** A message on one of the device's down topics, as text. */
  onMessage: (kind: DownTopic, text: string) => void;
  onState: (isConnected: boolean) => void;
  /** Before its first attempt to connect again, in place of the SDK's; null: it makes none. */
  reconnectMs?: number | null;
}

/**
 * The board's MQTT connection as the SDK holds it: 3.1.1, clean session, QoS 1 subscriptions one at a time with a wait for
 * each SUBACK, and its own reconnecting.
 */
export class CloudLink {
  readonly #options: CloudLinkOptions;
  #client: MqttClient | null = null;
  #isStopped = false;
  #cancelRetry: (() => void) | null = null;
  readonly #subscribed = new Set<DownTopic>();

  constructor(options: CloudLinkOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#client?.connected === true;
  }

  /** Connects and subscribes. Rejects with TalkError 'talk/refused' {stage: 'mqtt', reason}; the SDK does not retry a first connection. */
  async connect(): Promise<void> {
    const { log, broker, device } = this.#options;
    const { clientId, username, password } = buildCredentials(device);
    const address = broker.host.includes(':') ? `[${broker.host}]` : broker.host;
    const isTls = broker.isTls === true;
    const session = {
      protocolVersion: 4 as const,
      clientId,
      username,
      // Over TLS the key itself is the proof, of both ends (reference/twetalk.md §3.1).
      ...(isTls ? byKey(clientId, device.secret) : { password }),
      keepalive: KEEPALIVE_S,
      clean: true,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // The SDK's own way of reconnecting is below.
      reconnectPeriod: 0,
      resubscribe: false,
    };
    const client = await mqtt
      .connectAsync(`${isTls ? 'mqtts' : 'mqtt'}://${address}:${broker.port}`, session, false)
      .catch((cause: unknown) => {
        const reason = refusalReason(cause);
        log.sdk('ERR', 'mqtt_client.c|IOT_MQTT_Construct(341)', `mqtt connect failed: ${reason}`);
        throw new TalkError('talk/refused', { stage: 'mqtt', reason }, { cause });
      });
    if (this.#isStopped) {
      await client.endAsync(true);
      throw new TalkError('cancelled');
    }
    this.#client = client;
    // Without this a reply that follows another waits for the peer's delayed acknowledgement, some 40 ms.
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    log.sdk('INF', 'network_interface.c|_network_tcp_connect(63)', `connected with TCP server: ${broker.host}:${broker.port}`);
    log.sdk('INF', 'mqtt_client.c|IOT_MQTT_Construct(325)', `mqtt connect with id: ${username.split(';')[2]} success`);
    client.on('message', (topic, payload) => this.#receive(topic, payload.toString('utf8')));
    client.on('packetsend', (packet) => {
      if (packet.cmd === 'pingreq') log.sdk('DBG', 'mqtt_client_yield.c|_mqtt_keep_alive(162)', 'PING request 1 has been sent...');
    });
    client.on('error', (error) => log.sdk('ERR', 'mqtt_client.c|_mqtt_yield_thread(71)', `mqtt error: ${refusalReason(error)}`));
    client.on('close', () => {
      if (this.#client !== client) return;
      this.#client = null;
      this.#options.onState(false);
      if (!this.#isStopped) this.#retryFirst();
    });
    try {
      for (const kind of ['property', 'action', 'twecall'] as const) await this.subscribe(kind);
    } catch (error) {
      // Half a connection is none: the next attempt starts from nothing.
      this.#client = null;
      await client.endAsync(true);
      throw error;
    }
    this.#options.onState(true);
  }

  async subscribe(kind: DownTopic): Promise<void> {
    const { log, device } = this.#options;
    const client = this.#connected();
    const topic = downTopic(kind, device);
    const acknowledged = client.subscribeAsync(topic, { qos: 1 });
    const packetId = client.getLastMessageId();
    log.sdk('DBG', 'mqtt_client_subscribe.c|qcloud_iot_mqtt_subscribe(350)', `subscribe topic_name=${topic}|packet_id=${packetId}`);
    await this.#within(acknowledged, 'subscribe');
    this.#subscribed.add(kind);
    log.sdk('INF', 'twetalk_app.c|_mqtt_event_handler(212)', `subscribe success, packet-id=${packetId}`);
  }

  /** Rejects with TalkError 'talk/refused' {stage: 'mqtt'} while there is no connection or no PUBACK comes. */
  async publish(kind: UpTopic, payload: string, qos: 0 | 1): Promise<void> {
    const { log, device } = this.#options;
    const client = this.#connected();
    const topic = upTopic(kind, device);
    const acknowledged = client.publishAsync(topic, payload, { qos });
    const packetId = qos === 0 ? 0 : client.getLastMessageId();
    log.sdk(
      'DBG',
      'mqtt_client_publish.c|qcloud_iot_mqtt_publish(264)',
      `publish qos=${qos}|packet_id=${packetId}|topic_name=${topic}|payload=${payload}`,
    );
    await this.#within(acknowledged, 'publish');
    if (qos === 1) log.sdk('INF', 'twetalk_app.c|_mqtt_event_handler(236)', `publish success, packet-id=${packetId}`);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelRetry?.();
    const client = this.#client;
    this.#client = null;
    await client?.endAsync();
  }

  #connected(): MqttClient {
    if (this.#client === null) throw new TalkError('talk/refused', { stage: 'mqtt', reason: 'not connected' });
    return this.#client;
  }

  #receive(topic: string, text: string): void {
    for (const kind of this.#subscribed) {
      if (topic === downTopic(kind, this.#options.device)) this.#options.onMessage(kind, text);
    }
  }

  #retryFirst(): void {
    const { reconnectMs } = this.#options;
    if (reconnectMs === null) return;
    this.#retry(reconnectMs === undefined ? FIRST_RETRY_US * (1 + Math.random()) : reconnectMs * 1000);
  }

  #retry(delayUs: number): void {
    const { clock, log } = this.#options;
    if (delayUs > LAST_RETRY_US) {
      log.sdk('ERR', 'mqtt_client_yield.c|_handle_reconnect(118)', 'reconnect timeout, give up');
      return;
    }
    this.#cancelRetry = clock.at((clock.nowUs() + Math.round(delayUs)) as MonoUs, () => {
      log.sdk('INF', 'mqtt_client_yield.c|_handle_reconnect(97)', 'attempt to reconnect...');
      this.connect().catch(() => {
        if (!this.#isStopped && this.#client === null) this.#retry(delayUs * 2);
      });
    });
  }

  #within<Value>(promise: Promise<Value>, operation: string): Promise<Value> {
    const { clock } = this.#options;
    return new Promise((resolve, reject) => {
      const cancel = clock.at((clock.nowUs() + ACK_TIMEOUT_US) as MonoUs, () => {
        reject(new TalkError('talk/refused', { stage: 'mqtt', reason: `${operation}: no acknowledgement` }));
      });
      promise
        .then(resolve, (cause) => reject(new TalkError('talk/refused', { stage: 'mqtt', reason: operation }, { cause })))
        .finally(cancel);
    });
  }
}

/** The CONNACK's return code, or the system's error code. */
/** Nothing but suites of pre-shared keys: who does not have the device's key is no far end. */
function byKey(identity: string, secret: string) {
  const psk = Buffer.from(secret, 'base64');
  return {
    ...({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers: 'PSK' } as const),
    pskCallback: () => ({ identity, psk }),
    // There is no certificate to look at.
    checkServerIdentity: () => undefined,
  };
}

function refusalReason(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? `connack ${code}` : typeof code === 'string' ? code : 'unknown';
}
