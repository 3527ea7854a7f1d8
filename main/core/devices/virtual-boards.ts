import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { resample } from '../../../pipeline/audio/resample.ts';
import { decodeWav, encodeWav } from '../../../pipeline/audio/wav.ts';
import { createBk7258Board } from '../../../pipeline/boards/bk7258/board.ts';
import { createCat1Board } from '../../../pipeline/boards/cat1/board.ts';
import { type VirtualBoard as BoardHardware, createVirtualBoard, type VirtualBoardOptions } from '../../../pipeline/boards/esp/board.ts';
import type { AppRun, BootedApp } from '../../../pipeline/boards/esp/chip.ts';
import { chipFacts } from '../../../pipeline/boards/esp/chips.ts';
import { buildDemoImages } from '../../../pipeline/boards/esp/demo-images.ts';
import { traitsOf } from '../../../pipeline/boards/twetalk/faults/all.ts';
import { createTwetalkFirmware } from '../../../pipeline/boards/twetalk/firmware.ts';
import type { FirmwareOptions, TwetalkFirmware } from '../../../pipeline/boards/twetalk/firmware-options.ts';
import { createSdkLog } from '../../../pipeline/boards/twetalk/sdk-log.ts';
import type { BoardTraits } from '../../../pipeline/boards/twetalk/traits.ts';
import type { BoardUart } from '../../../pipeline/boards/uart.ts';
import type { VirtualBoard } from '../../../preload/contract/boards.ts';
import type { CallBody } from '../../../preload/contract/index.ts';
import type { PortInfo } from '../../../preload/contract/ports.ts';
import { isTalkError, TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { LiveAudios } from '../audio/audio.ts';
import type { BoardAudio } from '../audio/board-audio.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import { readNvs } from '../flash/nvs/read.ts';
import type { Log } from '../log.ts';
import { boardFaults, troubles } from './board-faults.ts';
import { callSdk, mannerOf } from './board-sdk.ts';
import { type ProvisionedDevice, readProvisionedDevice } from './provisioned-device.ts';
import type { Devices } from './registry.ts';
import { resetItself } from './self-reset.ts';
import { boardByUsb } from './usb-boards.ts';

/** The product of a virtual board that nobody provisioned. */
export const VIRTUAL_PRODUCT = 'TALKBENCH1';
const SAMPLE_RATE = 16_000;
const MQTT_PORT = 1883;

type Calls = Pick<
  CallHandlers,
  'boards.list' | 'boards.start' | 'boards.stop' | 'boards.speak' | 'boards.text' | 'boards.sdk' | 'boards.heard'
>;

export interface VirtualBoards {
  ports(): PortInfo[];
  list(): VirtualBoard[];
  start(request: CallBody<'boards.start'>): Promise<VirtualBoard>;
  stop(name: string): Promise<void>;
  /** The microphone and the speaker of one whose firmware runs; null of any other. Hearing it so forgets nothing. */
  voiceOf(name: string): Pick<TwetalkFirmware, 'speak' | 'receivedAudio'> | null;
  calls: Calls;
  streams: Pick<StreamHandlers, 'boards.state'>;
  close(): Promise<void>;
}

export interface VirtualBoardsDeps {
  clock: Clock;
  devices: Devices;
  /** Filled here, read by the port opener: `virtual://NAME`. */
  uarts: Map<string, BoardUart>;
  /** Where a board's MQTT connects to; null while nothing listens. */
  broker: () => { host: string; port: number } | null;
  /** Speech of an embedded voice, 16 kHz mono. */
  synthesize: (text: string, language: 'zh' | 'en', signal: AbortSignal) => Promise<Int16Array>;
  /** What the board's speaker did, told to its conversation. */
  playout: (device: { productId: string; deviceName: string }, report: { kind: 'audible' | 'silent'; atUs: MonoUs }) => void;
  /** Opens the real microphone and speaker of a board that is to have them. */
  openAudio: LiveAudios['open'];
  /** A board is about to go: whoever has its `virtual://` port open lets go of it. */
  onGone: (address: string) => Promise<void>;
  /** Holds the links to the boards' PTYs. */
  ptyDirectory: string;
  log: Log;
}

interface Running {
  name: string;
  kind: VirtualBoard['kind'];
  hardware: Pick<BoardHardware, 'uart' | 'ptyPath' | 'close'> & { chip?: BoardHardware['chip'] };
  state: () => VirtualBoard['state'];
  device: { productId: string; deviceName: string };
  firmware: TwetalkFirmware | null;
  audio: BoardAudio | null;
  activity: VirtualBoard['activity'];
  /** When the last thing said into its microphone ended. */
  spokenUntilUs: MonoUs | null;
}

/** The boards of this bench that are software: each a chip behind a UART and a PTY, running the TWeTalk firmware as the device its NVS names. */
export function createVirtualBoards(deps: VirtualBoardsDeps): VirtualBoards {
  const { clock, devices, uarts, log } = deps;
  const boards = new Map<string, Running>();
  const beginnings = new Map<string, Promise<VirtualBoard>>();
  const topic = new Topic<VirtualBoard[], VirtualBoard>({ snapshot: () => [...boards.values()].map(stateOf) });

  function stateOf(board: Running): VirtualBoard {
    return {
      name: board.name,
      kind: board.kind,
      address: `virtual://${board.name}`,
      ptyPath: board.hardware.ptyPath,
      ...board.device,
      state: board.state(),
      activity: board.activity,
    };
  }

  function publish(board: Running): void {
    topic.publish(stateOf(board));
  }

  function running(name: string): Running {
    const board = boards.get(name);
    if (board === undefined) throw new TalkError('board/not-running', { name });
    return board;
  }

  function talking(name: string): { board: Running; firmware: TwetalkFirmware } {
    const board = running(name);
    if (board.firmware === null) throw new TalkError('board/not-running', { name, state: board.state() });
    return { board, firmware: board.firmware };
  }

  async function secretOf(name: string): Promise<string> {
    const known = devices.find(VIRTUAL_PRODUCT, name)?.secret;
    if (known !== undefined && known !== null) return known;
    const { generatedSecret } = await devices.put(VIRTUAL_PRODUCT, name);
    if (generatedSecret === undefined) throw new TalkError('device/bad-secret', { productId: VIRTUAL_PRODUCT, deviceName: name });
    return generatedSecret;
  }

  /** Whoever asks for a board that is there, or is just being made, gets that one. */
  function start(request: CallBody<'boards.start'>): Promise<VirtualBoard> {
    const existing = boards.get(request.name);
    if (existing !== undefined) return Promise.resolve(stateOf(existing));
    const starting = beginnings.get(request.name) ?? make(request).finally(() => beginnings.delete(request.name));
    beginnings.set(request.name, starting);
    return starting;
  }

  async function make(request: CallBody<'boards.start'>): Promise<VirtualBoard> {
    if (request.kind === 'cat1') return makeModem(request);
    if (request.kind === 'bk7258') return makeBk7258(request);
    const { name, kind = 'esp32s3', fault = 'none', firmware, language, audioType, audioInterval } = request;
    const secret = await secretOf(name);
    await using opening = new AsyncDisposableStack();
    const audio = request.audio === undefined ? null : opening.use(await deps.openAudio(name, request.audio));
    const traits = traitsOf(name, audioInterval, request.faults ?? []);
    const manner = { secret, language, audioType, audioInterval, traits, ...mannerOf(request) };
    let board: Running | null = null;
    const options: VirtualBoardOptions = {
      name,
      kind,
      clock,
      ...boardFaults[fault],
      ...(firmware === 'installed'
        ? { flash: buildDemoImages({ kind, ...(traits.version === null ? {} : { version: traits.version }) }).files }
        : {}),
      onBoot: (app) => {
        if (board === null) throw new Error('a board booted before it was put together');
        return runFirmware(board, app, { ...manner, ...(audio === null ? {} : { audio }) });
      },
    };
    const hardware = await withPty(name, (terminal) => createVirtualBoard({ ...options, ...terminal }));
    board = { ...begin(name, kind, hardware, () => hardware.chip.state), audio };
    opening.move();
    const changed = board;
    hardware.chip.onState(() => publish(changed));
    return present(board);
  }

  async function makeModem(request: CallBody<'boards.start'>): Promise<VirtualBoard> {
    const { name, family = 'airm2m', trouble = 'none', chip = 'ec718', loader = {} } = request;
    const changed: (() => void)[] = [];
    const onPorts = () => {
      for (const tell of changed) tell();
    };
    const options = { clock, family, chip, loader, onPorts, ...troubles[trouble] };
    const hardware = await withPty(name, (terminal) => createCat1Board({ ...options, ...terminal }));
    const state = (): VirtualBoard['state'] => {
      if (hardware.state === 'download') return 'download';
      return hardware.modem.mode === 'off' || hardware.modem.mode === 'booting' ? hardware.modem.mode : 'running';
    };
    const board = begin(name, 'cat1', hardware, state);
    let told = state();
    changed.push(() => {
      if (state() === told) return;
      told = state();
      publish(board);
    });
    hardware.modem.onMode(onPorts);
    uarts.set(downloadName(name), hardware.downloadUart);
    return present(board);
  }

  async function makeBk7258({ name, bk7258 = { faults: [] } }: CallBody<'boards.start'>): Promise<VirtualBoard> {
    const { faults, flashId, wiring, maxBaudRate } = bk7258;
    const options = {
      clock,
      faults,
      ...(flashId === undefined ? {} : { flashId }),
      ...(wiring === undefined ? {} : { wiring }),
      ...(maxBaudRate === undefined ? {} : { maxBaudRate }),
    };
    const hardware = await withPty(name, (terminal) => createBk7258Board({ ...options, ...terminal }));
    const board = begin(name, 'bk7258', hardware, () => hardware.state);
    hardware.onState(() => publish(board));
    return present(board);
  }

  function begin(name: string, kind: Running['kind'], hardware: Running['hardware'], state: Running['state']): Running {
    const device = { productId: VIRTUAL_PRODUCT, deviceName: name };
    return { name, kind, hardware, state, device, firmware: null, audio: null, activity: 'idle', spokenUntilUs: null };
  }

  function present(board: Running): VirtualBoard {
    boards.set(board.name, board);
    uarts.set(board.name, board.hardware.uart);
    publish(board);
    return stateOf(board);
  }

  async function withPty<Hardware>(
    name: string,
    open: (terminal: { linkPath: string } | { withPty: false }) => Promise<Hardware>,
  ): Promise<Hardware> {
    try {
      mkdirSync(deps.ptyDirectory, { recursive: true });
      return await open({ linkPath: join(deps.ptyDirectory, name) });
    } catch (error) {
      if (!isTalkError(error, 'board/pty-unavailable')) throw error;
      // The board still has its virtual:// address.
      log.warn({ error: error.value, board: name }, 'no PTY for the virtual board');
      return open({ withPty: false });
    }
  }

  function runFirmware(
    board: Running,
    app: BootedApp,
    options: Pick<FirmwareOptions, 'secret' | 'language' | 'audioType' | 'audioInterval' | 'audio'> &
      Partial<FirmwareOptions> & { traits: BoardTraits },
  ): AppRun {
    const provisioned = readPartition(app);
    const { productId, deviceName } = provisioned ?? { productId: VIRTUAL_PRODUCT, deviceName: board.name };
    const device = { productId, deviceName };
    board.device = device;
    publish(board);
    const sdk = createSdkLog(app);
    if (provisioned !== null) sdk.sdk('INF', 'twetalk_app.c|_load_device_info(112)', `nvs: device ${deviceName} of product ${productId}`);
    else if (options.traits.hasDevice) sdk.sdk('INF', 'twetalk_app.c|_load_device_info(119)', 'nvs: no device, the built-in one is used');
    const bench = deps.broker();
    const host = provisioned?.broker?.host ?? bench?.host;
    const port = provisioned?.broker?.port ?? bench?.port ?? MQTT_PORT;
    if (host === undefined) {
      app.print('E (120) TWETALK: no network: the bench has no MQTT listener\r\n');
      return { receive: () => {}, stop: () => {} };
    }
    const firmware = createTwetalkFirmware({
      clock,
      broker: { host, port },
      ...device,
      ...options,
      ...(provisioned === null ? {} : { secret: provisioned.secret }),
      print: app.print,
      ticksMs: app.ticksMs,
      ...(provisioned?.ssid ? { ssid: provisioned.ssid } : {}),
      contacts: [
        { name: '妈妈', openId: 'oTalkbenchDemo0000000000000001' },
        { name: 'Mom', openId: 'oTalkbenchDemo0000000000000002' },
      ],
      miniProgram: { appId: 'wxtalkbench0000001', modelId: 'DYEbVE9kfjAONqnWsOhXgw' },
      onState: (activity) => {
        board.activity = activity;
        publish(board);
      },
      onPlayout: (report) => deps.playout(device, report),
    });
    board.firmware = firmware;
    const cancelReset = resetItself(app, options.traits.selfReset);
    firmware.start().catch((error: unknown) => {
      // A board that is software may have bugs, but none that end the recording of the real ones.
      if (isTalkError(error)) log.warn({ board: board.name, error: error.value }, 'virtual board did not get through to the bench');
      else log.error({ board: board.name, err: error }, 'virtual board failed');
    });
    return {
      receive: () => {}, // its console takes no commands
      stop() {
        cancelReset();
        board.firmware = null;
        board.activity = 'idle';
        firmware.stop().catch((error: unknown) => log.error({ err: error, board: board.name }, 'virtual board did not stop cleanly'));
      },
    };
  }

  function readPartition(app: BootedApp): ProvisionedDevice | null {
    const bytes = app.partition('nvs');
    return bytes === null ? null : readProvisionedDevice(readNvs(bytes, { withSecrets: true }));
  }

  async function stop(name: string): Promise<void> {
    const board = running(name);
    boards.delete(name);
    uarts.delete(name);
    await deps.onGone(`virtual://${name}`);
    if (uarts.delete(downloadName(name))) await deps.onGone(`virtual://${downloadName(name)}`);
    await board.hardware.close();
    await board.audio?.close();
    publish(board);
  }

  async function samplesOf(source: CallBody<'boards.speak'>['source'], signal: AbortSignal): Promise<Int16Array> {
    if (source.kind === 'text') return deps.synthesize(source.text, source.language, signal);
    const { sampleRate, channels } = decodeWav(source.wav);
    const mono = channels[0];
    if (mono === undefined || mono.length === 0) throw new TalkError('audio/bad-wav', { reason: 'no samples' });
    return sampleRate === SAMPLE_RATE ? mono : resample(mono, { from: sampleRate, to: SAMPLE_RATE });
  }

  return {
    start,
    stop,
    ports: () => [
      ...[...boards.values()].filter(isThere).map((board) => ({
        address: `virtual://${board.name}`,
        kind: 'virtual' as const,
        label: `${nameOf(board.kind)} (virtual) ${board.name}`,
        ...board.hardware.chip?.usb,
        ...(board.hardware.ptyPath === null ? {} : { ptyPath: board.hardware.ptyPath }),
        ...(board.kind === 'cat1' ? moduleUsb(board.name, 'run') : {}),
      })),
      ...[...boards.values()]
        .filter(({ name }) => uarts.get(downloadName(name))?.presence?.isPresent() === true)
        .map(({ name }) => ({
          address: `virtual://${downloadName(name)}`,
          kind: 'virtual' as const,
          label: `LTE cat.1 (virtual) ${name}, in download mode`,
          ...moduleUsb(name, 'download'),
        })),
    ],
    list: () => [...boards.values()].map(stateOf),
    voiceOf: (name) => boards.get(name)?.firmware ?? null,
    calls: {
      'boards.list': async () => ({ boards: [...boards.values()].map(stateOf) }),
      'boards.start': start,
      'boards.stop': async ({ name }) => {
        await stop(name);
        return {};
      },
      'boards.speak': async ({ name, source }, { signal }) => {
        const { board, firmware } = talking(name);
        const samples = await samplesOf(source, signal);
        firmware.clearReceivedAudio();
        board.spokenUntilUs = null;
        firmware.speak(samples).then(
          () => {
            board.spokenUntilUs = clock.nowUs();
          },
          (error: unknown) => log.warn({ err: error, board: name }, 'virtual board could not speak'),
        );
        return { durationMs: (samples.length * 1000) / SAMPLE_RATE };
      },
      'boards.text': async ({ name, text }) => {
        await talking(name).firmware.sendText(text);
        return {};
      },
      'boards.sdk': async ({ name, call }) => {
        await callSdk(talking(name).firmware, call);
        return {};
      },
      'boards.heard': async ({ name }) => {
        const { board, firmware } = talking(name);
        const { pcm, fromUs } = firmware.receivedAudio();
        const { spokenUntilUs } = board;
        return {
          wav: encodeWav({ channels: [pcm], sampleRate: SAMPLE_RATE }),
          durationMs: (pcm.length * 1000) / SAMPLE_RATE,
          firstAudibleMs: fromUs === null || spokenUntilUs === null ? null : (fromUs - spokenUntilUs) / 1000,
        };
      },
    },
    streams: { 'boards.state': () => ({ topic }) },
    async close() {
      await Promise.allSettled(beginnings.values());
      await Promise.all([...boards.keys()].map(stop));
    },
  };
}

function nameOf(kind: Running['kind']): string {
  if (kind === 'cat1') return 'LTE cat.1';
  return kind === 'bk7258' ? 'BK7258' : chipFacts[kind].name;
}

/** A board with USB of its own is no port while it restarts. */
function isThere({ hardware }: Running): boolean {
  return hardware.uart.presence?.isPresent() !== false;
}

/** A module in download mode is another USB device, behind another port. */
function downloadName(name: string): string {
  return `${name}-download`;
}

/** What the host would see of such a module, in a socket of its own. */
function moduleUsb(name: string, mode: 'run' | 'download') {
  const ids = mode === 'run' ? { vendorId: '19d1', productId: '0001', interface: 2 } : { vendorId: '17d1', productId: '0001' };
  return { ...ids, location: `virtual/${name}`, ...boardByUsb(ids.vendorId, ids.productId, mode === 'run' ? 2 : undefined) };
}
