import { Devices, memoryDeviceStore } from '../../main/core/devices/registry.ts';
import { ask } from '../../pipeline/agent/ask.ts';
import { createXiaozhiBoard, type ServerAddress, serverOf, type XiaozhiBoard } from '../../pipeline/boards/xiaozhi/board.ts';
import { askConfiguration } from '../../pipeline/boards/xiaozhi/ota-client.ts';
import { systemClock } from '../../pipeline/clock.ts';
import type { StartConversation } from '../../pipeline/conversation.ts';
import type { GatewayDeps } from '../../pipeline/gateways/gateway.ts';
import { createGatewayServer, type GatewayServer } from '../../pipeline/gateways/http.ts';
import type { TlsIdentity } from '../../pipeline/gateways/tls.ts';
import { BoardMemory } from '../../pipeline/gateways/xiaozhi/board-memory.ts';
import { startXiaozhiGateway, type XiaozhiGateway } from '../../pipeline/gateways/xiaozhi/gateway.ts';
import { XIAOZHI_PRODUCT } from '../../pipeline/gateways/xiaozhi/names.ts';
import type { AskAboutPhoto } from '../../pipeline/gateways/xiaozhi/vision.ts';
import { settingsSchema } from '../../preload/contract/settings.ts';
import type { Clock } from '../../preload/contract/time.ts';
import { fakeConversations } from './conversation.ts';
import { FakeLlm } from './engines.ts';
import { RecordingObserver } from './observer.ts';

export const registered = 'aa:bb:cc:dd:ee:ff';
export const stranger = '02:11:22:33:44:55';
export const registeredSecret = Buffer.from('0123456789abcdef').toString('base64');

export interface TestXiaozhi {
  gateway: XiaozhiGateway;
  http: GatewayServer;
  devices: Devices;
  observer: RecordingObserver;
  conversations: ReturnType<typeof fakeConversations>;
  llm: FakeLlm;
  faults: unknown[];
  /** `http://127.0.0.1:port/xiaozhi/…` */
  url: (path: string) => string;
  ota: (deviceName?: string, init?: { body?: string }) => Promise<Response>;
  /** Where the bench sends that board. */
  server: (deviceName?: string) => Promise<ServerAddress>;
  board: (server: ServerAddress, options?: Partial<Parameters<typeof createXiaozhiBoard>[0]>) => XiaozhiBoard;
  close: () => Promise<void>;
}

interface TestXiaozhiOptions {
  settings?: Record<string, Record<string, unknown>>;
  startConversation?: StartConversation;
  clock?: Clock;
  tls?: TlsIdentity | null;
  memory?: BoardMemory;
}

/** What a gateway is started with: free ports of the loopback, one registered board. */
export async function xiaozhiDeps(options: TestXiaozhiOptions = {}) {
  const { xiaozhi, ...sections } = options.settings ?? {};
  const settings = settingsSchema.parse({ ...sections, xiaozhi: { mqttPort: 0, mqttTlsPort: 0, udpPort: 0, ...xiaozhi } });
  const clock = options.clock ?? systemClock;
  const observer = new RecordingObserver();
  const conversations = fakeConversations();
  const faults: unknown[] = [];
  const devices = await Devices.open({ store: memoryDeviceStore(), wallMs: () => 0, onStoreFault: (error) => faults.push(error) });
  await devices.put(XIAOZHI_PRODUCT, registered, registeredSecret);
  const http = await createGatewayServer({ host: '127.0.0.1', port: 0 });
  const llm = new FakeLlm(systemClock);
  const log = { error: (details: object) => void faults.push(details), warn: () => {} };
  const unused = {} as Pick<GatewayDeps, 'thingModelOf' | 'accounts' | 'callbacks'>;
  const deps: GatewayDeps = {
    ...unused,
    ...{ clock, observer, devices, http, log, tls: options.tls ?? null },
    settings: () => settings,
    conversationSettings: () => () => settings,
    startConversation: options.startConversation ?? conversations.start,
    engines: () => ({ llm }) as unknown as ReturnType<GatewayDeps['engines']>,
  };
  return { deps, clock, observer, devices, http, llm, faults, conversations };
}

/** A gateway on free ports of the loopback with one registered board. */
export async function testXiaozhi(options: TestXiaozhiOptions = {}): Promise<TestXiaozhi> {
  const { deps, clock, observer, devices, http, llm, faults, conversations } = await xiaozhiDeps(options);
  const askAboutPhoto: AskAboutPhoto = ({ question, data, mediaType }, { language, signal }) => {
    const messages = [{ role: 'user', content: question, images: [{ data, mediaType }] }] as const;
    return ask(llm, { messages, language }, { clock: systemClock, timeoutMs: 10_000, signal });
  };
  const memory = options.memory ?? new BoardMemory(clock);
  const gateway = await startXiaozhiGateway({ ...deps, memory, key: new Uint8Array(32).fill(7), askAboutPhoto, onChange: () => {} });
  const url = (path: string) => `http://127.0.0.1:${http.listener.port}/xiaozhi/${path}`;
  const boards: XiaozhiBoard[] = [];
  return {
    ...{ gateway, http, devices, observer, conversations, llm, faults, url },
    ota: (deviceName = registered, init = {}) =>
      fetch(url('ota/'), {
        method: 'POST',
        body: '{}',
        ...init,
        headers: { 'device-id': deviceName, 'client-id': 'uuid-1' },
      }),
    async server(deviceName = registered) {
      return serverOf(await askConfiguration(url('ota/'), { deviceName, clientId: 'uuid-1', language: 'zh' }));
    },
    board(server, more = {}) {
      const board = createXiaozhiBoard({ clock, server, deviceName: registered, clientId: 'uuid-1', ...more });
      boards.push(board);
      return board;
    },
    async close() {
      await Promise.allSettled(boards.map((board) => board.close()));
      await gateway.close();
      await http.close();
    },
  };
}
