import { isUtf8 } from 'node:buffer';
import type { ThingModel } from '../../../preload/contract/agents.ts';
import type { CallRecord, OtaUpdate } from '../../../preload/contract/cloud/twetalk.ts';
import type { ListenerState } from '../../../preload/contract/core.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { ConversationSettings, Settings } from '../../../preload/contract/settings.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { builtInThingModel } from '../../agent/thing-model/built-in.ts';
import type { StartConversation } from '../../conversation.ts';
import type { LinkDoor } from '../../link/door.ts';
import type { Observer } from '../../observer.ts';
import type { BrokerSecrets } from '../accounts.ts';
import { addressLimit } from '../address-share.ts';
import { type DeviceName, type DeviceRegistry, deviceId } from '../devices.ts';
import type { WireAgain } from '../gateway.ts';
import { createGatewayServer, type GatewayServer } from '../http.ts';
import type { TlsIdentity } from '../tls.ts';
import { type BoardJson, encodeForBoard, redact, toBoardJson } from './board-text.ts';
import { createMqttBroker, type MqttMessage } from './broker.ts';
import { mountBrokerAccess } from './broker-access.ts';
import { Switchboard } from './calls/switchboard.ts';
import { DeviceRequests } from './device-requests.ts';
import { createTwetalkMemory, type TwetalkMemory } from './memory.ts';
import { createOtaDownload, otaPath, otaPrefix } from './ota/download.ts';
import { openOtaListener } from './ota/listener.ts';
import type { Firmware, OtaFault } from './ota/updates.ts';
import { createRegistration, registrationPath } from './registration.ts';
import { handleMessage, type ServiceReply } from './services.ts';
import { assertAction, assertWritable } from './shadow.ts';
import { closeCodes, type VoiceSocket } from './socket.ts';
import { Tokens } from './tokens.ts';
import { type DownTopic, downTopic, parseTopic } from './topics.ts';
import { Voices } from './voices.ts';

export interface TwetalkGatewayDeps {
  clock: Clock;
  observer: Observer;
  settings: () => Settings;
  /** As they stand now, for a conversation of that device in that language; the bench's for all without it. */
  conversationSettings?: (device: DeviceName, language: 'zh' | 'en') => () => ConversationSettings;
  devices: DeviceRegistry;
  startConversation: StartConversation;
  /** What boards of the product can do, as it stands now; the built-in model for all without it. */
  thingModelOf?: (productId: string) => ThingModel;
  /** A board showed the token of its setup (配网); it is answered with success whoever gave it. */
  onBindToken?: (device: DeviceName, token: string) => void;
  /** The shared device-facing listener; without one the gateway starts its own from the settings, and closes it. */
  http?: GatewayServer;
  /** For MQTT over TLS; null or left out: plain alone. */
  tls?: TlsIdentity | null;
  /** Has the password of an external broker, and what it needs to ask about devices. */
  brokerSecrets?: BrokerSecrets;
  /** What is known of the devices, where it outlives this gateway. */
  memory?: TwetalkMemory;
  onCall?: (record: CallRecord) => void;
  /** Hears whose connection is whose, and keeps one out. */
  links?: LinkDoor;
  log: { error(details: object, message: string): void };
}

export interface TwetalkGateway {
  /** MQTT, gateway and OTA; one of them may have failed while the others work. */
  readonly listeners: readonly ListenerState[];
  readonly http: GatewayServer;
  conversations(): readonly VoiceSocket[];
  conversation(conversationId: string): VoiceSocket | undefined;
  conversationOf(device: DeviceName): VoiceSocket | undefined;
  /** Publishes JSON the board can read on one of its down topics. Rejects with TalkError 'too-large' | 'bad-request'. */
  publishToDevice(device: DeviceName, kind: DownTopic, body: Record<string, unknown>): Promise<void>;
  /** Runs a thing-model action. Rejects with TalkError 'device/no-action', or as `DeviceRequests` does. */
  callTool(device: DeviceName, name: string, parameters: Record<string, unknown>, signal: AbortSignal): Promise<unknown>;
  /**
   * Sets properties: 'done' when the board said so, 'kept' when it is away and will find them. Rejects with TalkError 'device/no-property', or
   * as `DeviceRequests` does.
   */
  control(device: DeviceName, properties: Record<string, unknown>, signal: AbortSignal): Promise<'done' | 'kept'>;
  /** Tells the board of new firmware. Throws TalkError 'ota/no-listener' | 'device/offline' | 'device/not-subscribed'. */
  update(device: DeviceName, firmware: Firmware, fault: OtaFault): Promise<OtaUpdate>;
  /** Rejects with TalkError 'not-found' | 'unsupported' | 'too-large'. */
  resend(message: WireAgain): Promise<void>;
  /** Down topics the board listens to; null for one that is away or behind a broker that does not tell. */
  subscriptions(device: DeviceName): readonly string[] | null;
  isOnline(device: DeviceName): boolean;
  readonly calls: Switchboard;
  close(): Promise<void>;
}

/** TWeTalk's cloud as a board sees it: the MQTT services and the WebSocket they lead to (reference/twetalk.md). */
export async function startTwetalkGateway(deps: TwetalkGatewayDeps): Promise<TwetalkGateway> {
  const { clock, observer, settings, devices, log } = deps;
  const { host, gatewayPort } = settings().listeners;
  const thingModelOf = deps.thingModelOf ?? (() => builtInThingModel);
  const conversationSettings = deps.conversationSettings ?? (() => settings);
  const http = deps.http ?? (await createGatewayServer({ host, port: gatewayPort }));
  const tokens = new Tokens(clock, () => settings().twetalk);
  const memory = deps.memory ?? createTwetalkMemory({ clock, observer, onChange: () => {} });
  const { shadows, updates } = memory;
  const requests = new DeviceRequests({ clock, publish: (topic, payload) => publish(topic, payload, 1), mustBeHeard });
  const calls: Switchboard = new Switchboard({
    ...{ clock, observer, settings },
    contacts: (device) => shadows.of(device).contacts,
    notify(device, body) {
      mustBeHeard(device, downTopic('twecall', device));
      void answer(device, { kind: 'twecall', qos: 1, body: toMembers(body) });
    },
    onChange: deps.onCall ?? (() => {}),
  });
  const voices: Voices = new Voices({
    ...{ clock, observer, settings, tokens, requests, shadows, thingModelOf, conversationSettings, log },
    startConversation: deps.startConversation,
    switchboard: calls,
    ...(deps.links === undefined ? {} : { links: deps.links }),
  });

  const broker = await createMqttBroker({
    clock,
    observer,
    settings,
    devices,
    tls: deps.tls ?? null,
    ...(deps.links === undefined ? {} : { links: deps.links }),
    password: () => deps.brokerSecrets?.brokerPassword() ?? null,
    onMessage,
    onSubscription: ({ device, topic, isRefused }) => {
      recordMqtt('up', topic, '', device, { note: isRefused ? 'SUBSCRIBE, refused' : 'SUBSCRIBE' });
      shadows.touched(device);
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
    const voice = device === null ? undefined : voices.of(device);
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
    const outcome = handleMessage(message, {
      ...{ clock, devices, tokens, requests, shadows, updates, thingModelOf, webSocketEndpoint },
      urlReply: () => ({ code: settings().twetalk.urlReplyCode, status: settings().twetalk.urlReplyStatus }),
    });
    const { replies, properties, event, bindToken, ...flags } = outcome;
    const bytes = isUtf8(message.payload) ? {} : { bytes: new Uint8Array(message.payload) };
    recordMqtt('up', message.topic, Buffer.from(message.payload).toString('utf8'), message.device, { ...flags, ...bytes });
    const { productId, deviceName } = message.device;
    if (properties !== undefined) {
      observer.event({ atUs: clock.nowUs(), kind: 'device.property', productId, deviceName, properties });
    }
    if (event !== undefined) {
      const { isMalformed, ...told } = event;
      const malformed = isMalformed ? { isMalformed } : {};
      observer.event({ atUs: clock.nowUs(), kind: 'device.event', productId, deviceName, ...told, ...malformed });
      shadows.event(message.device, event);
    }
    if (bindToken !== undefined) deps.onBindToken?.({ productId, deviceName }, bindToken);
    for (const reply of replies) void answer(message.device, reply);
  }

  /** Never rejects: what the board itself reported may be what cannot be written back to it. */
  async function answer(device: DeviceName, reply: ServiceReply): Promise<void> {
    try {
      await publish(downTopic(reply.kind, device), encodeForBoard(reply.body), reply.qos);
    } catch (error) {
      observer.event({ atUs: clock.nowUs(), kind: 'dropped', what: 'mqtt-reply', count: 1 });
      log.error({ err: error, topic: downTopic(reply.kind, device) }, 'reply not published');
    }
  }

  function webSocketEndpoint(localAddress: string): { host: string; port: number } | null {
    if (http.listener.state !== 'listening') return null;
    // A name or an IPv4 address: the boards' SDK has no IPv6, and its JSON reader no brackets.
    return { host: settings().listeners.advertisedHost || localAddress, port: http.listener.port };
  }

  /** Nobody would hear it: better said at once than after a timeout. */
  function mustBeHeard(device: DeviceName, topic: string): void {
    const { productId, deviceName } = device;
    const subscriptions = broker.subscriptions(device);
    if (subscriptions === null) throw new TalkError('device/offline', { productId, deviceName }, { retryable: true });
    if (subscriptions !== 'unknown' && !subscriptions.includes(topic))
      throw new TalkError('device/not-subscribed', { productId, deviceName, topic });
  }

  const serveFirmware = createOtaDownload({ clock, observer, updates, log });
  const register = createRegistration({ clock, observer, settings, devices, log });
  const { otaPort } = settings().twetalk;
  const ota =
    otaPort === null
      ? null
      : await openOtaListener({
          host,
          port: otaPort,
          perAddress: addressLimit(deps),
          routes: { [otaPrefix]: serveFirmware, [registrationPath]: register },
        });

  /** Where a board fetches firmware; the port is left out where it is 80, the only one its SDK can name. */
  function otaOrigin(device: DeviceName): string {
    const listener = ota?.state.state === 'listening' ? ota.state : http.listener;
    if (listener.state !== 'listening') throw new TalkError('ota/no-listener', { error: listener.error ?? null });
    const name = settings().listeners.advertisedHost || broker.localAddress(device) || listener.host;
    return `http://${name}${listener.port === 80 ? '' : `:${listener.port}`}`;
  }

  const stopRevoking = devices.onRevoked((device) => {
    tokens.revoke(device);
    updates.revoke(device);
    voices.of(device)?.close('revoked', closeCodes.replaced);
  });
  const mounted = [
    http.mount({ prefix: '/ws', onUpgrade: (request, socket, head) => voices.onUpgrade(request, socket, head) }),
    http.mount({ prefix: otaPrefix, onRequest: serveFirmware }),
    http.mount({ prefix: registrationPath, onRequest: register }),
  ];
  const unmountAccess = mountBrokerAccess({
    ...deps,
    http,
    token: () => deps.brokerSecrets?.brokerToken() ?? null,
    password: () => deps.brokerSecrets?.brokerPassword() ?? null,
  });

  return {
    get listeners() {
      return [
        ...broker.listeners,
        http.listener,
        ...(http.secureListener === null ? [] : [http.secureListener]),
        ...(ota === null ? [] : [ota.state]),
      ];
    },
    http,
    calls,
    conversations: () => voices.all(),
    conversation: (conversationId) => voices.all().find((voice) => voice.conversationId === conversationId),
    conversationOf: (device) => voices.of(device),
    isOnline: (device) => broker.isOnline(device),
    subscriptions(device) {
      const topics = broker.subscriptions(device);
      return topics === 'unknown' ? null : topics;
    },
    async publishToDevice(device, kind, body) {
      await publish(downTopic(kind, device), encodeForBoard(toMembers(body)), 1);
    },
    async callTool(device, name, parameters, signal) {
      assertAction(device.productId, thingModelOf(device.productId), name);
      return requests.action(device, name, parameters, { timeoutMs: settings().agent.toolTimeoutMs, signal });
    },
    async control(device, properties, signal) {
      assertWritable(device.productId, thingModelOf(device.productId), properties);
      shadows.keep(device, properties);
      if (!broker.isOnline(device)) return 'kept';
      await requests.control(device, properties, { timeoutMs: settings().twetalk.controlTimeoutMs, signal });
      shadows.taken(device, Object.keys(properties));
      return 'done';
    },
    async resend(message) {
      if (message.channel === 'websocket') return resendFrame(voices.all(), message);
      const device = parseTopic(message.name);
      if (message.channel !== 'mqtt' || device === null) throw new TalkError('unsupported', { feature: 'resend', why: message.channel });
      if (message.direction === 'down') return publish(message.name, message.text ?? '', 1);
      const payload = message.bytes ?? Buffer.from(message.text ?? '');
      onMessage({ device, topic: message.name, payload, localAddress: broker.localAddress(device) ?? http.listener.host });
    },
    async update(device, firmware, fault) {
      const topic = downTopic('ota', device);
      mustBeHeard(device, topic);
      const origin = otaOrigin(device);
      const body = updates.begin(device, firmware, fault, (token) => `${origin}${otaPath(token, firmware.name)}`);
      await publish(topic, encodeForBoard(body), 1);
      const update = updates.of(device);
      if (update === undefined) throw new Error('an update that was begun is not there');
      return update;
    },
    async close() {
      stopRevoking();
      for (const unmount of mounted) unmount();
      unmountAccess();
      calls.close();
      await voices.close();
      await ota?.close();
      await broker.close();
      if (deps.http === undefined) await http.close();
    },
  };
}

/** Into the voice connection it was recorded on, or the one its board has now. */
function resendFrame(voices: readonly VoiceSocket[], message: WireAgain): void {
  const { conversationId, deviceId: id } = message;
  const voice = voices.find((one) => one.conversationId === conversationId) ?? voices.find((one) => deviceId(one.device) === id);
  if (voice === undefined) throw new TalkError('not-found', { what: 'voice connection', id: conversationId ?? id ?? '' });
  if (message.bytes === undefined) voice.again(message.direction, { kind: 'message', data: message.text ?? '' });
  else voice.again(message.direction, { kind: 'unknown', field: null, raw: message.bytes });
}

function toMembers(body: Record<string, unknown>): Record<string, BoardJson> {
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, toBoardJson(value)] as const));
}
