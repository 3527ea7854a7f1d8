import { sleepUntil } from '../../../pipeline/clock.ts';
import { type DeviceName, deviceId } from '../../../pipeline/gateways/devices.ts';
import type { AudioDevice } from '../../../preload/contract/audio.ts';
import type { VirtualBoard } from '../../../preload/contract/boards.ts';
import type { DeviceState } from '../../../preload/contract/device-state.ts';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import type { LogRow } from '../../../preload/contract/logs.ts';
import type { PortInfo } from '../../../preload/contract/ports.ts';
import { isTalkError } from '../../../preload/contract/talk-error.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import type { AudioSource, SourceEvents } from '../audio/source.ts';
import type { VirtualBoards } from '../devices/virtual-boards.ts';
import { createMeasuresThread } from './audio/measures-thread.ts';
import { ASK_MS, type AskedPort, askWho, MODULE_START_MS } from './bench/asking.ts';
import { CheckedDevice, type CheckedDeviceDeps } from './bench/device.ts';
import { familyOf } from './bench/family.ts';
import { deviceOf } from './bench/find-device.ts';
import { type FlashedBoard, lastFlashed } from './bench/flashed.ts';
import { DeviceHistory } from './bench/history.ts';
import { HostSound } from './bench/host-sound.ts';
import { OneBoard } from './bench/one-board.ts';
import { otherBoard } from './bench/other-board.ts';
import { Serial, type SerialDeps } from './bench/serial.ts';
import type { Told } from './bench/told.ts';
import { type VoiceDeps, voiceOf } from './bench/voice.ts';
import type { Bench, BoardPort, BoardVoice } from './bench.ts';
import { isModuleReset } from './kinds/power/boots.ts';
import { LOOK_BACK_US, latenessIn, lateSpans } from './lateness/lateness.ts';
import { Standstills } from './lateness/standstills.ts';
import type { BenchSubject, CheckHooks, OpenBench, RunBench } from './run-bench.ts';

export interface CoreBenchDeps extends SerialDeps, Omit<CheckedDeviceDeps, 'wake' | 'flashed'> {
  boards: Pick<VirtualBoards, 'list' | 'voiceOf'>;
  /** What the log has told of the boards that are on their ports, from before the run too. */
  told: Pick<Told, 'of'>;
  listPorts(): Promise<readonly PortInfo[]>;
  synthesize: VoiceDeps['synthesize'];
  /** The host's sound card. */
  sound: { devices(): Promise<readonly AudioDevice[]>; open(events: SourceEvents): Promise<AudioSource> };
  /** Of the flasher, oldest first, and where the files are that it wrote. */
  jobs(): readonly FlashJob[];
  shelf: Parameters<typeof lastFlashed>[2]['shelf'];
}

/** From its reset until its application has spoken; a module takes longer. */
const START_MS = 15_000;

/** The bench of a run over the core's services: docs/checks.md. */
export function createCoreBench(deps: CoreBenchDeps): OpenBench {
  return async (subject) => {
    // Whoever cancels a run while its port opens waits for the port.
    const call = new AbortController();
    const board = boardAt(deps, subject);
    const info = subject.port === null ? undefined : (await deps.listPorts()).find(({ address }) => address === subject.port);
    const speaker = await speakerOf(deps, subject, board !== undefined);
    const history = new DeviceHistory(deps.clock, deps.observed);
    // What a log told of a port that has been let go since may be of another board.
    const isHeld = deps.ports.streams['ports.state']({})
      .topic.snapshot()
      .some(({ address, state }) => address === subject.port && (state === 'open' || state === 'yielded'));
    const sinceUs = isHeld ? 0 : deps.clock.nowUs();
    try {
      let bench: CoreBench | null = null;
      const serial = subject.port === null ? null : await Serial.open(subject.port, deps, call.signal, (row) => bench?.row(row));
      bench = new CoreBench(subject, { deps, history, serial, info, speaker, sinceUs });
      return bench;
    } catch (error) {
      history.close();
      throw error;
    }
  };
}

interface Parts {
  deps: CoreBenchDeps;
  history: DeviceHistory;
  serial: Serial | null;
  info: PortInfo | undefined;
  speaker: BoardVoice['speaker'];
  /** What its log told before may be of another board. */
  sinceUs: number;
}

/** Of a run without a port. */
const stays = new AbortController().signal;

class CoreBench implements RunBench {
  readonly #subject: BenchSubject;
  readonly #parts: Parts;
  readonly #thread = createMeasuresThread();
  readonly #standstills: Standstills;
  readonly #one: OneBoard;
  #host: Promise<HostSound> | null = null;
  /** Aborted when the check under way has been told a name that is the board's no more. */
  #renamed = new AbortController();
  #isNameTold = false;

  constructor(subject: BenchSubject, parts: Parts) {
    const { deps, sinceUs } = parts;
    this.#subject = subject;
    this.#parts = parts;
    this.#standstills = new Standstills(deps.clock);
    const before = subject.port === null ? {} : deps.told.of(subject.port, sinceUs);
    this.#one = new OneBoard(subject, before, {
      clock: deps.clock,
      lastWrite: () =>
        deps
          .jobs()
          .findLast(({ address, kind, state }) => address === subject.port && (kind === 'write' || kind === 'erase') && state === 'done'),
      // By what it has told since it started: before that it may have been another.
      guess: () =>
        deviceOf({
          board: this.#board(),
          facts: subject.port === null ? {} : deps.told.of(subject.port, sinceUs),
          devices: deps.devices.list(),
        }),
      onNamed: (device, before) => this.#follow(device, before),
      onBack: (fromUs, untilUs) => this.#parts.serial?.forget(fromUs, untilUs),
    });
  }

  /** A row of its port. */
  row(row: LogRow): void {
    this.#one.row(row);
  }

  begin(hooks: CheckHooks): { bench: Bench; end(): Promise<void> } {
    const { deps, serial } = this.#parts;
    const { clock } = deps;
    const { language, boardKind, isUnattended } = this.#subject;
    const { signal } = hooks;
    const devices: CheckedDevice[] = [];
    const bench: Bench = {
      ...hooks,
      ...{ clock, language, boardKind, isUnattended },
      port: serial === null ? null : this.#port(serial, signal),
      device: () => {
        const name = this.#one.name();
        this.#isNameTold ||= name !== null;
        const known = devices.at(-1) ?? null;
        if (name === null) return null;
        if (known !== null && deviceId(known.name) === deviceId(name)) return known;
        const device = this.#device(name, { ...hooks, isUnattended });
        devices.push(device);
        return device;
      },
      measures: this.#thread.measures(signal),
      lateness: (fromUs, toUs = clock.nowUs()) =>
        latenessIn(
          [...this.#standstills.since(fromUs), ...lateSpans(this.#parts.history.events.since(fromUs - LOOK_BACK_US))],
          fromUs,
          toUs,
        ),
      voice: voiceOf(this.#parts.speaker, this.#voiceDeps(), hooks),
      sleep: (ms) => sleepUntil(clock, (clock.nowUs() + Math.round(ms * 1000)) as MonoUs, signal),
    };
    return {
      bench,
      end: async () => {
        for (const device of devices.toReversed()) await device.end();
      },
    };
  }

  get gone(): AbortSignal {
    return AbortSignal.any([this.#parts.serial?.presence.gone ?? stays, this.#one.stranger, this.#renamed.signal]);
  }

  get doubtedSinceUs(): number | null {
    return this.#parts.serial === null ? null : this.#one.doubtedSinceUs;
  }

  async still(signal: AbortSignal): Promise<void> {
    await this.#parts.serial?.presence.there(signal);
    signal.throwIfAborted();
    this.#one.stranger.throwIfAborted();
  }

  async there(signal: AbortSignal): Promise<void> {
    await this.#parts.serial?.presence.there(signal);
    signal.throwIfAborted();
    this.#isNameTold = false;
    if (this.#renamed.signal.aborted) this.#renamed = new AbortController();
    await this.#askWho(false, signal);
  }

  async settled(signal: AbortSignal): Promise<void> {
    // That nobody heard a name of a board that may have none is nothing against it.
    const isOnlyHeard = this.#one.hardware === null && !this.#one.hasToNameItself;
    try {
      await this.#parts.serial?.presence.there(signal);
      signal.throwIfAborted();
      await this.#askWho(true, signal);
    } catch (error) {
      if (!isOnlyHeard || isTalkError(error, 'check/other-board')) throw error;
    }
  }

  async close(): Promise<void> {
    const { history, serial } = this.#parts;
    this.#standstills.end();
    history.close();
    await this.#thread.close();
    await serial?.close();
    const host = await this.#host?.catch(() => null);
    await host?.close();
  }

  /** What it does at its cloud, under the name that it has from now on. A check that has its old name begins anew. */
  #follow(device: DeviceName | null, before: DeviceName | null): void {
    const { deps, history } = this.#parts;
    if (before !== null) {
      history.close();
      this.#parts.history = new DeviceHistory(deps.clock, deps.observed);
      if (this.#isNameTold) this.#renamed.abort(otherBoard('device', nameOf(before), device === null ? '?' : nameOf(device)));
    }
    if (device !== null) this.#parts.history.is(device);
  }

  /** Its log need not tell that another board is in its place: its hardware does. */
  async #askWho(isLast: boolean, signal: AbortSignal): Promise<void> {
    const { serial, deps } = this.#parts;
    const asked = {
      ...{ clock: deps.clock, devices: deps.devices, one: this.#one, history: () => this.#parts.history },
      port: (until: AbortSignal, family?: BoardPort['family']) => this.#port(serial as Serial, until, family),
    };
    if (serial !== null) await askWho(asked, isLast, AbortSignal.any([signal, serial.presence.gone]));
    this.#one.stranger.throwIfAborted();
  }

  /** Whoever asks the board who it is hears it when it is another one, and what starts it is no parting. */
  #port(serial: Serial, signal: AbortSignal, family = this.#family()): AskedPort {
    const port = serial.port(signal, { family, isVirtual: this.#board() !== undefined });
    const one = this.#one;
    return {
      ...port,
      reset: async () => {
        one.startsByUs(START_MS);
        const isDone = await port.reset().catch((error: unknown) => {
          one.startsByUs(0);
          throw error;
        });
        one.startsByUs(isDone ? START_MS : 0, isDone);
        return isDone;
      },
      at: (command, timeoutMs) => {
        if (isModuleReset(command)) one.startsByUs(MODULE_START_MS);
        return port.at(command, timeoutMs);
      },
      info: async (isAsked?: boolean) => {
        one.startsByUs(ASK_MS);
        const job = await port.info().finally(() => one.startsByUs(START_MS, true));
        one.chipIs(job.chip?.mac, isAsked);
        return job;
      },
      bringUp: async () => {
        const result = await port.bringUp();
        const told = result.steps.flatMap(({ values }) => values).find(({ name }) => name === 'imei');
        one.moduleIs(told?.value);
        return result;
      },
    };
  }

  #told(): DeviceState['facts'] {
    const { deps, serial, sinceUs } = this.#parts;
    const { port } = this.#subject;
    return port === null ? {} : { ...deps.told.of(port, sinceUs), ...serial?.state()?.facts };
  }

  #family(): BoardPort['family'] {
    const { info } = this.#parts;
    const { boardKind, listKinds } = this.#subject;
    return familyOf({ board: this.#board(), info, facts: this.#told(), boardKind, listKinds });
  }

  /** As the run's checks have found it, or else as its log tells it. */
  #flashedBoard(): FlashedBoard {
    const told = this.#told();
    const { facts } = this.#subject;
    const known = {
      ...{ mac: facts.get('mac'), appName: facts.get('appName') ?? told.project, appVersion: facts.get('appVersion') ?? told.appVersion },
      firmwareSha256: facts.get('firmwareSha256') ?? told.elfSha256,
    };
    return Object.fromEntries(Object.entries(known).flatMap(([name, fact]) => (fact === undefined ? [] : [[name, String(fact)]])));
  }

  #board(): VirtualBoard | undefined {
    return boardAt(this.#parts.deps, { port: this.#subject.port, device: this.#one.known ?? this.#subject.device });
  }

  #device(name: DeviceName, asking: Pick<Bench, 'signal' | 'ask' | 'isUnattended'>): CheckedDevice {
    const { deps, history } = this.#parts;
    const { port, facts } = this.#subject;
    const voice = () => this.#voiceDeps().board();
    // A word of nothing: whoever speaks into a board's microphone wakes it.
    const wake = this.#board() === undefined ? null : async () => voice()?.speak(new Int16Array(0));
    const device = new CheckedDevice(name, history, asking, {
      ...deps,
      wake,
      flashed: async () => (port === null ? null : lastFlashed(port, this.#flashedBoard(), { jobs: deps.jobs(), shelf: deps.shelf })),
    });
    // A board that the echo checks found to be half duplex is talked to as one, or its agent answers itself.
    if (facts.get('turns.isHalfDuplex') === true) device.configure({ settings: { turns: { isHalfDuplex: true } } });
    return device;
  }

  #voiceDeps(): VoiceDeps {
    const { deps } = this.#parts;
    return {
      clock: deps.clock,
      synthesize: deps.synthesize,
      board: () => {
        const board = this.#board();
        return board === undefined ? null : deps.boards.voiceOf(board.name);
      },
      // Opened when it is first used, and closed with the run.
      host: () => {
        if (this.#host !== null) return this.#host;
        const opening = HostSound.open({ clock: deps.clock, open: deps.sound.open });
        this.#host = opening;
        // A sound card that is somebody's now may be free for the next check.
        opening.catch(() => {
          this.#host = null;
        });
        return opening;
      },
    };
  }
}

const nameOf = ({ productId, deviceName }: DeviceName) => `${productId}/${deviceName}`;

/** The board in software behind a port, or that is the device where there is no port. */
function boardAt(
  { boards }: Pick<CoreBenchDeps, 'boards'>,
  { port, device }: Pick<BenchSubject, 'port' | 'device'>,
): VirtualBoard | undefined {
  return boards
    .list()
    .find((board) =>
      port === null ? device !== null && deviceId(board) === deviceId(device) : board.address === port || board.ptyPath === port,
    );
}

/** Whose voice it is: as the operator wants it, else the board's own, the host's, a person's. */
async function speakerOf(deps: CoreBenchDeps, { voice }: BenchSubject, isVirtual: boolean): Promise<BoardVoice['speaker']> {
  if (voice === 'board') return isVirtual ? 'board' : 'none';
  if (voice !== 'auto') return voice;
  if (isVirtual) return 'board';
  const devices = await deps.sound.devices().catch(() => []);
  const isThere = devices.some(({ inputChannels }) => inputChannels > 0) && devices.some(({ outputChannels }) => outputChannels > 0);
  return isThere ? 'host' : 'person';
}
