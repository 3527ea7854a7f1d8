import { sleepUntil } from '../../../pipeline/clock.ts';
import { type DeviceName, deviceId } from '../../../pipeline/gateways/devices.ts';
import type { AudioDevice } from '../../../preload/contract/audio.ts';
import type { VirtualBoard } from '../../../preload/contract/boards.ts';
import type { DeviceState } from '../../../preload/contract/device-state.ts';
import type { PortInfo } from '../../../preload/contract/ports.ts';
import type { MonoUs } from '../../../preload/contract/time.ts';
import type { AudioSource, SourceEvents } from '../audio/source.ts';
import type { VirtualBoards } from '../devices/virtual-boards.ts';
import { createMeasuresThread } from './audio/measures-thread.ts';
import { CheckedDevice, type CheckedDeviceDeps } from './bench/device.ts';
import { familyOf } from './bench/family.ts';
import { deviceOf } from './bench/find-device.ts';
import { DeviceHistory } from './bench/history.ts';
import { HostSound } from './bench/host-sound.ts';
import { Serial, type SerialDeps } from './bench/serial.ts';
import { type VoiceDeps, voiceOf } from './bench/voice.ts';
import type { Bench, BoardPort, BoardVoice } from './bench.ts';
import { LOOK_BACK_US, latenessIn, lateSpans } from './lateness/lateness.ts';
import { Standstills } from './lateness/standstills.ts';
import type { BenchSubject, CheckHooks, OpenBench, RunBench } from './run-bench.ts';

export interface CoreBenchDeps extends SerialDeps, Omit<CheckedDeviceDeps, 'wake' | 'flashed'> {
  boards: Pick<VirtualBoards, 'list' | 'voiceOf'>;
  /** What the live log has told of the boards, from before the run too. */
  deviceStates(): readonly DeviceState[];
  listPorts(): Promise<readonly PortInfo[]>;
  synthesize: VoiceDeps['synthesize'];
  /** The host's sound card. */
  sound: { devices(): Promise<readonly AudioDevice[]>; open(events: SourceEvents): Promise<AudioSource> };
  /** What was written to the port's board last, where its bytes are still there. */
  flashed(address: string): ReturnType<CheckedDeviceDeps['flashed']>;
}

/** The bench of a run over the core's services: docs/checks.md. */
export function createCoreBench(deps: CoreBenchDeps): OpenBench {
  return async (subject) => {
    // Whoever cancels a run while its port opens waits for the port.
    const call = new AbortController();
    const board = boardAt(deps, subject);
    const info = subject.port === null ? undefined : (await deps.listPorts()).find(({ address }) => address === subject.port);
    const speaker = await speakerOf(deps, subject, board !== undefined);
    const history = new DeviceHistory(deps.clock, deps.observed);
    try {
      const serial = subject.port === null ? null : await Serial.open(subject.port, deps, call.signal);
      return new CoreBench(subject, { deps, history, serial, info, speaker });
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
}

/** Of a run without a port. */
const stays = new AbortController().signal;

class CoreBench implements RunBench {
  readonly #subject: BenchSubject;
  readonly #parts: Parts;
  readonly #thread = createMeasuresThread();
  readonly #standstills: Standstills;
  #found: DeviceName | null = null;
  #host: Promise<HostSound> | null = null;

  constructor(subject: BenchSubject, parts: Parts) {
    this.#subject = subject;
    this.#parts = parts;
    this.#standstills = new Standstills(parts.deps.clock);
    this.#find();
  }

  begin(hooks: CheckHooks): { bench: Bench; end(): Promise<void> } {
    const { deps, serial, history } = this.#parts;
    const { clock } = deps;
    const { language, boardKind, isUnattended, facts } = this.#subject;
    const { signal } = hooks;
    let device: CheckedDevice | null = null;
    const bench: Bench = {
      ...hooks,
      ...{ clock, language, boardKind, isUnattended, facts },
      port: serial === null ? null : serial.port(signal, { family: this.#family(), isVirtual: this.#board() !== undefined }),
      device: () => {
        const name = this.#find();
        if (name !== null) device ??= this.#device(name, { ...hooks, isUnattended });
        return device;
      },
      measures: this.#thread.measures(signal),
      lateness: (fromUs, toUs = clock.nowUs()) =>
        latenessIn([...this.#standstills.since(fromUs), ...lateSpans(history.events.since(fromUs - LOOK_BACK_US))], fromUs, toUs),
      voice: voiceOf(this.#parts.speaker, this.#voiceDeps(), hooks),
      sleep: (ms) => sleepUntil(clock, (clock.nowUs() + Math.round(ms * 1000)) as MonoUs, signal),
    };
    return { bench, end: async () => device?.end() };
  }

  get gone(): AbortSignal {
    return this.#parts.serial?.presence.gone ?? stays;
  }

  async there(signal: AbortSignal): Promise<void> {
    await this.#parts.serial?.presence.there(signal);
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

  #find(): DeviceName | null {
    if (this.#found !== null) return this.#found;
    const { deps, serial, history } = this.#parts;
    const { port, device } = this.#subject;
    const known = deps.deviceStates().find((state) => state.port === port);
    const told = { ...known?.facts, ...serial?.state()?.facts };
    this.#found = device ?? deviceOf({ board: this.#board(), facts: told, devices: deps.devices.list() });
    if (this.#found !== null) history.is(this.#found);
    return this.#found;
  }

  #family(): BoardPort['family'] {
    const { deps, serial, info } = this.#parts;
    const { port, boardKind } = this.#subject;
    const facts = serial?.state()?.facts ?? deps.deviceStates().find((state) => state.port === port)?.facts ?? {};
    return familyOf({ board: this.#board(), info, facts, boardKind });
  }

  #board(): VirtualBoard | undefined {
    return boardAt(this.#parts.deps, { port: this.#subject.port, device: this.#found ?? this.#subject.device });
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
      flashed: async () => (port === null ? null : deps.flashed(port)),
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
