import type { LlmTool } from '../../../pipeline/engines/llm/engine.ts';
import type { DeviceName } from '../../../pipeline/gateways/devices.ts';
import type { AtBringUp, AtExchange } from '../../../preload/contract/at.ts';
import type { CheckEvidence, CheckQuestion, LinkImpairment } from '../../../preload/contract/checks.ts';
import type { CallContact, CallRecord } from '../../../preload/contract/cloud/twetalk.ts';
import type { DeviceState } from '../../../preload/contract/device-state.ts';
import type { AudioPacket, PipelineEvent } from '../../../preload/contract/events.ts';
import type { FlashJob } from '../../../preload/contract/flash.ts';
import type { LogRow } from '../../../preload/contract/logs.ts';
import type { DeviceRecord } from '../../../preload/contract/pipeline.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Measures } from './audio/measures.ts';
import type { BootBaseline } from './baseline/boot-log.ts';
import type { Lateness } from './lateness/lateness.ts';

/**
 * What a check may do with the board that is being checked. The one thing checks depend on: the core has one over its services
 * (core-bench.ts). All times are of `clock`. Everything that waits ends with `signal`, rejecting with TalkError 'cancelled'; a wait that is
 * over resolves with null, since that something did not come is what checks are about.
 */
export interface Bench {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly language: 'zh' | 'en';
  readonly boardKind: string;
  readonly isUnattended: boolean;
  /** What is known of the board; a check adds to it: mac, imei, appVersion … Shown with the run. */
  readonly facts: Map<string, string | number | boolean>;
  readonly port: BoardPort | null;
  /** Null as long as nobody knows which device it is; found from the log or, of a virtual board, from the board. */
  device(): BoardDevice | null;
  readonly voice: BoardVoice;
  /** 'nobody' at once where the run is unattended. Withdrawn when `until` aborts, rejecting with its reason: it was answered by what happened. */
  ask(question: CheckQuestion, until?: AbortSignal): Promise<'done' | 'yes' | 'no' | 'skip' | 'nobody'>;
  /** Kept with the run, to be listened to. */
  keepSound(label: string, pcm: Int16Array, sampleRate?: number): CheckEvidence;
  /** 0..1 */
  progress(fraction: number): void;
  /** Earlier results of this run: values by check name; undefined where it has not been done. */
  measured(check: string): Readonly<Record<string, string | number | boolean | null>> | undefined;
  readonly baselines: BoardBaselines;
  /** Other boards of the history, by serial number, that said they were this one. */
  namesakes(of: { mac?: string; imei?: string; device?: DeviceName }): Promise<readonly Namesake[]>;
  /** What is measured of sound, in a thread: the core's loop has boards to serve. */
  readonly measures: Measures;
  /** How late the bench itself was since then, until `toUs` (now): its loop stood still, its replies ran dry, its ear left sound out. */
  lateness(fromUs: MonoUs | number, toUs?: MonoUs | number): Lateness;
  sleep(ms: number): Promise<void>;
}

/** Boot logs of good boards of the run's kind (baseline/). */
export interface BoardBaselines {
  find(firmwareVersion: string): Promise<BootBaseline | null>;
  /** Kept as that version's once the run has passed, where there is none by then. */
  propose(baseline: BootBaseline): void;
}

/** A run of another board that has something in common with this one which no two boards may have. */
export interface Namesake {
  runId: string;
  serialNumber: string;
  startedWallMs: number;
  shares: 'mac' | 'imei' | 'device';
}

export interface Waiting {
  /** What came before does not count; now, when it is left out. */
  sinceUs?: MonoUs | number;
  timeoutMs: number;
}

/** The serial side: its log, its reset, its loader, its AT commands. */
export interface BoardPort {
  readonly address: string;
  /** 'known-other': certainly none of these; 'other': nobody knows. */
  readonly family: 'esp' | 'cat1' | 'bk7258' | 'known-other' | 'other';
  readonly isVirtual: boolean;
  /** What the log has told since the run began; null before the first row. */
  state(): DeviceState | null;
  /** Rows since then, oldest first: the newest 100,000 at least; of what came before only starts, faults and the port's own leaving. */
  rows(sinceUs: MonoUs | number): readonly LogRow[];
  until(accept: (row: LogRow) => boolean, waiting: Waiting): Promise<LogRow | null>;
  /** Rows as evidence: consecutive seqs, the first lines as text. */
  evidence(rows: readonly LogRow[]): CheckEvidence;
  /** Starts it anew; false where the port has no line to do so: ask a person. */
  reset(): Promise<boolean>;
  /** The ended job 'info': chip, MAC, flash, security, partitions through the ROM loader, which resets the board twice. Throws the flasher's errors. */
  info(): Promise<FlashJob>;
  /** The AT chain of reference/cat1.md. */
  bringUp(): Promise<AtBringUp>;
  at(command: string, timeoutMs?: number): Promise<AtExchange>;
  write(data: Uint8Array): Promise<void>;
}

/** The network side: the device as the bench's cloud sees it. */
export interface BoardDevice {
  readonly name: DeviceName;
  record(): DeviceRecord | null;
  /**
   * Events of this device and its conversations since then, wire messages included, oldest first: the newest 100,000 at least; of what came before
   * only connections and losses.
   */
  events(sinceUs: MonoUs | number): readonly PipelineEvent[];
  until<Kind extends PipelineEvent['kind']>(
    kind: Kind,
    waiting: Waiting & { accept?: (event: Extract<PipelineEvent, { kind: Kind }>) => boolean },
  ): Promise<Extract<PipelineEvent, { kind: Kind }> | null>;
  packets(track: AudioPacket['track'], sinceUs: MonoUs | number): readonly AudioPacket[];
  /** The id of its open voice connection. */
  conversationId(): string | null;
  /** Waits for one; asks the board to wake (a virtual one is woken) or a person to wake it. Null when none came. */
  connected(timeoutMs: number): Promise<string | null>;
  /** Whether the last `connected` asked a person to wake it who has not answered: that it did not come is no fault of the board's then. */
  isWakingUnanswered(): boolean;
  /** When the last `connected` asked a person to wake it; null where nobody was asked. What the board did before it did by itself. */
  wakeAskedUs(): number | null;
  /**
   * From its next turn on, over whatever its agent has, until the run's check ends: a settings layer, and what the language model answers
   * (a script as pipeline/engines/llm/script-file.ts has it) in place of its own.
   */
  configure(over: { settings?: Record<string, Record<string, unknown>>; script?: unknown }): void;
  /** The agent says exactly this now. */
  say(text: string): void;
  /** These samples (16 kHz) go down as a reply, unaltered but for the codec. Resolves when the last frame has gone out, with when the first one did. */
  play(pcm: Int16Array): Promise<{ firstFrameUs: number; lastFrameUs: number }>;
  text(text: string): void;
  /** What has ended by itself meanwhile is left alone; `say`, `play` and `text` throw 'not-found' there. */
  interrupt(): void;
  hangUp(): void;
  /** Thing model: as `device.control` and `device.action`. They throw their errors. */
  control(properties: Record<string, unknown>): Promise<void>;
  action(actionId: string, params: Record<string, unknown>): Promise<{ code: number; response: unknown }>;
  property(name: string): unknown;
  /** What its agent may call on it, by the names the language model is shown: its thing model's actions, what it offers itself, `make_call`. */
  tools(): readonly LlmTool[];
  /** Its address book, as it sent it. */
  contacts(): readonly CallContact[];
  /** Calls as the mini-program makes and takes them. `sound` (16 kHz) is what the mini-program says once they talk; silence without it. */
  ring(sound?: Int16Array): Promise<CallRecord>;
  calls(): readonly CallRecord[];
  answerCall(callId: string, sound?: Int16Array): Promise<CallRecord>;
  endCall(callId: string): Promise<CallRecord>;
  /** What the mini-program heard of the board in that call so far, 16 kHz. */
  heardInCall(callId: string): Promise<Int16Array>;
  /** An application to update it with: the stored firmware file of that name; of '' what was flashed onto it last. Null where there is none. */
  updateImage(name: string): Promise<{ name: string; version: string; data: Uint8Array } | null>;
  /** The same version and these bytes, offered as an update; how it goes is told by 'device.ota' events. */
  offerUpdate(update: { version: string; data: Uint8Array }): Promise<void>;
  /**
   * Milliseconds until a WebSocket ping with so many bytes (0 … 125) came back, which is when the board has read everything sent before it.
   * Null when it did not in time, and where its voice connection cannot be pinged.
   */
  ping(payloadBytes: number, timeoutMs: number): Promise<number | null>;
  impair(impairment: LinkImpairment | null): Promise<void>;
  /** Ends its connections now; nothing gets through for `forMs`. */
  cut(forMs: number): Promise<void>;
}

/** Who speaks to the board and who hears it. */
export interface BoardVoice {
  /** board: its own microphone and speaker, in software · host: the sound card · person · none. */
  readonly speaker: 'board' | 'host' | 'person' | 'none';
  readonly ear: 'board' | 'host' | 'none';
  /** The text said at the board: resolves when it has been, with the samples (16 kHz; null where a person said it) and when. Null: nobody was there to say it. */
  say(text: string): Promise<{ pcm: Int16Array | null; startUs: number; endUs: number } | null>;
  /** Samples into its microphone, as they are. Null where only a person could. */
  sound(pcm: Int16Array): Promise<{ startUs: number; endUs: number } | null>;
  /** What was heard of its speaker since then, 16 kHz, beginning at `fromUs`. Null without an ear. */
  heard(fromUs: MonoUs | number): Promise<{ pcm: Int16Array; fromUs: number } | null>;
}
