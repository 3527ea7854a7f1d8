import type { ThingModel } from '../../../preload/contract/agents.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import { textOrNumber as text } from '../../json-object.ts';
import type { DeviceRegistry } from '../devices.ts';
import { asObject, type BoardJson, encodeForBoard, parseObject, toBoardJson } from './board-text.ts';
import type { MqttMessage } from './broker.ts';
import type { DeviceRequests } from './device-requests.ts';
import type { OtaUpdates } from './ota/updates.ts';
import type { Shadows } from './shadow.ts';
import type { Tokens } from './tokens.ts';
import { type DownTopic, parseTopic } from './topics.ts';

/** What a message from a board leads to. The gateway records the message with these flags, then sends the replies in order. */
export interface ServiceOutcome {
  replies: readonly ServiceReply[];
  /** No service knew it: recorded, shown, answered with nothing. */
  isUnknown?: true;
  note?: string;
  /** Thing-model properties the device reported. */
  properties?: Record<string, unknown>;
  /** What it told of its own accord. */
  event?: DeviceEvent;
  /** Of a board that was set up just now: who gave it this token knows it by it. Not to be recorded. */
  bindToken?: string;
}

export interface DeviceEvent {
  eventId: string;
  type: string;
  params: Record<string, unknown>;
  isMalformed: boolean;
}

export interface ServiceReply {
  kind: DownTopic;
  qos: 0 | 1;
  body: Record<string, BoardJson | undefined>;
}

export interface ServiceDeps {
  clock: Clock;
  devices: DeviceRegistry;
  tokens: Tokens;
  requests: DeviceRequests;
  shadows: Shadows;
  updates: OtaUpdates;
  thingModelOf: (productId: string) => ThingModel;
  /** Where a board that reaches us under `localAddress` finds the gateway's WebSocket. Null while that listener is down. */
  webSocketEndpoint: (localAddress: string) => { host: string; port: number } | null;
  /** What query_websocket_url is answered with; not 0: no URL. */
  urlReply: () => { code: number; status: string };
}

type Handler = (body: Record<string, unknown>, message: MqttMessage, deps: ServiceDeps) => ServiceOutcome;

/** Of an event's parameters; the real ones are a handful of numbers. */
const MOST_EVENT_CHARACTERS = 4096;

const unknown: ServiceOutcome = { replies: [], isUnknown: true };
const nothing: ServiceOutcome = { replies: [] };

/** The MQTT services of reference/twetalk.md §3.2–3.7 that a stock board uses. */
export function handleMessage(message: MqttMessage, deps: ServiceDeps): ServiceOutcome {
  const topic = parseTopic(message.topic);
  const text = Buffer.from(message.payload).toString('utf8');
  if (topic === null || topic.kind === null || topic.direction !== 'up') return unknown;
  const body = parseObject(text);
  if (body !== null) return handlers[topic.kind](body, message, deps);
  if (topic.kind === 'event') return malformedEvent(text);
  return { ...unknown, note: 'malformed JSON' };
}

const handlers: Record<DownTopic, Handler> = {
  property(body, message, { devices, thingModelOf, requests, shadows }) {
    const { productId, deviceName } = message.device;
    const reported = devices.find(productId, deviceName)?.properties ?? {};
    switch (body.method) {
      case 'report': {
        const properties = asObject(body.params);
        if (properties === null) return { ...unknown, note: 'report without params' };
        devices.report(productId, deviceName, properties);
        shadows.reported(message.device, properties);
        const kept = devices.find(productId, deviceName)?.properties ?? {};
        const lost = Object.keys(properties).filter((id) => !Object.hasOwn(kept, id)).length;
        return { ...reply('property', body), properties, ...(lost === 0 ? {} : { note: `${lost} of the properties too long to be kept` }) };
      }
      case 'report_info':
        return reply('property', body);
      case 'clear_control':
        shadows.taken(message.device);
        return reply('property', body);
      case 'get_status': {
        const status = { reported: toBoardJson(reported), control: toBoardJson(shadows.of(message.device).control) };
        const { data, leftOut } = fittingStatus(status);
        return {
          ...reply('property', body, { data }),
          ...(leftOut === '' ? {} : { note: `${leftOut} left out: too long for the board, or nothing its reader takes` }),
        };
      }
      case 'get_model_define':
        return reply('property', body, { status: undefined, model: modelDefinition(thingModelOf(productId)) });
      case 'control_reply':
        return requests.settle(message.device, 'property', body) ? nothing : { replies: [], note: 'nobody waits for this control_reply' };
      default:
        return unknown;
    }
  },

  action(body, message, { requests }) {
    if (body.method !== 'action_reply') return unknown;
    return requests.settle(message.device, 'action', body) ? nothing : { replies: [], note: 'nobody waits for this action_reply any more' };
  },

  event(body) {
    if (body.method !== 'event_post') return unknown;
    const event = eventOf(body, false);
    const isWhole = event.params === body.params || body.params === undefined;
    return { replies: [eventReply(text(body.clientToken))], event, ...(isWhole ? {} : { note: 'params not kept: none, or too long' }) };
  },

  'thing-service'(body) {
    if (body.method !== 'app_bind_token') return unknown;
    return { ...reply('thing-service', body), bindToken: text(asObject(body.params)?.token) };
  },

  twecall(body, message, { tokens, webSocketEndpoint, urlReply }) {
    if (body.method !== 'query_websocket_url') return unknown;
    const answer = { method: 'query_websocket_url_reply', clientToken: text(body.clientToken) };
    const endpoint = webSocketEndpoint(message.localAddress);
    const { code, status } = endpoint === null ? { code: 1, status: 'service unavailable' } : urlReply();
    if (code !== 0 || endpoint === null) return { replies: [{ kind: 'twecall', qos: 1, body: { ...answer, code, status, params: {} } }] };
    const params = { token: tokens.issue(message.device), websocket_url: `ws://${endpoint.host}/ws`, websocket_port: endpoint.port };
    return { replies: [{ kind: 'twecall', qos: 1, body: { ...answer, code: 0, status: '', params } }] };
  },

  ota(body, message, { devices, updates }) {
    if (body.type === 'report_progress')
      return updates.progress(message.device, body.report) ? nothing : { ...unknown, note: 'report_progress without a known state' };
    if (body.type !== 'report_version') return unknown;
    const version = asObject(body.report)?.version;
    if (typeof version === 'string') devices.setFirmwareVersion(message.device.productId, message.device.deviceName, version);
    return { replies: [{ kind: 'ota', qos: 1, body: { type: 'report_version_rsp', result_code: 0, result_msg: 'success' } }] };
  },

  time(body, message, { clock }) {
    const resources: unknown = body.resource;
    if (body.type !== 'get' || !Array.isArray(resources)) return unknown;
    const nowMs = clock.wallMs();
    const time = resources.includes('time') ? { time: Math.floor(nowMs / 1000), ntptime1: nowMs, ntptime2: nowMs } : {};
    const serverip = resources.includes('serverip') ? { serverip: message.localAddress } : {};
    const answer = { ...time, ...serverip };
    if (Object.keys(answer).length === 0) return unknown;
    return { replies: [{ kind: 'time', qos: 0, body: { type: 'get', ...answer } }] };
  },
};

/** `<method>_reply` with the token as it came; tokens repeat within a second and are no key. */
function reply(kind: DownTopic, body: Record<string, unknown>, extra: Record<string, BoardJson | undefined> = {}): ServiceOutcome {
  const method = `${text(body.method)}_reply`;
  return { replies: [{ kind, qos: 0, body: { method, clientToken: text(body.clientToken), code: 0, status: 'success', ...extra } }] };
}

function eventReply(clientToken: string): ServiceReply {
  return { kind: 'event', qos: 0, body: { method: 'event_reply', clientToken, version: '1.0', code: 0, status: '', data: {} } };
}

function eventOf(body: Record<string, unknown>, isMalformed: boolean): DeviceEvent {
  const [eventId, type] = [text(body.eventId).slice(0, 64), text(body.type).slice(0, 20)];
  const params = asObject(body.params) ?? {};
  return { eventId, type, params: JSON.stringify(params).length > MOST_EVENT_CHARACTERS ? {} : params, isMalformed };
}

/** The C SDK sends events with one quote too many after the token (§3.5); they deserve their reply, and to be read, all the same. */
function malformedEvent(payload: string): ServiceOutcome {
  const token = /"clientToken":"(event-\d+)"/.exec(payload)?.[1];
  if (token === undefined || !payload.includes('"method":"event_post"')) return { ...unknown, note: 'malformed JSON' };
  const mended = parseObject(payload.replace(/("clientToken":"event-\d+")"/, '$1'));
  const note = 'malformed JSON of the SDK’s event_post';
  return { replies: [eventReply(token)], note, ...(mended === null ? {} : { event: eventOf(mended, true) }) };
}

/** Ids and types only: the whole model of a product is longer than what the board's buffer holds. */
function modelDefinition({ properties, events, actions }: ThingModel): BoardJson {
  return {
    properties: properties.map(({ id, mode, define: { type, min, max } }) => ({ id, mode, define: { type, min, max } })),
    events: events.map(({ id, type }) => ({ id, type })),
    actions: actions.map(({ id, input }) => ({ id, input: input.map((parameter) => ({ id: parameter.id })) })),
  };
}

/** Of the board's 8 KiB for a packet; the rest is for its own client token and the topic. */
const MOST_STATUS_BYTES = 7 * 1024;

/** A board is always answered: what it reported itself is what it can do without; then what it is to be set to. */
function fittingStatus(status: { reported: BoardJson; control: BoardJson }): { data: typeof status; leftOut: string } {
  function fits(data: typeof status): boolean {
    try {
      return Buffer.byteLength(encodeForBoard(data)) <= MOST_STATUS_BYTES;
    } catch {
      // It reported under names that cannot be written for it.
      return false;
    }
  }
  if (fits(status)) return { data: status, leftOut: '' };
  const withoutReported = { ...status, reported: {} };
  if (fits(withoutReported)) return { data: withoutReported, leftOut: 'reported' };
  return { data: { reported: {}, control: {} }, leftOut: 'reported and control' };
}
