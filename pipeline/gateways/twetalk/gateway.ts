import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ListenerState } from '../../../preload/contract/core.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { StartConversation } from '../../conversation.ts';
import type { Observer } from '../../observer.ts';
import { type DeviceName, type DeviceRegistry, deviceId } from '../devices.ts';
import { createGatewayServer, type GatewayServer, pathOf, refuseUpgrade } from '../http.ts';
import { encodeForBoard, redact, toBoardJson } from './board-text.ts';
import { createMqttBroker, type MqttMessage } from './broker.ts';
import { type ConnectionQuery, readQuery } from './query.ts';
import { handleMessage, type ServiceReply } from './services.ts';
import { closeCodes, openVoiceSocket, type VoiceSocket } from './socket.ts';
import { Tokens } from './tokens.ts';
import { ToolCalls } from './tool-calls.ts';
import { type DownTopic, downTopic, parseTopic } from './topics.ts';

/** Boards send messages of a few hundred bytes; an image of a later SDK is the largest. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

export interface TwetalkGatewayDeps {
  clock: Clock;
  observer: Observer;
  settings: () => Settings;
  devices: DeviceRegistry;
  startConversation: StartConversation;
  /** A board showed the token of its setup (配网); it is answered with success whoever gave it. */
  onBindToken?: (device: DeviceName, token: string) => void;
  /** The shared device-facing listener; without one the gateway starts its own from the settings, and closes it. */
  http?: GatewayServer;
  log: { error(details: object, message: string): void };
}

export interface TwetalkGateway {
  /** MQTT and gateway; one of them may have failed while the other works. */
  readonly listeners: readonly ListenerState[];
  readonly http: GatewayServer;
  conversations(): readonly VoiceSocket[];
  conversation(conversationId: string): VoiceSocket | undefined;
  conversationOf(device: DeviceName): VoiceSocket | undefined;
  /** Publishes JSON the board can read on one of its down topics. Rejects with TalkError 'too-large' | 'bad-request'. */
  publishToDevice(device: DeviceName, kind: DownTopic, body: Record<string, unknown>): Promise<void>;
  /** Runs a thing-model action. Rejects with TalkError 'tool/timeout' | 'tool/failed'. */
  callTool(device: DeviceName, name: string, parameters: Record<string, unknown>, signal: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

/** TWeTalk's cloud as a board sees it: the MQTT services and the WebSocket they lead to (reference/twetalk.md). */
export async function startTwetalkGateway(deps: TwetalkGatewayDeps): Promise<TwetalkGateway> {
  const { clock, observer, settings, devices, log } = deps;
  const { host, mqttPort, gatewayPort } = settings().listeners;
  const http = deps.http ?? (await createGatewayServer({ host, port: gatewayPort }));
  const tokens = new Tokens(clock);
  const toolCalls = new ToolCalls(clock, (topic, payload) => publish(topic, payload, 1));
  /** The live conversation of each device. */
  const voices = new Map<string, VoiceSocket>();
  /** Those and the replaced ones that have not ended yet. */
  const ending = new Set<VoiceSocket>();
  let isClosing = false;

  const broker = await createMqttBroker({
    clock,
    observer,
    settings,
    devices,
    host,
    port: mqttPort,
    onMessage,
    onSubscription: ({ device, topic, isRefused }) => {
      recordMqtt('up', topic, '', device, { note: isRefused ? 'SUBSCRIBE, refused' : 'SUBSCRIBE' });
    },
    onFault: (error) => log.error({ err: error }, 'mqtt broker'),
  });

  function recordMqtt(
    direction: 'up' | 'down',
    topic: string,
    text: string,
    device: DeviceName | null,
    more: { bytes?: Uint8Array<ArrayBuffer>; isUnknown?: true; note?: string } = {},
  ): void {
    const voice = device === null ? undefined : voices.get(deviceId(device));
    observer.event({
      atUs: clock.nowUs(),
      kind: 'wire.message',
      ...(voice === undefined ? {} : { conversationId: voice.conversationId }),
      gateway: 'twetalk',
      channel: 'mqtt',
      direction,
      name: topic,
      ...(device === null ? {} : { deviceId: deviceId(device) }),
      text: redact(text),
      ...more,
    });
  }

  async function publish(topic: string, payload: string, qos: 0 | 1): Promise<void> {
    recordMqtt('down', topic, payload, parseTopic(topic));
    await broker.publish(topic, payload, qos);
  }

  function onMessage(message: MqttMessage): void {
    const outcome = handleMessage(message, { clock, devices, tokens, toolCalls, webSocketEndpoint });
    const { replies, properties, bindToken, ...flags } = outcome;
    const bytes = isUtf8(message.payload) ? {} : { bytes: new Uint8Array(message.payload) };
    recordMqtt('up', message.topic, Buffer.from(message.payload).toString('utf8'), message.device, { ...flags, ...bytes });
    const { productId, deviceName } = message.device;
    if (properties !== undefined) {
      observer.event({ atUs: clock.nowUs(), kind: 'device.property', productId, deviceName, properties });
    }
    if (bindToken !== undefined) deps.onBindToken?.({ productId, deviceName }, bindToken);
    for (const reply of replies) void answer(message, reply);
  }

  /** Never rejects: what the board itself reported may be what cannot be written back to it. */
  async function answer(message: MqttMessage, reply: ServiceReply): Promise<void> {
    try {
      await publish(downTopic(reply.kind, message.device), encodeForBoard(reply.body), reply.qos);
    } catch (error) {
      observer.event({ atUs: clock.nowUs(), kind: 'dropped', what: 'mqtt-reply', count: 1 });
      log.error({ err: error, topic: message.topic }, 'reply not published');
    }
  }

  function webSocketEndpoint(localAddress: string): { host: string; port: number } | null {
    if (http.listener.state !== 'listening') return null;
    // A name or an IPv4 address: the boards' SDK has no IPv6, and its JSON reader no brackets.
    return { host: settings().listeners.advertisedHost || localAddress, port: http.listener.port };
  }

  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: () => false,
  });

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const query = readQuery(request.url ?? '/');
    const verdict = isClosing ? { status: 503, reason: 'closing' } : admit(query);
    recordUpgrade(request, query);
    if ('reason' in verdict) {
      const { productId, deviceName } = query;
      observer.event({ atUs: clock.nowUs(), kind: 'device.refused', productId, deviceName, reason: verdict.reason });
      refuseUpgrade(socket, verdict.status);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      voices.get(deviceId(verdict))?.close('replaced by a new connection', closeCodes.replaced);
      try {
        const voice = openVoiceSocket(webSocket, verdict, query, { ...deps, toolCalls });
        if (voice !== null) keep(voice);
      } catch (error) {
        log.error({ err: error }, 'conversation could not be started');
      }
    });
  }

  /** The device a token was issued to, whatever older SDKs leave out of the query. */
  function admit(query: ConnectionQuery): DeviceName | { status: number; reason: string } {
    const device = tokens.check(query.token);
    if (typeof device === 'string') return { status: 401, reason: `token-${device}` };
    const isOther =
      (query.productId !== '' && query.productId !== device.productId) ||
      (query.deviceName !== '' && query.deviceName !== device.deviceName);
    return isOther ? { status: 401, reason: 'token-of-another-device' } : device;
  }

  function recordUpgrade(request: IncomingMessage, query: ConnectionQuery): void {
    observer.event({
      atUs: clock.nowUs(),
      kind: 'wire.message',
      gateway: 'twetalk',
      channel: 'websocket',
      direction: 'up',
      name: pathOf(request),
      deviceId: deviceId(query),
      text: redact(request.url ?? '/'),
      ...(query.notes.length === 0 ? {} : { note: query.notes.join('; ') }),
    });
  }

  function keep(voice: VoiceSocket): void {
    const id = deviceId(voice.device);
    voices.set(id, voice);
    ending.add(voice);
    voice.closed
      .catch((error) => log.error({ err: error }, 'conversation ended with a fault'))
      .finally(() => {
        ending.delete(voice);
        if (voices.get(id) === voice) voices.delete(id);
      });
  }

  const unmount = http.mount({ prefix: '/ws', onUpgrade });

  return {
    listeners: [broker.listener, http.listener],
    http,
    conversations: () => [...voices.values()],
    conversation: (conversationId) => [...voices.values()].find((voice) => voice.conversationId === conversationId),
    conversationOf: (device) => voices.get(deviceId(device)),
    async publishToDevice(device, kind, body) {
      const members = Object.entries(body).map(([key, value]) => [key, toBoardJson(value)] as const);
      await publish(downTopic(kind, device), encodeForBoard(Object.fromEntries(members)), 1);
    },
    callTool(device, name, parameters, signal) {
      return toolCalls.call(device, name, parameters, { timeoutMs: settings().agent.toolTimeoutMs, signal });
    },
    async close() {
      isClosing = true;
      unmount();
      for (const voice of ending) voice.close('the bench is closing', closeCodes.goingAway);
      await Promise.allSettled([...ending].map((voice) => voice.closed));
      for (const webSocket of webSockets.clients) webSocket.terminate();
      webSockets.close();
      await broker.close();
      if (deps.http === undefined) await http.close();
    },
  };
}
