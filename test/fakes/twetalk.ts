import mqtt, { type MqttClient } from 'mqtt';
import { WebSocket } from 'ws';
import { Devices, memoryDeviceStore } from '../../main/core/devices/registry.ts';
import { systemClock } from '../../pipeline/clock.ts';
import type { StartConversation } from '../../pipeline/conversation.ts';
import { buildCredentials } from '../../pipeline/gateways/twetalk/credentials.ts';
import { decodeFrame, encodeFrame, type Frame } from '../../pipeline/gateways/twetalk/frames.ts';
import { startTwetalkGateway, type TwetalkGateway, type TwetalkGatewayDeps } from '../../pipeline/gateways/twetalk/gateway.ts';
import { downTopic, type UpTopic, upTopic } from '../../pipeline/gateways/twetalk/topics.ts';
import { type Settings, settingsSchema } from '../../preload/contract/settings.ts';
import type { Clock } from '../../preload/contract/time.ts';
import { fakeConversations } from './conversation.ts';
import { RecordingObserver } from './observer.ts';

export const testDevice = { productId: 'ABCDEFGHIJ', deviceName: 'dev01', secret: 'AAECAwQFBgcICQoLDA0ODw==' };

/** A gateway on free ports of the loopback with one registered device. */
export async function testGateway(
  options: {
    settings?: Record<string, unknown>;
    clock?: Clock;
    startConversation?: StartConversation;
    onBindToken?: TwetalkGatewayDeps['onBindToken'];
    links?: NonNullable<TwetalkGatewayDeps['links']>;
  } = {},
): Promise<{
  gateway: TwetalkGateway;
  devices: Devices;
  observer: RecordingObserver;
  conversations: ReturnType<typeof fakeConversations>;
  settings: Settings;
  mqttPort: number;
  gatewayPort: number;
  faults: unknown[];
}> {
  const observer = new RecordingObserver();
  const conversations = fakeConversations();
  const faults: unknown[] = [];
  const settings = settingsSchema.parse({
    ...options.settings,
    listeners: { mqttPort: 0, gatewayPort: 0, ...(options.settings?.listeners ?? {}) },
  });
  const devices = await Devices.open({ store: memoryDeviceStore(), wallMs: () => 0, onStoreFault: (error) => faults.push(error) });
  await devices.put(testDevice.productId, testDevice.deviceName, testDevice.secret);
  const gateway = await startTwetalkGateway({
    clock: options.clock ?? systemClock,
    observer,
    settings: () => settings,
    devices,
    startConversation: options.startConversation ?? conversations.start,
    log: { error: (details) => faults.push(details) },
    ...(options.onBindToken === undefined ? {} : { onBindToken: options.onBindToken }),
    ...(options.links === undefined ? {} : { links: options.links }),
  });
  const portOf = (name: string) => gateway.listeners.find((listener) => listener.name === name)?.port ?? 0;
  return { gateway, devices, observer, conversations, settings, mqttPort: portOf('mqtt'), gatewayPort: portOf('gateway'), faults };
}

/** A device's MQTT side by hand: a real client with real credentials. */
export class TestDevice {
  readonly client: MqttClient;
  readonly device: { productId: string; deviceName: string };
  readonly received: { topic: string; body: Record<string, unknown>; text: string }[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(client: MqttClient, device: { productId: string; deviceName: string }) {
    this.client = client;
    this.device = device;
    client.on('message', (topic, payload) => {
      const text = payload.toString('utf8');
      this.received.push({ topic, text, body: JSON.parse(text) as Record<string, unknown> });
      for (const listener of [...this.#waiting]) listener();
    });
  }

  /** Rejects with the CONNACK's error when refused. */
  static async connect(port: number, device: { productId: string; deviceName: string; secret: string } = testDevice): Promise<TestDevice> {
    const { clientId, username, password } = buildCredentials(device);
    const client = await mqtt.connectAsync(
      `mqtt://127.0.0.1:${port}`,
      { clientId, username, password, protocolVersion: 4, reconnectPeriod: 0 },
      false,
    );
    const board = new TestDevice(client, device);
    for (const kind of ['property', 'action', 'twecall', 'ota', 'event', 'time', 'thing-service'] as const) {
      await client.subscribeAsync(downTopic(kind, device), { qos: 1 });
    }
    return board;
  }

  async send(kind: UpTopic, body: Record<string, unknown> | string): Promise<void> {
    await this.client.publishAsync(upTopic(kind, this.device), typeof body === 'string' ? body : JSON.stringify(body), { qos: 1 });
  }

  /** The first received message that matches, past ones included. */
  async until(
    matches: (body: Record<string, unknown>) => boolean,
  ): Promise<{ topic: string; body: Record<string, unknown>; text: string }> {
    for (;;) {
      const found = this.received.find((message) => matches(message.body));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const listener = () => {
          this.#waiting.delete(listener);
          resolve();
        };
        this.#waiting.add(listener);
      });
    }
  }

  async ask(kind: UpTopic, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    await this.send(kind, body);
    return (await this.until((reply) => reply.method === `${String(body.method)}_reply` && reply.clientToken === body.clientToken)).body;
  }

  async webSocketUrl(): Promise<string> {
    const reply = await this.ask('twecall', { method: 'query_websocket_url', clientToken: `ws-${this.received.length}`, params: {} });
    const { token, websocket_url, websocket_port } = reply.params as { token: string; websocket_url: string; websocket_port: number };
    const url = new URL(websocket_url);
    url.port = String(websocket_port);
    const { productId, deviceName } = this.device;
    url.search = new URLSearchParams({ productId, deviceName, token, language: 'zh', audioType: 'opus', audioInterval: '60' }).toString();
    return url.href;
  }

  async close(): Promise<void> {
    await this.client.endAsync(true);
  }
}

/** A device's WebSocket side by hand. */
export class TestSocket {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.frames.push(decodeFrame(Uint8Array.from(data)));
      for (const listener of [...this.#waiting]) listener();
    });
    this.closed = new Promise((resolve) => socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })));
  }

  /** Rejects when the upgrade is refused. */
  static open(url: string): Promise<TestSocket> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, { perMessageDeflate: true });
      const test = new TestSocket(socket);
      socket.on('open', () => resolve(test));
      socket.on('error', reject);
    });
  }

  send(frame: Frame): void {
    this.socket.send(encodeFrame(frame));
  }

  async frame(matches: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const found = this.frames.find(matches);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const listener = () => {
          this.#waiting.delete(listener);
          resolve();
        };
        this.#waiting.add(listener);
      });
    }
  }

  /** The JSON of the first message frame of an RTVI type. */
  async message(type: string): Promise<Record<string, unknown>> {
    const frame = await this.frame((candidate) => candidate.kind === 'message' && JSON.parse(candidate.data).type === type);
    return frame.kind === 'message' ? (JSON.parse(frame.data) as Record<string, unknown>) : {};
  }
}
