import { createDeliveries } from '../../../pipeline/gateways/callbacks/delivery.ts';
import { createReceiver } from '../../../pipeline/gateways/callbacks/receiver.ts';
import type { ServerCallback, ServerCallbacks } from '../../../pipeline/gateways/callbacks/server-callbacks.ts';
import { serverSign, subtitleSign } from '../../../pipeline/gateways/callbacks/signature.ts';
import { createSubtitles, type Subtitle } from '../../../pipeline/gateways/callbacks/subtitles.ts';
import type { CallbackDelivery, CallbackKind, ReceivedCallback } from '../../../preload/contract/cloud/callbacks.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import { Topic } from '../endpoint/topic.ts';
import type { CloudService, CloudServiceDeps } from './service.ts';

const KEPT = 300;
/** Of what strangers sent; who was away for longer gets a new snapshot. */
const RESUMED = 50;
type Call = 'callbacks.keys' | 'callbacks.putKey' | 'callbacks.test' | 'callbacks.clear';
type Stream = 'callbacks.deliveries' | 'callbacks.received';
type Cleared = { isCleared: true };

/** What is told to backends, and the bench's own receiver of it. */
export async function createCallbackService(deps: CloudServiceDeps): Promise<CloudService<Call, Stream> & ServerCallbacks> {
  const { clock, observer, secrets, settings, agents } = deps;
  const deliveries = new Map<string, CallbackDelivery>();
  const received: ReceivedCallback[] = [];
  const deliveryTopic = new Topic<CallbackDelivery[], CallbackDelivery | Cleared>({
    snapshot: () => [...deliveries.values()],
    retain: KEPT,
  });
  const receivedTopic = new Topic<ReceivedCallback[], ReceivedCallback | Cleared>({ snapshot: () => [...received], retain: RESUMED });
  const subtitles = createSubtitles(() => clock.wallMs());
  /** In memory, for a signature is made at once. */
  const keys: Record<CallbackKind, string | null> = {
    server: await secrets.get(secretName('server')),
    subtitle: await secrets.get(secretName('subtitle')),
  };

  const sender = createDeliveries({
    clock,
    onChange(delivery) {
      deliveries.set(delivery.id, delivery);
      // Those that are open are told to their end; of the others the oldest go.
      for (const [id, { state }] of deliveries) {
        if (deliveries.size <= KEPT) break;
        if (state === 'delivered' || state === 'given-up') deliveries.delete(id);
      }
      deliveryTopic.publish(delivery);
      record(delivery);
    },
    onDropped: () => observer.event({ atUs: clock.nowUs(), kind: 'dropped', what: 'callback', count: 1 }),
  });

  /** On the wire as it goes out, and what became of it. */
  function record({ name, conversationId, url, body, attempts, state }: CallbackDelivery): void {
    const wire = { atUs: clock.nowUs(), kind: 'wire.message', gateway: 'callbacks', channel: 'http' } as const;
    const about = { name: `${name} ${url}`, ...(conversationId !== undefined && { conversationId }) };
    if (state === 'sending') observer.event({ ...wire, ...about, direction: 'down', text: body });
    const last = attempts.at(-1);
    if (last === undefined) return;
    const outcome = last.status === undefined ? (last.failure ?? '') : `status ${last.status}`;
    observer.event({ ...wire, ...about, direction: 'up', note: `attempt ${attempts.length}: ${outcome}, ${state}` });
  }

  function common() {
    const { retryMs, retryForS } = settings.get().callbacks;
    return { retryMs, retryForMs: retryForS * 1000 };
  }

  function sendServer(callback: ServerCallback): string | undefined {
    const { serverUrl, serverTimeoutMs, timestampField } = settings.get().callbacks;
    if (serverUrl === '') return undefined;
    const nowMs = clock.wallMs();
    const body = JSON.stringify({
      EventGroupId: callback.eventGroupId,
      EventType: callback.eventType,
      ...(timestampField !== 'CallbackMsTs' && { CallbackTs: nowMs }),
      ...(timestampField !== 'CallbackTs' && { CallbackMsTs: nowMs }),
      EventInfo: callback.eventInfo,
    });
    const key = keys.server;
    return sender.deliver({
      ...{ kind: 'server', name: String(callback.eventType), url: serverUrl, body, isSigned: key !== null },
      ...(callback.conversationId !== undefined && { conversationId: callback.conversationId }),
      headers: () => ({
        ...{ 'Content-Type': 'application/json', SdkAppId: String(callback.sdkAppId) },
        ...(key !== null && { Sign: serverSign(key, body) }),
      }),
      timeoutMs: serverTimeoutMs,
      ...common(),
    });
  }

  function sendSubtitle(subtitle: Subtitle, own = ''): string | undefined {
    const { subtitleUrl, subtitleTimeoutS } = settings.get().callbacks;
    const url = own || subtitleUrl;
    if (url === '') return undefined;
    const body = JSON.stringify(subtitle);
    const key = keys.subtitle;
    return sender.deliver({
      ...{ kind: 'subtitle', name: `subtitle ${subtitle.role}`, url, body, isSigned: key !== null },
      conversationId: subtitle.session_id,
      // The time is each attempt's own, so that one of a minute later is not stale by its stamp.
      headers: ({ id, wallMs }) => ({
        ...{ 'Content-Type': 'application/json; charset=utf-8', 'X-Timestamp': String(wallMs), 'X-Request-Id': id },
        ...(key !== null && { Sign: subtitleSign(key, body, String(wallMs), id) }),
      }),
      timeoutMs: subtitleTimeoutS * 1000,
      ...common(),
    });
  }

  const examples: Record<CallbackKind, () => string | undefined> = {
    server() {
      const eventInfo = { EventMsTs: clock.wallMs(), TaskId: 'talkbench-example', RoomId: '1234', RoomIdType: 0, Payload: { Status: 0 } };
      return sendServer({ eventGroupId: 9, eventType: 901, eventInfo, sdkAppId: deps.accounts.sdkAppId() });
    },
    subtitle: () =>
      sendSubtitle({
        ...{ session_id: 'talkbench-example', room_id: 'talkbench-example', product_id: 'TALKBENCH', device_name: 'example' },
        ...{ role: 'user', text: '你好', timestamp_ms: clock.wallMs(), user_id: 'TALKBENCH_example' },
      }),
  };

  return {
    send: (callback) => void sendServer(callback),
    observe(event) {
      const told = subtitles.observe(event);
      if (told === undefined) return;
      const { language, ...device } = told.conversation;
      sendSubtitle(told.subtitle, agents.conversationSettings(device, language)().conversation.subtitleUrl);
    },
    async start({ http }) {
      const unmount = http.mount(
        createReceiver({
          clock,
          settings: () => settings.get().callbacks,
          key: (kind) => keys[kind],
          onReceived(callback) {
            received.push(callback);
            if (received.length > KEPT) received.shift();
            receivedTopic.publish(callback);
          },
        }),
      );
      return { listeners: [], conversation: () => undefined, close: async () => unmount() };
    },
    close: () => sender.close(),
    calls: {
      'callbacks.keys': async () => ({ server: keys.server !== null, subtitle: keys.subtitle !== null }),
      'callbacks.putKey': async ({ kind, key }) => {
        if (key === null) await secrets.remove(secretName(kind));
        else await secrets.set(secretName(kind), key);
        keys[kind] = key;
        return {};
      },
      'callbacks.test': async ({ kind }) => {
        const id = examples[kind]();
        if (id === undefined)
          throw new TalkError('bad-request', { issues: [{ path: `callbacks.${kind}Url`, message: 'no address is set' }] });
        return { id };
      },
      'callbacks.clear': async () => {
        for (const [id, { state }] of deliveries) if (state === 'delivered' || state === 'given-up') deliveries.delete(id);
        received.length = 0;
        deliveryTopic.publish({ isCleared: true });
        for (const delivery of deliveries.values()) deliveryTopic.publish(delivery);
        receivedTopic.publish({ isCleared: true });
        return {};
      },
    },
    streams: {
      'callbacks.deliveries': () => ({ topic: deliveryTopic }),
      'callbacks.received': () => ({ topic: receivedTopic }),
    },
  };
}

function secretName(kind: CallbackKind): string {
  return `callback/${kind}`;
}
