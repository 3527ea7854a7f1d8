import { randomBytes } from 'node:crypto';
import { ask } from '../../../pipeline/agent/ask.ts';
import type { Gateway, GatewayDeps } from '../../../pipeline/gateways/gateway.ts';
import { BoardMemory } from '../../../pipeline/gateways/xiaozhi/board-memory.ts';
import { startXiaozhiGateway, type XiaozhiGateway } from '../../../pipeline/gateways/xiaozhi/gateway.ts';
import { paths } from '../../../pipeline/gateways/xiaozhi/http.ts';
import { deviceNamed, XIAOZHI_PRODUCT } from '../../../pipeline/gateways/xiaozhi/names.ts';
import type { XiaozhiState } from '../../../preload/contract/cloud/xiaozhi.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import { Topic } from '../endpoint/topic.ts';
import type { CloudService, CloudServiceDeps } from './service.ts';
import { randomDeviceName, talk } from './xiaozhi/talk.ts';

const KEY_SECRET = 'xiaozhi/key';
/** Less than a board waits for its camera's tool. */
const PHOTO_ANSWER_MS = 25_000;

type Service = CloudService<'xiaozhi.callTool' | 'xiaozhi.send' | 'xiaozhi.activate' | 'xiaozhi.talk', 'xiaozhi.state'>;

/** The core's part of xiaozhi's cloud. */
export async function createXiaozhiService(deps: CloudServiceDeps): Promise<Service> {
  const memory = new BoardMemory(deps.clock);
  let gateway: XiaozhiGateway | null = null;
  let http: GatewayDeps['http'] | null = null;
  let advertisedHost = '';
  const topic = new Topic<XiaozhiState, XiaozhiState>({ snapshot: state });

  function otaUrl(host: string): string | null {
    if (http === null || http.listener.state !== 'listening') return null;
    return `http://${host.includes(':') ? `[${host}]` : host}:${http.listener.port}${paths.ota}/`;
  }

  function state(): XiaozhiState {
    return {
      otaUrl: otaUrl(advertisedHost || (http?.listener.host ?? '')),
      boards: gateway?.boards() ?? [],
      activations: gateway?.activations() ?? [],
    };
  }

  async function key(): Promise<Uint8Array> {
    const kept = await deps.secrets.get(KEY_SECRET);
    const text = kept ?? randomBytes(32).toString('base64');
    if (kept === null) await deps.secrets.set(KEY_SECRET, text);
    return Buffer.from(text, 'base64');
  }

  function channelOf(name: string) {
    const deviceName = deviceNamed(name)?.deviceName ?? name;
    const channel = gateway?.channel(deviceName);
    if (channel === undefined) throw new TalkError('not-found', { what: 'board', id: deviceName });
    return channel;
  }

  return {
    calls: {
      async 'xiaozhi.callTool'({ deviceName, name, arguments: values }, { signal }) {
        return { result: await channelOf(deviceName).callTool(name, values, signal) };
      },
      async 'xiaozhi.send'({ deviceName, message }) {
        channelOf(deviceName).send(message);
        return {};
      },
      async 'xiaozhi.activate'({ code }) {
        const deviceName = gateway?.activate(code);
        if (deviceName === undefined) throw new TalkError('not-found', { what: 'activation code', id: code });
        return { deviceName };
      },
      async 'xiaozhi.talk'(request, { signal }) {
        if (request.token !== undefined) deps.remembered.add(request.token);
        const deviceName = request.deviceName ?? randomDeviceName();
        const isOwn = request.ota === undefined && request.url === undefined;
        const isStranger = isOwn && deps.devices.find(XIAOZHI_PRODUCT, deviceName) === undefined;
        // The bench's own board needs no permission, and leaves no trace in the registry.
        if (isStranger) deps.devices.adopt(XIAOZHI_PRODUCT, deviceName);
        try {
          const ota = otaUrl(reachable(http?.listener.host ?? ''));
          return await talk(request, { deviceName, ota }, { clock: deps.clock, synthesize: deps.engines.speak }, signal);
        } finally {
          if (isStranger) await deps.devices.remove(XIAOZHI_PRODUCT, deviceName).catch(() => {});
        }
      },
    },
    streams: { 'xiaozhi.state': () => ({ topic, isState: true }) },
    async start(common: GatewayDeps): Promise<Gateway> {
      http = common.http;
      advertisedHost = common.settings().listeners.advertisedHost;
      gateway = await startXiaozhiGateway({
        ...common,
        memory,
        key: await key(),
        askAboutPhoto({ question, data, mediaType }, { device, language, signal }) {
          const { llm } = common.engines(language, common.conversationSettings(device, language)());
          const messages = [{ role: 'user', content: question, images: [{ data, mediaType }] }] as const;
          return ask(llm, { messages, language }, { clock: deps.clock, timeoutMs: PHOTO_ANSWER_MS, signal });
        },
        onChange: () => topic.publish(state()),
      });
      topic.publish(state());
      return gateway;
    },
  };
}

/** An address that this machine itself can connect to. */
function reachable(host: string): string {
  return host === '0.0.0.0' || host === '::' || host === '' ? '127.0.0.1' : host;
}
