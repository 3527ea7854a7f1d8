import type { Clock } from '../../../preload/contract/time.ts';
import type { DeviceRegistry } from '../devices.ts';
import { asObject, type BoardJson, parseObject, toBoardJson } from './board-text.ts';
import type { MqttMessage } from './broker.ts';
import type { Tokens } from './tokens.ts';
import { actionDefinitions, type ToolCalls } from './tool-calls.ts';
import { type DownTopic, parseTopic } from './topics.ts';

/** What a message from a board leads to. The gateway records the message with these flags, then sends the replies in order. */
export interface ServiceOutcome {
  replies: readonly ServiceReply[];
  /** No service knew it: recorded, shown, answered with nothing. */
  isUnknown?: true;
  note?: string;
  /** Thing-model properties the device reported. */
  properties?: Record<string, unknown>;
  /** Of a board that was set up just now: who gave it this token knows it by it. Not to be recorded. */
  bindToken?: string;
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
  toolCalls: ToolCalls;
  /** Where a board that reaches us under `localAddress` finds the gateway's WebSocket. Null while that listener is down. */
  webSocketEndpoint: (localAddress: string) => { host: string; port: number } | null;
}

type Handler = (body: Record<string, unknown>, message: MqttMessage, deps: ServiceDeps) => ServiceOutcome;

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
  property(body, message, { devices }) {
    const { productId, deviceName } = message.device;
    const reported = devices.find(productId, deviceName)?.properties ?? {};
    switch (body.method) {
      case 'report': {
        const properties = asObject(body.params);
        if (properties === null) return { ...unknown, note: 'report without params' };
        devices.report(productId, deviceName, properties);
        return { ...reply('property', body), properties };
      }
      case 'report_info':
      case 'clear_control':
        return reply('property', body);
      case 'get_status':
        // Nothing is kept for a board that was away, so there is never a control waiting.
        return reply('property', body, { data: { reported: toBoardJson(reported), control: {} } });
      case 'get_model_define':
        return reply('property', body, { status: undefined, model: modelDefinition() });
      case 'control_reply':
        return nothing;
      default:
        return unknown;
    }
  },

  action(body, message, { toolCalls }) {
    if (body.method !== 'action_reply') return unknown;
    return toolCalls.settle(message.device, body) ? nothing : { replies: [], note: 'nobody waits for this action_reply any more' };
  },

  event(body) {
    if (body.method !== 'event_post') return unknown;
    return { replies: [eventReply(text(body.clientToken))] };
  },

  'thing-service'(body) {
    if (body.method !== 'app_bind_token') return unknown;
    return { ...reply('thing-service', body), bindToken: text(asObject(body.params)?.token) };
  },

  twecall(body, message, { tokens, webSocketEndpoint }) {
    if (body.method !== 'query_websocket_url') return unknown;
    const answer = { method: 'query_websocket_url_reply', clientToken: text(body.clientToken) };
    const endpoint = webSocketEndpoint(message.localAddress);
    if (endpoint === null) {
      return { replies: [{ kind: 'twecall', qos: 1, body: { ...answer, code: 1, status: 'service unavailable', params: {} } }] };
    }
    const params = { token: tokens.issue(message.device), websocket_url: `ws://${endpoint.host}/ws`, websocket_port: endpoint.port };
    return { replies: [{ kind: 'twecall', qos: 1, body: { ...answer, code: 0, status: '', params } }] };
  },

  ota(body, message, { devices }) {
    if (body.type === 'report_progress') return nothing;
    if (body.type !== 'report_version') return unknown;
    const version = asObject(body.report)?.version;
    if (typeof version === 'string') devices.setFirmwareVersion(message.device.productId, message.device.deviceName, version);
    return { replies: [{ kind: 'ota', qos: 1, body: { type: 'report_version_rsp', result_code: 0, result_msg: 'success' } }] };
  },

  time(body, _message, { clock }) {
    const resources: unknown = body.resource;
    if (body.type !== 'get' || !Array.isArray(resources) || !resources.includes('time')) return unknown;
    const nowMs = clock.wallMs();
    return {
      replies: [{ kind: 'time', qos: 0, body: { type: 'get', time: Math.floor(nowMs / 1000), ntptime1: nowMs, ntptime2: nowMs } }],
    };
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

/** The C SDK sends events with one quote too many after the token (§3.5); they deserve their reply all the same. */
function malformedEvent(payload: string): ServiceOutcome {
  const token = /"clientToken":"(event-\d+)"/.exec(payload)?.[1];
  if (token === undefined || !payload.includes('"method":"event_post"')) return { ...unknown, note: 'malformed JSON' };
  return { replies: [eventReply(token)], note: 'malformed JSON of the SDK’s event_post' };
}

function modelDefinition(): BoardJson {
  return {
    properties: [
      { id: 'battery', mode: 'r', define: { type: 'int', min: '0', max: '100' } },
      { id: 'volume', mode: 'rw', define: { type: 'int', min: '0', max: '100' } },
    ],
    events: [],
    actions: actionDefinitions(),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
