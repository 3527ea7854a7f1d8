import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createEncoderThreads } from '../../pipeline/audio/encoder-threads.ts';
import { systemClock } from '../../pipeline/clock.ts';
import type { StartConversation } from '../../pipeline/conversation.ts';
import { createEngineCatalogue } from '../../pipeline/engines/catalogue.ts';
import { createSmartTurn } from '../../pipeline/engines/completeness/smart-turn.ts';
import { llmKinds } from '../../pipeline/engines/llm/kinds.ts';
import { createScriptedLlm } from '../../pipeline/engines/llm/scripted.ts';
import { sttKinds } from '../../pipeline/engines/stt/kinds.ts';
import { ttsKinds } from '../../pipeline/engines/tts/kinds.ts';
import type { StartNodeProcess } from '../../pipeline/node-process.ts';
import { observers } from '../../pipeline/observer.ts';
import { rehearse } from '../../pipeline/turn/rehearsal.ts';
import { createStartConversation } from '../../pipeline/turn/start.ts';
import type { VirtualBoard } from '../../preload/contract/boards.ts';
import type { CoreStatus } from '../../preload/contract/core.ts';
import type { Settings } from '../../preload/contract/settings.ts';
import type { Clock } from '../../preload/contract/time.ts';
import { createAgents } from './agents/agents.ts';
import { createLatency } from './analysis/latency.ts';
import { createAtConsoles } from './at/console.ts';
import { createLiveAudios } from './audio/audio.ts';
import { askForDevices } from './audio/devices.ts';
import { openHostSource } from './audio/host-source.ts';
import { Observed } from './checks/bench/observed.ts';
import { createIdentify } from './checks/bench/same-board.ts';
import { Told } from './checks/bench/told.ts';
import { createChecks } from './checks/checks.ts';
import { createCoreBench } from './checks/core-bench.ts';
import { headlessPrinter } from './checks/report/print/headless.ts';
import type { PrintPdf } from './checks/report/report.ts';
import { createAccounts } from './cloud/accounts.ts';
import { type Cloud, createCloud } from './cloud/cloud.ts';
import { createConversations } from './conversations/conversations.ts';
import { createDemo } from './demo.ts';
import { deviceHandlers, deviceStreams } from './devices/device-calls.ts';
import { createPortOpener } from './devices/open.ts';
import type { OpenPort } from './devices/port.ts';
import { createPorts } from './devices/ports.ts';
import { Devices } from './devices/registry.ts';
import { createVirtualBoards, type VirtualBoards } from './devices/virtual-boards.ts';
import { createEndpoint, type Endpoint } from './endpoint/endpoint.ts';
import type { CallHandlers, StreamHandlers } from './endpoint/handlers.ts';
import { createEngines } from './engines/engines.ts';
import { modelCatalogue, smartTurnFile } from './engines/models/catalogue.ts';
import { createModels } from './engines/models/models.ts';
import { createFlashJobs } from './flash/jobs.ts';
import { createLinks } from './link/links.ts';
import type { Log } from './log.ts';
import { createDeviceStates } from './logs/device-state/device-states.ts';
import { LogBook } from './logs/log-book.ts';
import { createLogs } from './logs/logs.ts';
import { createSaving } from './logs/saving.ts';
import { createSymbols } from './logs/symbols/symbols.ts';
import { createProvisioning } from './provisioning/provisioning.ts';
import { portsOfCore } from './quality/core-ports.ts';
import { createQuality } from './quality/suites.ts';
import { createBatches } from './recipes/batches.ts';
import { FirmwareShelf } from './recipes/firmware-shelf.ts';
import { createRecipes } from './recipes/recipes.ts';
import { createLogReplays } from './replay/log/service.ts';
import { createReplay } from './replay/replay.ts';
import { RerunClaims } from './replay/rerun/claims.ts';
import { createReruns } from './replay/rerun/service.ts';
import { createScenarios } from './scenarios/scenarios.ts';
import { watchDisk } from './sessions/disk.ts';
import { identified } from './sessions/identify.ts';
import { createNotes } from './sessions/notes.ts';
import { createRecorder } from './sessions/recorder.ts';
import { retentionOf } from './sessions/retention.ts';
import { createSessions } from './sessions/sessions.ts';
import { createTimeline } from './sessions/timeline.ts';
import { openRememberedSecrets } from './settings/remembered-secrets.ts';
import { openSecretFile, type SecretStore } from './settings/secrets.ts';
import { createSettings } from './settings/settings.ts';
import { createStatus } from './status.ts';
import { createDeviceStore } from './store/devices.ts';
import { SECRET_MINIMUM_CHARACTERS } from './store/secret-finder.ts';
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
  /** How processes of our own are started; as children of this one, unless the host cannot. */
  startProcess?: StartNodeProcess;
  /** Makes a PDF of a page; a browser found on this machine does, unless the host is one itself. */
  printPdf?: PrintPdf;
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
  const processes = deps.startProcess === undefined ? {} : { startProcess: deps.startProcess };
  await using opened = new AsyncDisposableStack();

  const store = opened.adopt(
    await openStore({ path: join(dataDirectory, 'library.db'), log, onProblem: (problem) => log.error({ problem }, 'library') }),
    (it) => it.close(),
  );
  const settings = await createSettings({ store, log });
  const remembered = opened.adopt(
    await openRememberedSecrets({
      store: deps.secrets ?? (await openSecretFile(join(dataDirectory, 'secrets.json'))),
      isKept: () => settings.get().retention.rememberSecrets,
      log,
    }),
    (it) => it.settle(),
  );
  const { secrets } = remembered;
  settings.onChange(() => void remembered.settle());
  const recorder = createRecorder({
    ...{ store, clock, log, appVersion },
    identify: (event) =>
      identified(event, {
        firmwareOf: (productId, deviceName) => devices.find(productId, deviceName)?.firmwareVersion ?? null,
        agentOf: (device, language) => agents.agentOf(device, language),
      }),
  });
  opened.defer(() => recorder.stop().then(() => {}));
  opened.defer(watchDisk({ store, recorder, clock }));
  const book = new LogBook({ clock, recorder });
  const sessions = await createSessions({
    ...{ store, recorder, clock, log },
    secrets: () => remembered.values(),
    retention: () => retentionOf(settings.get()),
  });
  opened.defer(() => sessions.close());
  const timeline = createTimeline({ store, recorder, clock, log });
  opened.defer(() => timeline.close());
  const notes = createNotes({ store });
  const latency = createLatency({ store, recorder });
  const replay = createReplay({ store, recorder });
  const devices = await Devices.open({
    store: createDeviceStore({ store, secrets, wallMs: () => clock.wallMs(), log }),
    wallMs: () => clock.wallMs(),
    onStoreFault: (error) => log.error({ err: error }, 'device not stored'),
  });
  opened.defer(() => devices.flush());
  const logs = createLogs({ clock, book, store, log, secrets: () => remembered.values() });
  const deviceStates = createDeviceStates({ clock, onRows: (onRows) => book.listen({ onRows }), eventRows: logs.eventRows });
  const told = new Told(book);
  const saving = createSaving({ clock, book, settings, dataDirectory, secrets: () => remembered.values() });
  opened.defer(async () => {
    book.close();
    deviceStates.close();
    told.close();
    await saving.close();
  });
  const status = createStatus({ clock, store, recorder, appVersion, dataDirectory });

  // The cloud is not there yet when the services that reach into it are made; without listeners it has no gateways.
  let cloud: Cloud | null = null;
  const conversations = createConversations({
    clock,
    find: (id) => cloud?.conversation(id),
    sessionId: () => recorder.session?.id ?? null,
  });
  const wifiSetup = createWifiSetup({
    clock,
    log,
    virtualBoards: createVirtualWifiBoards({ clock, devices, broker: () => brokerAddress(cloud) }),
    isListening: () => brokerAddress(cloud) !== null,
    onSecret: remembered.add,
    secrets: async () => (await remembered.values()).filter(({ length }) => length >= SECRET_MINIMUM_CHARACTERS),
  });
  opened.defer(() => wifiSetup.close());
  const claims = new RerunClaims(recorder);
  const observed = new Observed();
  const observer = observers(
    [
      claims.observer,
      observed.observer,
      conversations.observer,
      { event: status.observe, packet: () => {} },
      { event: (event) => cloud?.observe(event), packet: () => {} },
      { event: (event) => event.kind === 'device.online' && wifiSetup.online(event), packet: () => {} },
    ],
    (error) => log.error({ err: error }, 'an observer failed'),
  );

  const catalogue = opened.adopt(createEngineCatalogue({ log, phrases: () => settings.get().engines.phrases, ...processes }), (it) =>
    it.close(),
  );
  const encoders = opened.adopt(createEncoderThreads(), (it) => it.close());
  const smartTurn = opened.adopt(
    createSmartTurn({
      model(): string | undefined {
        const folder: string | null = models.folder('smart-turn');
        return folder === null ? undefined : join(folder, smartTurnFile);
      },
    }),
    (it) => it.close(),
  );
  const engines = opened.adopt(
    await createEngines({
      ...{ catalogue, smartTurn },
      scripted: createScriptedLlm({ clock }),
      kinds: { llm: llmKinds, stt: sttKinds, tts: ttsKinds },
      ...{ store, secrets, settings, clock, log, ...processes },
    }),
    (it) => it.close(),
  );
  const models = opened.adopt(
    await createModels({
      entries: modelCatalogue,
      folder: join(dataDirectory, 'models'),
      mirror: () => settings.get().engines.modelMirror,
      usedBy: engines.usersOfFolder,
      ...{ clock, log },
    }),
    (it) => it.close(),
  );
  const agents = opened.adopt(await createAgents({ store, secrets, settings, engines, clock, log }), (it) => it.close());
  const scenarios = createScenarios({ clock, observer, engines, sessionId: () => recorder.session?.id ?? null, log });
  const { resources } = agents;
  const quitting = new AbortController();
  const startConversation: StartConversation = claims.over((options, peer) => {
    const enginesNow = () => claims.enginesOver(options, engines.for(options.language, options.settings().engines));
    return createStartConversation({ clock, observer, resources, encoders, engines: enginesNow, quitting: quitting.signal })(options, peer);
  });

  const uarts = new Map();
  const liveAudios = createLiveAudios({ clock, ...processes });
  const boards: VirtualBoards = createVirtualBoards({
    clock,
    devices,
    uarts,
    broker: () => brokerAddress(cloud),
    synthesize: engines.speak,
    playout: (device, report) =>
      cloud
        ?.twetalk()
        ?.conversationOf(device)
        ?.conversation.playout({ ...report, source: 'device' }),
    openAudio: liveAudios.open,
    onGone: (address) => ports.release(address),
    ptyDirectory: join(dataDirectory, 'boards'),
    log,
  });
  const symbols = opened.adopt(createSymbols({ dataDirectory, clock, log }), (it) => it.close());
  opened.defer(book.listen({ onRows: (rows) => symbols.heard(rows) }));
  const logReplays = createLogReplays({ clock, store, uarts, ports: () => ports });
  const ports = createPorts({
    openPort: deps.openPort ?? createPortOpener({ clock, virtualBoards: uarts, dataDirectory }),
    clock,
    recorder,
    book,
    virtualPorts: () => [...boards.ports(), ...logReplays.ports()],
    dataDirectory,
    stringAt: symbols.stringAt,
  });
  const mqttPort = () => brokerAddress(cloud)?.port ?? withOverrides(settings.get(), deps.listeners).listeners.mqttPort;
  const provisioning = await createProvisioning({ store, secrets, devices, clock, log, mqttPort, onSecret: remembered.add });
  const flash = createFlashJobs({
    ports,
    clock,
    recorder,
    log,
    provisioner: provisioning.provisioner,
    provisioningWords: provisioning.words,
  });
  const firmwareShelf = new FirmwareShelf(join(dataDirectory, 'firmware'));
  const recipes = await createRecipes({ store, shelf: firmwareShelf, clock, log });
  const batches = createBatches({ jobs: flash, recipes, clock });
  const at = createAtConsoles({ ports, clock });
  opened.defer(() => ports.close());
  opened.defer(() => at.close());
  opened.defer(() => boards.close());
  opened.defer(() => logReplays.close());
  opened.defer(() => provisioning.close());
  opened.defer(() => flash.close());
  opened.defer(() => batches.close());

  const links = opened.adopt(
    createLinks({ clock, isKnown: ({ productId, deviceName }) => devices.find(productId, deviceName) !== undefined }),
    (it) => it.close(),
  );
  const accounts = await createAccounts({ store, secrets, wallMs: () => clock.wallMs() });
  const hosted = opened.adopt(
    await createCloud({
      ...{ clock, observer, store, secrets, remembered, settings, devices, engines, accounts, dataDirectory, startConversation, log },
      agents: { ...agents, conversationSettings: claims.settingsOver(agents.conversationSettings) },
      listenerSettings: () => withOverrides(settings.get(), deps.listeners),
      sessionId: () => recorder.session?.id ?? null,
      onListeners: status.setListeners,
      onBindToken: wifiSetup.bindToken,
      links: links.door,
      openAudio: liveAudios.open,
    }),
    (it) => it.close(),
  );
  cloud = hosted;
  if (deps.listeners.enabled) {
    await hosted.start();
    // Settles in itself; conversations need not wait for it.
    void Promise.all([catalogue.warmUp(), encoders.warmUp()]).then(() => rehearse({ clock, encoders, signal: quitting.signal }));
  }

  const reruns = createReruns({
    ...{ clock, store, claims, devices, agents },
    sdkAppId: () => accounts.sdkAppId(),
    // Without a key nobody checks them.
    userSig: async (userId, sdkAppId) =>
      hosted.streams['trtc.state']({}).topic.snapshot().hasSdkSecretKey
        ? (await hosted.calls['trtc.userSig']({ userId, sdkAppId }, ofTheCore)).userSig
        : 'none',
    callTrtc: async (action, parameters) => (await hosted.calls['trtc.call']({ action, parameters }, ofTheCore)).response,
    createRecorder: () => createRecorder({ store, clock, log, appVersion }),
    benchSettings: () => settings.get(),
    agentOf: agents.agent,
    listeners: hosted.listeners,
    tuyaProductId: () => settings.get().tuya.productId,
    warmUp: catalogue.warmUp,
    onSecret: remembered.add,
    describe: (id, session) => sessions.calls['sessions.update']({ id, ...session }, ofTheCore),
    discard: (id) => sessions.calls['sessions.remove']({ id }, ofTheCore),
  });
  const qualityPorts = portsOfCore({ calls: { ...replay.calls, ...reruns.calls, ...scenarios.calls, ...sessions.calls }, recorder });
  const quality = opened.adopt(await createQuality({ store, clock, log, ports: qualityPorts, secrets: () => remembered.values() }), (it) =>
    it.close(),
  );
  const checks = opened.adopt(
    await createChecks({
      ...{ store, recorder, clock, log, appVersion },
      openBench: createCoreBench({
        ...{ clock, ports, book, at, flash, boards, devices, claims, links, observed },
        told,
        listPorts: ports.list,
        synthesize: engines.speak,
        cloud: {
          calls: hosted.calls,
          live: () => hosted.streams['device.live']({}).topic.snapshot(),
          callRecords: () => hosted.streams['calls.state']({}).topic.snapshot(),
          conversation: hosted.conversation,
          ping: async (device, payloadBytes, timeoutMs) =>
            (await hosted.twetalk()?.conversationOf(device)?.ping(payloadBytes, timeoutMs)) ?? null,
          firmware: hosted.firmware,
        },
        sound: {
          devices: () => askForDevices(clock, deps.startProcess),
          open: (events) => openHostSource({ clock, input: '', output: '', ...processes }, events),
        },
        jobs: () => flash.streams['flash.jobs']({}).topic.snapshot(),
        shelf: firmwareShelf,
      }),
      identify: createIdentify({
        ...{ boards, devices },
        told: (port) => told.of(port),
        portStates: () => ports.streams['ports.state']({}).topic.snapshot(),
      }),
      isImpaired: (device) => links.isImpaired(device),
      printPdf: deps.printPdf ?? headlessPrinter(),
      secrets: () => remembered.values(),
      isBenchInUse: () =>
        ports.streams['ports.state']({})
          .topic.snapshot()
          .some(({ state }) => state === 'open'),
    }),
    (it) => it.close(),
  );
  const demo = createDemo({ boards, ports, flash, recorder, conversations, warmUp: catalogue.warmUp });
  const calls: CallHandlers = {
    ...status.calls,
    ...ports.handlers,
    ...boards.calls,
    ...liveAudios.calls,
    ...at.calls,
    ...demo.calls,
    ...flash.calls,
    ...provisioning.calls,
    ...recipes.calls,
    ...batches.calls,
    ...conversations.calls,
    ...agents.calls,
    ...hosted.calls,
    ...engines.calls,
    ...models.calls,
    ...scenarios.calls,
    ...quality.calls,
    ...links.calls,
    ...checks.calls,
    ...deviceHandlers(devices),
    ...logs.calls,
    ...deviceStates.calls,
    ...sessions.calls,
    ...timeline.calls,
    ...notes.calls,
    ...latency.calls,
    ...replay.calls,
    ...reruns.calls,
    ...logReplays.calls,
    ...settings.calls,
    ...symbols.calls,
    ...wifiSetup.calls,
  };
  const streams: StreamHandlers = {
    ...status.streams,
    ...ports.streams,
    ...boards.streams,
    ...liveAudios.streams,
    ...at.streams,
    ...demo.streams,
    ...flash.streams,
    ...provisioning.streams,
    ...recipes.streams,
    ...batches.streams,
    ...conversations.streams,
    ...agents.streams,
    ...hosted.streams,
    ...engines.streams,
    ...models.streams,
    ...deviceStreams(devices),
    ...logs.streams,
    ...deviceStates.streams,
    ...saving.streams,
    ...quality.streams,
    ...links.streams,
    ...checks.streams,
    ...sessions.streams,
    ...notes.streams,
    ...replay.streams,
    ...reruns.streams,
    ...logReplays.streams,
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
      quitting.abort();
      await everything.disposeAsync();
    },
  };
}

/** Calls of one service by another. */
const ofTheCore = { signal: new AbortController().signal, role: 'operator' as const };

function withOverrides(settings: Settings, { host, mqttPort, gatewayPort }: ListenerOverrides): Settings {
  const { listeners, tuya, xiaozhi, twetalk } = settings;
  // A run that takes a free port for MQTT or the gateway stands beside another one: it takes free ones for all that nobody named.
  const isBeside = mqttPort === 0 || gatewayPort === 0;
  return {
    ...settings,
    listeners: {
      ...listeners,
      host: host ?? listeners.host,
      mqttPort: mqttPort ?? listeners.mqttPort,
      gatewayPort: gatewayPort ?? listeners.gatewayPort,
      ...(isBeside && { mqttTlsPort: 0, gatewayTlsPort: 0 }),
    },
    ...(isBeside && twetalk.otaPort !== null && { twetalk: { ...twetalk, otaPort: 0 } }),
    ...(isBeside && { tuya: { ...tuya, port: 0, tlsPort: 0 }, xiaozhi: { ...xiaozhi, mqttPort: 0, mqttTlsPort: 0, udpPort: 0 } }),
  };
}

/** Where a board on this machine finds the broker. */
function brokerAddress(cloud: Cloud | null): { host: string; port: number } | null {
  const listener = cloud?.listeners().find((candidate) => candidate.name === 'mqtt' && candidate.state === 'listening');
  if (listener === undefined) return null;
  return { host: listener.host === '0.0.0.0' || listener.host === '::' ? '127.0.0.1' : listener.host, port: listener.port };
}
