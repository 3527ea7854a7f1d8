import { createHash, createHmac } from 'node:crypto';
import { systemClock } from '../../pipeline/clock.ts';
import type { Engines } from '../../pipeline/conversation.ts';
import type { ServerCallback } from '../../pipeline/gateways/callbacks/server-callbacks.ts';
import type { ApiAction, ApiError } from '../../pipeline/gateways/cloud/action.ts';
import { startCloudApiGateway } from '../../pipeline/gateways/cloud/gateway.ts';
import { createGatewayServer } from '../../pipeline/gateways/http.ts';
import { trtcActions } from '../../pipeline/gateways/trtc/actions.ts';
import { startTrtcGateway, type TrtcGatewayDeps } from '../../pipeline/gateways/trtc/gateway.ts';
import type { TaskRequest } from '../../pipeline/gateways/trtc/task-request.ts';
import type { ApiRequest } from '../../preload/contract/cloud/cloud-api.ts';
import { settingsSchema } from '../../preload/contract/settings.ts';
import type { Clock } from '../../preload/contract/time.ts';
import { fakeConversations } from './conversation.ts';
import { RecordingObserver } from './observer.ts';

export const labKey = { secretId: 'AKIDlab', secretKey: 'lab-secret-key-0123456789' };
export const labSdkAppId = 1_400_000_001;

export interface TrtcRigOptions {
  clock?: Clock;
  settings?: Record<string, unknown>;
  startConversation?: TrtcGatewayDeps['startConversation'];
  engines?: () => Engines;
  actions?: readonly ApiAction[];
  sdkSecretKey?: string;
  ttsApiKey?: string;
  translate?: TrtcGatewayDeps['translate'];
  failureFor?: (action: string) => ApiError | null;
}

/** The cloud API and TRTC's rooms on a free port, with conversations that only record unless others are given. */
export async function trtcRig(options: TrtcRigOptions = {}) {
  const clock = options.clock ?? systemClock;
  const settings = settingsSchema.parse(options.settings ?? {});
  const observer = new RecordingObserver();
  const conversations = fakeConversations();
  const callbacks: ServerCallback[] = [];
  const requests: ApiRequest[] = [];
  const faults: unknown[] = [];
  const http = await createGatewayServer({ host: '127.0.0.1', port: 0 });
  const log = { error: (details: object) => faults.push(details), warn: (details: object) => faults.push(details) };
  const noEngines = () => {
    throw new Error('this rig has no engines');
  };
  const accounts = {
    appId: () => '1250000000',
    sdkAppId: () => labSdkAppId,
    secretKey: (id: string) => (id === labKey.secretId ? labKey.secretKey : undefined),
    isAppIdAllowed: () => false,
    isSpeechToken: () => false,
  };
  const common = { clock, observer, accounts, http, log, settings: () => settings };
  const configured: TaskRequest[] = [];
  const updates: Record<string, unknown>[] = [];
  const trtc = startTrtcGateway({
    ...common,
    callbacks: { send: (callback) => callbacks.push(callback) },
    startConversation: options.startConversation ?? conversations.start,
    engines: options.engines ?? noEngines,
    configure: async (request) => {
      configured.push(request);
      return {
        language: 'zh',
        notes: [],
        settings: () => settings,
        engines: options.engines ?? noEngines,
        update(parameters) {
          updates.push(parameters);
          return [];
        },
        close: async () => {},
      };
    },
    benchSettings: () => settings,
    translate: options.translate ?? (() => null),
    sdkSecretKey: () => options.sdkSecretKey ?? null,
    ttsApiKey: () => options.ttsApiKey ?? null,
    onChange: () => {},
  });
  const api = startCloudApiGateway({
    ...common,
    actions: [...trtcActions(() => trtc), ...(options.actions ?? [])],
    ...(options.failureFor && { failureFor: options.failureFor }),
    onRequest: (request) => requests.push(request),
  });
  const { port } = http.listener;
  return {
    ...{ clock, settings, observer, conversations, callbacks, requests, faults, trtc, configured, updates, port },
    endpoint: `127.0.0.1:${port}`,
    gateway: `ws://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await trtc.close();
      await api.close();
      await http.close();
    },
  };
}

export type TrtcRig = Awaited<ReturnType<typeof trtcRig>>;

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const signingKeys = new Map<string, Buffer>();

/** As good for a day, and most of the work of a signature. */
function signingKey(secretKey: string, date: string, service: string): Buffer {
  const name = `${secretKey} ${date} ${service}`;
  const key = signingKeys.get(name) ?? hmac(hmac(hmac(`TC3${secretKey}`, date), service), 'tc3_request');
  signingKeys.set(name, key);
  return key;
}

/** A request signed by hand, written from the document and not with the gateway's own code. */
export function signedHeaders(request: {
  action: string;
  version: string;
  body: string;
  host: string;
  atS: number;
  secretId?: string;
  secretKey?: string;
  service?: string;
}): Record<string, string> {
  const { action, version, body, host, atS, secretId = labKey.secretId, secretKey = labKey.secretKey, service = 'trtc' } = request;
  const date = new Date(atS * 1000).toISOString().slice(0, 10);
  const names = 'content-type;host;x-tc-action';
  const canonical = `POST\n/\n\ncontent-type:application/json\nhost:${host}\nx-tc-action:${action.toLowerCase()}\n\n${names}\n${hash(body)}`;
  const scope = `${date}/${service}/tc3_request`;
  const signature = hmac(signingKey(secretKey, date, service), `TC3-HMAC-SHA256\n${atS}\n${scope}\n${hash(canonical)}`).toString('hex');
  return {
    'content-type': 'application/json',
    'x-tc-action': action,
    'x-tc-version': version,
    'x-tc-timestamp': String(atS),
    'x-tc-region': 'ap-guangzhou',
    authorization: `TC3-HMAC-SHA256 Credential=${secretId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

export interface ApiReply {
  status: number;
  contentType: string | null;
  response: Record<string, unknown> & { Error?: { Code: string; Message: string }; RequestId: string };
}

/** Sends a body as JSON, signed unless `headers` say otherwise. */
export async function callApi(
  rig: TrtcRig,
  action: string,
  body: unknown,
  more: { version?: string; headers?: Record<string, string>; raw?: string; secretId?: string; secretKey?: string; atS?: number } = {},
): Promise<ApiReply> {
  const text = more.raw ?? JSON.stringify(body);
  const signed = signedHeaders({
    ...{ action, version: more.version ?? '2019-07-22', body: text, host: rig.endpoint },
    atS: more.atS ?? Math.floor(rig.clock.wallMs() / 1000),
    ...(more.secretId !== undefined && { secretId: more.secretId }),
    ...(more.secretKey !== undefined && { secretKey: more.secretKey }),
  });
  const reply = await fetch(`http://${rig.endpoint}/`, { method: 'POST', headers: { ...signed, ...more.headers }, body: text });
  const { Response } = (await reply.json()) as { Response: ApiReply['response'] };
  return { status: reply.status, contentType: reply.headers.get('content-type'), response: Response };
}

/** Parameters of StartAIConversation for a robot and one user. */
export function startBody(more: Record<string, unknown> = {}, agent: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    SdkAppId: labSdkAppId,
    RoomId: '1234',
    AgentConfig: { UserId: 'robot', UserSig: 'sig', TargetUserId: 'user', ...agent },
    ...more,
  };
}
