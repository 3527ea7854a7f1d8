import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../pipeline/clock.ts';
import type { StartConversation } from '../../pipeline/conversation.ts';
import { createEngineCatalogue } from '../../pipeline/engines/catalogue.ts';
import { createScriptedLlm } from '../../pipeline/engines/llm/scripted.ts';
import { startTwetalkGateway, type TwetalkGateway } from '../../pipeline/gateways/twetalk/gateway.ts';
import { observers } from '../../pipeline/observer.ts';
import { createStartConversation } from '../../pipeline/turn/start.ts';
import type { VirtualBoard } from '../../preload/contract/boards.ts';
import type { CoreStatus } from '../../preload/contract/core.ts';
import type { Settings } from '../../preload/contract/settings.ts';
import type { Clock } from '../../preload/contract/time.ts';
import { createAtConsoles } from './at/console.ts';
import { createConversations } from './conversations/conversations.ts';
import { chooseEngines } from './conversations/engines.ts';
import { createSynthesis } from './conversations/synthesis.ts';
import { createDemo } from './demo.ts';
import { createPortOpener } from './devices/open.ts';
import type { OpenPort } from './devices/port.ts';
import { createPorts } from './devices/ports.ts';
import { Devices, deviceHandlers, deviceStreams } from './devices/registry.ts';
import { createVirtualBoards, type VirtualBoards } from './devices/virtual-boards.ts';
import { createEndpoint, type Endpoint } from './endpoint/endpoint.ts';
import type { CallHandlers, StreamHandlers } from './endpoint/handlers.ts';
import { createFlashJobs } from './flash/jobs.ts';
import type { Log } from './log.ts';
import { createDeviceStates } from './logs/device-state/device-states.ts';
import { LogBook } from './logs/log-book.ts';
import { createLogs } from './logs/logs.ts';
import { createSaving } from './logs/saving.ts';
import { createSymbols } from './logs/symbols/symbols.ts';
import { createProvisioning } from './provisioning/provisioning.ts';
import { createBatches } from './recipes/batches.ts';
import { FirmwareShelf } from './recipes/firmware-shelf.ts';
import { createRecipes } from './recipes/recipes.ts';
import { createRecorder } from './sessions/recorder.ts';
import { createSessions } from './sessions/sessions.ts';
import { PassingSecrets } from './settings/passing-secrets.ts';
import { openSecretFile, type SecretStore } from './settings/secrets.ts';
import { createSettings } from './settings/settings.ts';
import { createStatus } from './status.ts';
import { createDeviceStore } from './store/devices.ts';
import { openStore } from './store/store.ts';
import { createWifiSetup } from './wifi-setup/runs.ts';
import { createVirtualWifiBoards } from './wifi-setup/virtual.ts';

/** The device-facing listeners of this run: as the settings have them, with what the command line says instead. */
export interface ListenerOverrides {
  enabled: boolean;
  host?: string;
  mqttPort?: number;
  gatewayPort?: number;
}

export interface CoreDeps {
  /** Holds the library, the secrets and the links to virtual boards; made if need be. */
  dataDirectory: string;
  listeners: ListenerOverrides;
  log: Log;
  appVersion: string;
  clock?: Clock;
  /** Where secrets are kept; a file of the data directory that only its owner may read, unless the host has better. */
  secrets?: SecretStore;
  /** How ports are opened; by their address, unless a test says otherwise. */
  openPort?: OpenPort;
  /** Starts with a virtual board present. */
  isDemo?: boolean;
}

export interface Core {
  /** Serves the contract to as many clients as connect. */
  endpoint: Endpoint;
  status(): CoreStatus;
  virtualBoards(): VirtualBoard[];
  /** Resolves when everything recorded so far is on disk. */
  flush(): Promise<void>;
  /** Ends everything in the order that loses nothing: conversations, boards, ports, recording, store. */
  close(): Promise<void>;
}

/**
 * Puts the core together: the one place that knows every service. Throws TalkError 'store/locked', 'store/newer-schema'. A
 * listener that cannot open leaves the core degraded, not dead.
 */
export async function createCore(deps: CoreDeps): Promise<Core> {
  const { dataDirectory, log, appVersion, clock = systemClock } = deps;
  await using opened = new AsyncDisposableStack();

  const store = opened.adopt(
    await openStore({ path: join(dataDirectory, 'library.db'), log, onProblem: (problem) => log.error({ problem }, 'library') }),
    (it) => it.close(),
  );
  const secrets = deps.secrets ?? (await openSecretFile(join(dataDirectory, 'secrets.json')));
  const leaving = new PassingSecrets(() => secrets.values());
  const settings = await createSettings({ store, log });
  const recorder = createRecorder({ store, clock, log, appVersion });
  opened.defer(() => recorder.stop().then(() => {}));
  const book = new LogBook({ clock, recorder });
  const sessions = await createSessions({ store, recorder, clock, log, secrets: () => leaving.values() });
  opened.defer(() => sessions.close());
  const devices = await Devices.open({
    store: createDeviceStore({ store, secrets }),
    wallMs: () => clock.wallMs(),
    onStoreFault: (error) => log.error({ err: error }, 'device not stored'),
  });
  opened.defer(() => devices.flush());
  const logs = createLogs({ clock, book, store, log, secrets: () => leaving.values() });
  const deviceStates = createDeviceStates({ clock, onRows: (onRows) => book.listen({ onRows }), eventRows: logs.eventRows });
  const saving = createSaving({ clock, book, settings, dataDirectory, secrets: () => leaving.values() });
  opened.defer(async () => {
    book.close();
    deviceStates.close();
    await saving.close();
  });
  const status = createStatus({ clock, store, recorder, appVersion, dataDirectory });

  // The gateway is not there yet when the services that reach into it are made, and never is in a core without listeners.
  let gateway: TwetalkGateway | null = null;
  const conversations = createConversations({
    clock,
    find: (id) => gateway?.conversation(id)?.conversation,
    sessionId: () => recorder.session?.id ?? null,
  });
  const wifiSetup = createWifiSetup({
    clock,
    log,
    virtualBoards: createVirtualWifiBoards({ clock, devices, broker: () => brokerAddress(gateway) }),
    isListening: () => brokerAddress(gateway) !== null,
    onSecret: (secret) => leaving.add(secret),
  });
  opened.defer(() => wifiSetup.close());
  const observer = observers(
    [
      // First, so that a session runs before anyone asks which one a conversation belongs to.
      { event: (event) => event.kind === 'conversation.opened' && recorder.ensureSession(), packet: () => {} },
      recorder,
      conversations.observer,
      { event: status.observe, packet: () => {} },
      { event: (event) => event.kind === 'device.online' && wifiSetup.online(event), packet: () => {} },
    ],
    (error) => log.error({ err: error }, 'an observer failed'),
  );

  const catalogue = opened.adopt(createEngineCatalogue({ log, phrases: () => settings.get().engines.phrases }), (it) => it.close());
  const engines = await chooseEngines({ catalogue, llm: createScriptedLlm({ clock }), settings: settings.get().engines });
  settings.onChange((next) => {
    engines.choose(next.engines).catch((error: unknown) => log.error({ err: error }, 'engines not chosen'));
  });
  const startConversation: StartConversation = (options, peer) =>
    createStartConversation({ clock, observer, engines: engines.for(options.language) })(options, peer);

  const uarts = new Map();
  const boards: VirtualBoards = createVirtualBoards({
    clock,
    devices,
    uarts,
    broker: () => brokerAddress(gateway),
    synthesize: createSynthesis((language) => engines.for(language).tts),
    playout: (device, report) => gateway?.conversationOf(device)?.conversation.playout({ ...report, source: 'device' }),
    onGone: (address) => ports.release(address),
    ptyDirectory: join(dataDirectory, 'boards'),
    log,
  });
  const symbols = opened.adopt(createSymbols({ dataDirectory, clock, log }), (it) => it.close());
  opened.defer(book.listen({ onRows: (rows) => symbols.heard(rows) }));
  const ports = createPorts({
    openPort: deps.openPort ?? createPortOpener({ clock, virtualBoards: uarts, dataDirectory }),
    clock,
    recorder,
    book,
    virtualPorts: boards.ports,
    dataDirectory,
    stringAt: symbols.stringAt,
  });
  const mqttPort = () => brokerAddress(gateway)?.port ?? withOverrides(settings.get(), deps.listeners).listeners.mqttPort;
  const provisioning = await createProvisioning({ store, secrets, devices, clock, log, mqttPort });
  const flash = createFlashJobs({ ports, clock, recorder, log, provisioner: provisioning.provisioner });
  const recipes = await createRecipes({ store, shelf: new FirmwareShelf(join(dataDirectory, 'firmware')), clock, log });
  const batches = createBatches({ jobs: flash, recipes, clock });
  const at = createAtConsoles({ ports, clock });
  opened.defer(() => ports.close());
  opened.defer(() => at.close());
  opened.defer(() => boards.close());
  opened.defer(() => provisioning.close());
  opened.defer(() => flash.close());
  opened.defer(() => batches.close());

  if (deps.listeners.enabled) {
    const listenerSettings = (): Settings => withOverrides(settings.get(), deps.listeners);
    gateway = opened.adopt(
      await startTwetalkGateway({
        clock,
        observer,
        settings: listenerSettings,
        devices,
        startConversation,
        log,
        onBindToken: wifiSetup.bindToken,
      }),
      (it) => it.close(),
    );
    status.setListeners(gateway.listeners);
    void catalogue.warmUp(); // settles in itself; conversations need not wait for it
  }

  const demo = createDemo({ boards, ports, flash, recorder, conversations, warmUp: catalogue.warmUp });
  const calls: CallHandlers = {
    ...status.calls,
    ...ports.handlers,
    ...boards.calls,
    ...at.calls,
    ...demo.calls,
    ...flash.calls,
    ...provisioning.calls,
    ...recipes.calls,
    ...batches.calls,
    ...conversations.calls,
    'pipeline.engines': async () => ({ engines: await engines.list() }),
    'pipeline.warmUp': async () => {
      await catalogue.warmUp();
      return {};
    },
    ...deviceHandlers(devices),
    ...logs.calls,
    ...deviceStates.calls,
    ...sessions.calls,
    ...settings.calls,
    ...symbols.calls,
    ...wifiSetup.calls,
  };
  const streams: StreamHandlers = {
    ...status.streams,
    ...ports.streams,
    ...boards.streams,
    ...at.streams,
    ...demo.streams,
    ...flash.streams,
    ...provisioning.streams,
    ...recipes.streams,
    ...batches.streams,
    ...conversations.streams,
    ...deviceStreams(devices),
    ...logs.streams,
    ...deviceStates.streams,
    ...saving.streams,
    ...sessions.streams,
    ...settings.streams,
    ...symbols.streams,
    ...wifiSetup.streams,
  };
  const endpoint = createEndpoint({ calls, streams, appVersion, host: 'memory', capabilities: [], coreEpoch: randomUUID(), log });
  opened.defer(() => endpoint.close());
  if (deps.isDemo === true)
    await boards.start({ name: 'demo', firmware: 'installed', language: 'en', audioType: 'opus', audioInterval: 60 });

  const everything = opened.move();
  return {
    endpoint,
    status: status.current,
    virtualBoards: boards.list,
    async flush() {
      try {
        book.flush();
      } finally {
        await store.flush();
      }
    },
    async close() {
      status.stopped();
      await everything.disposeAsync();
    },
  };
}

function withOverrides(settings: Settings, { host, mqttPort, gatewayPort }: ListenerOverrides): Settings {
  const { listeners } = settings;
  return {
    ...settings,
    listeners: {
      ...listeners,
      host: host ?? listeners.host,
      mqttPort: mqttPort ?? listeners.mqttPort,
      gatewayPort: gatewayPort ?? listeners.gatewayPort,
    },
  };
}

/** Where a board on this machine finds the broker. */
function brokerAddress(gateway: TwetalkGateway | null): { host: string; port: number } | null {
  const listener = gateway?.listeners.find((candidate) => candidate.name === 'mqtt' && candidate.state === 'listening');
  if (listener === undefined) return null;
  return { host: listener.host === '0.0.0.0' || listener.host === '::' ? '127.0.0.1' : listener.host, port: listener.port };
}
