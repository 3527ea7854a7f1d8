import type { z } from 'zod';
import { type Measures, measures } from '../../main/core/checks/audio/measures.ts';
import type { BootBaseline } from '../../main/core/checks/baseline/boot-log.ts';
import type { Bench, BoardBaselines, BoardDevice, BoardPort, BoardVoice, Namesake, Waiting } from '../../main/core/checks/bench.ts';
import type { Check, Measured } from '../../main/core/checks/check.ts';
import { type Lateness, LOOK_BACK_US, latenessIn, lateSpans, type Span } from '../../main/core/checks/lateness/lateness.ts';
import type { LlmTool } from '../../pipeline/engines/llm/engine.ts';
import { VirtualClock } from '../../pipeline/virtual-clock.ts';
import type { AtBringUp, AtExchange } from '../../preload/contract/at.ts';
import type { CheckEvidence, CheckQuestion, LinkImpairment } from '../../preload/contract/checks.ts';
import type { CallContact, CallRecord } from '../../preload/contract/cloud/twetalk.ts';
import type { DeviceState } from '../../preload/contract/device-state.ts';
import type { AudioPacket, PipelineEvent } from '../../preload/contract/events.ts';
import type { FlashJob } from '../../preload/contract/flash.ts';
import type { LogRow } from '../../preload/contract/logs.ts';
import type { DeviceRecord } from '../../preload/contract/pipeline.ts';
import { TalkError } from '../../preload/contract/talk-error.ts';
import type { MonoUs } from '../../preload/contract/time.ts';

/** An event without what the fake fills in: when it is, and whose. */
export type Told = PipelineEvent extends infer Event
  ? Event extends PipelineEvent
    ? Omit<Event, 'atUs' | 'conversationId' | 'productId' | 'deviceName' | 'turnId'> & {
        atUs?: number;
        conversationId?: string;
        turnId?: number;
        productId?: string;
        deviceName?: string;
      }
    : never
  : never;

export interface FakeBenchOptions {
  /** Null: no port. */
  port?: Partial<Pick<BoardPort, 'address' | 'family' | 'isVirtual'>> | null;
  /** Null: no device, until `bench.board` is put in its place. */
  device?: { productId: string; deviceName: string } | null;
  speaker?: BoardVoice['speaker'];
  ear?: BoardVoice['ear'];
  boardKind?: string;
  language?: 'zh' | 'en';
  isUnattended?: boolean;
}

/**
 * What a check sees of a board, played by a test: `board` is the device, `serial` the port, `talk` the voice, each with what it was asked
 * (`did`) and what it does then (`on…`, `over`). Time is virtual: `run` moves it until the check has ended, `at` lets things happen on the way.
 *
 *     const bench = new FakeBench();
 *     bench.at(1200, () => bench.serial.row('I (300) boot: ok', { event: 'boot.app' }));
 *     expect(await bench.run(bootCheck, { timeoutS: 5 })).toEqual({ values: { bootMs: 1200 } });
 */
export class FakeBench implements Bench {
  readonly clock = new StepClock();
  readonly stop = new AbortController();
  readonly signal = this.stop.signal;
  readonly language: 'zh' | 'en';
  readonly boardKind: string;
  readonly isUnattended: boolean;
  readonly facts = new Map<string, string | number | boolean>();
  readonly serial: FakePort;
  readonly board: FakeDevice;
  readonly talk: FakeVoice;
  port: BoardPort | null;
  /** What a person answers; 'nobody' unless a test says otherwise. Every question is kept. */
  onAsk: (question: CheckQuestion) => 'done' | 'yes' | 'no' | 'skip' | 'nobody' = () => 'nobody';
  readonly questions: CheckQuestion[] = [];
  readonly sounds: { label: string; pcm: Int16Array; sampleRate: number }[] = [];
  readonly progresses: number[] = [];
  /** Earlier results, by check name. */
  readonly results = new Map<string, Record<string, string | number | boolean | null>>();
  /** By firmware version; and what the check proposed. */
  readonly goodBoots = new Map<string, BootBaseline>();
  readonly proposed: BootBaseline[] = [];
  others: Namesake[] = [];
  hasDevice: boolean;

  constructor(options: FakeBenchOptions = {}) {
    this.language = options.language ?? 'zh';
    this.boardKind = options.boardKind ?? '';
    this.isUnattended = options.isUnattended ?? false;
    this.serial = new FakePort(this, options.port ?? {});
    this.port = options.port === null ? null : this.serial;
    this.board = new FakeDevice(this, options.device ?? { productId: 'PROD000001', deviceName: 'dev1' });
    this.hasDevice = options.device !== null;
    this.talk = new FakeVoice(this, options.speaker ?? 'board', options.ear ?? 'board');
  }

  get voice(): BoardVoice {
    return this.talk;
  }
  device(): BoardDevice | null {
    return this.hasDevice ? this.board : null;
  }
  async ask(question: CheckQuestion): Promise<'done' | 'yes' | 'no' | 'skip' | 'nobody'> {
    this.questions.push(question);
    return this.isUnattended ? 'nobody' : this.onAsk(question);
  }
  keepSound(label: string, pcm: Int16Array, sampleRate = 16_000): CheckEvidence {
    this.sounds.push({ label, pcm, sampleRate });
    return { kind: 'sound', id: `sound-${this.sounds.length}`, label, durationMs: (pcm.length * 1000) / sampleRate };
  }
  progress(fraction: number): void {
    this.progresses.push(fraction);
  }
  /** At once: time is virtual. */
  readonly measures = Object.fromEntries(
    Object.entries(measures).map(([name, measure]) => [
      name,
      async (...input: never[]) => (measure as (...input: never[]) => unknown)(...input),
    ]),
  ) as Measures;
  readonly baselines: BoardBaselines = {
    find: async (firmwareVersion) => this.goodBoots.get(firmwareVersion) ?? null,
    propose: (baseline) => {
      this.proposed.push(baseline);
    },
  };
  async namesakes(): Promise<readonly Namesake[]> {
    return this.others;
  }
  /** In which the bench itself was late: none unless a test says so. */
  readonly late: Span[] = [];
  lateness(fromUs: number, toUs: number = this.clock.nowUs()): Lateness {
    return latenessIn([...this.late, ...lateSpans(this.board.events(fromUs - LOOK_BACK_US))], fromUs, toUs);
  }
  measured(check: string): Readonly<Record<string, string | number | boolean | null>> | undefined {
    return this.results.get(check);
  }
  sleep(ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.whenStopped(reject);
      this.clock.at((this.clock.nowUs() + Math.round(ms * 1000)) as MonoUs, resolve);
    });
  }

  /** `ms` from now that happens. */
  at(ms: number, happens: () => void): void {
    this.clock.at((this.clock.nowUs() + Math.round(ms * 1000)) as MonoUs, happens);
  }
  /** Every `ms`, `times` times. */
  every(ms: number, times: number, happens: (index: number) => void): void {
    for (let index = 0; index < times; index++) this.at(ms * (index + 1), () => happens(index));
  }

  /** Measures, moving time as far as the check needs it. `parameters` that are left out have their presets. */
  async run<Parameters extends z.ZodObject>(check: Check<Parameters>, parameters: z.input<Parameters> | object = {}): Promise<Measured> {
    return await this.drive(check.measure(this, check.parameters.parse(parameters)));
  }

  /** Moves time until that has settled. Throws when nothing is left that could settle it. */
  async drive<Value>(work: Promise<Value>): Promise<Value> {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    work.then(end, end);
    await this.clock.settle();
    while (!isOver) {
      if (!(await this.clock.step())) throw new Error('the check waits for something that never happens');
    }
    return await work;
  }

  /** As the run's end does it. */
  cancel(): void {
    this.stop.abort(new TalkError('cancelled'));
  }

  /** @internal What waits ends with the run. */
  whenStopped(reject: (error: unknown) => void): void {
    if (this.signal.aborted) reject(this.signal.reason);
    else this.signal.addEventListener('abort', () => reject(this.signal.reason), { once: true });
  }
}

/** A virtual clock that can go to whatever is next. */
class StepClock extends VirtualClock {
  readonly #instants: number[] = [];
  override at(atUs: MonoUs, callback: () => void): () => void {
    this.#instants.push(Math.max(atUs, this.nowUs()));
    return super.at(atUs, callback);
  }
  /** False when nothing is to come. */
  async step(): Promise<boolean> {
    if (this.pendingTimers === 0) return false;
    this.#instants.sort((first, second) => second - first);
    const next = this.#instants.pop();
    if (next !== undefined) await this.advanceTo(Math.max(next, this.nowUs()));
    return true;
  }
}

/** Things that come one after another, and those who wait for one. */
class Stream<Item extends { atUs: number }> {
  readonly items: Item[] = [];
  readonly #waiting = new Set<(item: Item) => void>();
  readonly #bench: FakeBench;
  constructor(bench: FakeBench) {
    this.#bench = bench;
  }
  add(item: Item): void {
    this.items.push(item);
    for (const tell of [...this.#waiting]) tell(item);
  }
  since(sinceUs: number): Item[] {
    return this.items.filter((item) => item.atUs >= sinceUs);
  }
  until(accept: (item: Item) => boolean, { sinceUs = this.#bench.clock.nowUs(), timeoutMs }: Waiting): Promise<Item | null> {
    const there = this.since(sinceUs).find(accept);
    if (there !== undefined) return Promise.resolve(there);
    return new Promise((resolve, reject) => {
      const end = (item: Item | null) => {
        this.#waiting.delete(tell);
        cancel();
        resolve(item);
      };
      const tell = (item: Item) => accept(item) && end(item);
      const cancel = this.#bench.clock.at((this.#bench.clock.nowUs() + Math.round(timeoutMs * 1000)) as MonoUs, () => end(null));
      this.#waiting.add(tell);
      this.#bench.whenStopped(reject);
    });
  }
}

export class FakePort implements BoardPort {
  readonly address: string;
  readonly isVirtual: boolean;
  family: BoardPort['family'];
  readonly log: Stream<LogRow>;
  readonly did: { what: 'reset' | 'info' | 'bring-up' | 'at' | 'write'; data?: string; atUs: number }[] = [];
  /** What the log has told; null unless a test sets it. */
  deviceState: DeviceState | null = null;
  /** Null: the port has no line to reset it by. */
  onReset: (() => void) | null = () => {};
  onInfo: () => Partial<FlashJob> = () => ({});
  onBringUp: () => Partial<AtBringUp> = () => ({});
  onAt: (command: string) => Partial<AtExchange> = () => ({ lines: [], final: { kind: 'ok' } });
  onWrite: (data: Uint8Array) => void = () => {};
  readonly #bench: FakeBench;

  constructor(bench: FakeBench, options: Partial<Pick<BoardPort, 'address' | 'family' | 'isVirtual'>>) {
    this.#bench = bench;
    this.address = options.address ?? '/dev/ttyUSB0';
    this.family = options.family ?? 'esp';
    this.isVirtual = options.isVirtual ?? false;
    this.log = new Stream<LogRow>(bench);
  }

  /** A line of the board's log, now. */
  row(text: string, over: Partial<Omit<LogRow, 'atUs'>> & { atUs?: number } = {}): LogRow {
    const row: LogRow = {
      seq: this.log.items.length,
      port: this.address,
      direction: 'received',
      text,
      message: text,
      raw: new TextEncoder().encode(`${text}\n`),
      grammar: 'plain',
      ...over,
      atUs: (over.atUs ?? this.#bench.clock.nowUs()) as MonoUs,
    };
    this.log.add(row);
    return row;
  }
  state(): DeviceState | null {
    return this.deviceState;
  }
  rows(sinceUs: number): readonly LogRow[] {
    return this.log.since(sinceUs);
  }
  until(accept: (row: LogRow) => boolean, waiting: Waiting): Promise<LogRow | null> {
    return this.log.until(accept, waiting);
  }
  evidence(rows: readonly LogRow[]): CheckEvidence {
    const seqs = rows.map(({ seq }) => seq);
    const lines = rows.slice(0, 20).map(({ text }) => text.slice(0, 500));
    return { kind: 'rows', port: this.address, fromSeq: Math.min(...seqs, 0), toSeq: Math.max(...seqs, 0), lines };
  }
  async reset(): Promise<boolean> {
    this.#do('reset');
    this.onReset?.();
    return this.onReset !== null;
  }
  async info(): Promise<FlashJob> {
    this.#do('info');
    return fakeFlashJob({ address: this.address, ...this.onInfo() });
  }
  async bringUp(): Promise<AtBringUp> {
    this.#do('bring-up');
    return {
      ...{ address: this.address, state: 'passed', family: 'eigencomm', model: null, startedAtUs: this.#bench.clock.nowUs(), elapsedMs: 0 },
      ...{ steps: [], firstFailed: null, passed: 0, warnings: 0, failed: 0, skipped: 0 },
      ...this.onBringUp(),
    };
  }
  async at(command: string, timeoutMs = 1000): Promise<AtExchange> {
    this.#do('at', command);
    return { id: this.did.length, command, source: 'user', state: 'done', timeoutMs, lines: [], values: [], ...this.onAt(command) };
  }
  async write(data: Uint8Array): Promise<void> {
    this.#do('write', new TextDecoder().decode(data));
    this.onWrite(data);
  }
  #do(what: FakePort['did'][number]['what'], data?: string): void {
    this.did.push({ what, atUs: this.#bench.clock.nowUs(), ...(data !== undefined && { data }) });
  }
}

/** An ended job of kind 'info'. */
export function fakeFlashJob(over: Partial<FlashJob> = {}): FlashJob {
  return {
    ...{ jobId: 'job-1', kind: 'info', family: 'esp', address: '/dev/ttyUSB0', label: null, batchId: null, device: null, title: null },
    ...{ state: 'done', stage: 'done', stages: [], chip: null, files: [], totalBytes: 0, writtenBytes: 0, bytesPerSecond: null },
    ...{ etaMs: null, boardState: 'running', partitions: null, apps: [] },
    ...over,
  } as FlashJob;
}

/** Every call of a device's that a test may answer. */
type Answers = Pick<BoardDevice, 'connected' | 'play' | 'control' | 'action' | 'ring' | 'answerCall' | 'endCall' | 'offerUpdate'>;

export class FakeDevice implements BoardDevice {
  readonly name: { productId: string; deviceName: string };
  readonly told: Stream<PipelineEvent>;
  readonly sent: Stream<AudioPacket>;
  /** What the check did with it, in order: `did.map(({ what }) => what)`. */
  readonly did: { what: keyof BoardDevice; data?: unknown; atUs: number }[] = [];
  /** Called after each deed of that name, so that the board can react: `board.on.say = (text) => board.tell(…)`. */
  readonly on: Partial<Record<keyof BoardDevice, (data: never) => void>> = {};
  /** In place of the answers below. */
  over: Partial<Answers> = {};
  /** Null: it is not connected. */
  conversation: string | null = 'c1';
  /** A person was asked to wake it, and says nothing. */
  isUnanswered = false;
  askedUs: number | null = null;
  deviceRecord: DeviceRecord | null = null;
  /** Milliseconds until a ping of so many bytes is back; null: never. */
  onPing: (payloadBytes: number) => number | null = () => 20;
  properties: Record<string, unknown> = {};
  offeredTools: LlmTool[] = [];
  addressBook: CallContact[] = [];
  readonly callRecords: CallRecord[] = [];
  /** What the mini-program hears in a call, and the application there is to update it with. */
  calledSound = new Int16Array(0);
  image: { name: string; version: string; data: Uint8Array } | null = null;
  impairment: LinkImpairment | null = null;
  readonly #bench: FakeBench;

  constructor(bench: FakeBench, name: { productId: string; deviceName: string }) {
    this.#bench = bench;
    this.name = name;
    this.told = new Stream<PipelineEvent>(bench);
    this.sent = new Stream<AudioPacket>(bench);
  }

  /** An event, now unless it says otherwise, of the open conversation and of turn 1 unless it says otherwise. */
  tell(event: Told): void {
    const whose = { conversationId: this.conversation ?? 'c1', turnId: 1, ...this.name };
    this.told.add({ ...whose, atUs: this.#bench.clock.nowUs(), ...event } as unknown as PipelineEvent);
  }
  /** An audio packet, now unless it says otherwise; 60 ms of Opus. */
  packet(track: AudioPacket['track'], bytes: Uint8Array, over: Partial<AudioPacket> = {}): void {
    const index = this.sent.items.filter((packet) => packet.track === track).length;
    const durationUs = over.durationUs ?? 60_000;
    this.sent.add({
      ...{ conversationId: this.conversation ?? 'c1', track, index, atUs: this.#bench.clock.nowUs(), mediaUs: index * durationUs },
      ...{ durationUs, codec: 'opus', sampleRate: 16_000, bytes },
      ...over,
    });
  }

  record(): DeviceRecord | null {
    return this.deviceRecord;
  }
  events(sinceUs: number): readonly PipelineEvent[] {
    return this.told.since(sinceUs);
  }
  until<Kind extends PipelineEvent['kind']>(
    kind: Kind,
    { accept = () => true, ...waiting }: Waiting & { accept?: (event: Extract<PipelineEvent, { kind: Kind }>) => boolean },
  ): Promise<Extract<PipelineEvent, { kind: Kind }> | null> {
    type Wanted = Extract<PipelineEvent, { kind: Kind }>;
    return this.told.until((event) => event.kind === kind && accept(event as Wanted), waiting) as Promise<Wanted | null>;
  }
  packets(track: AudioPacket['track'], sinceUs: number): readonly AudioPacket[] {
    return this.sent.since(sinceUs).filter((packet) => packet.track === track);
  }
  conversationId(): string | null {
    return this.conversation;
  }
  isWakingUnanswered(): boolean {
    return this.isUnanswered;
  }
  wakeAskedUs(): number | null {
    return this.askedUs;
  }
  async connected(timeoutMs: number): Promise<string | null> {
    this.#do('connected', timeoutMs);
    if (this.over.connected !== undefined) return await this.over.connected(timeoutMs);
    if (this.conversation !== null) return this.conversation;
    const opened = await this.until('conversation.opened', { timeoutMs });
    if (opened !== null) this.conversation = opened.conversationId;
    return this.conversation;
  }
  configure(over: { settings?: Record<string, Record<string, unknown>>; script?: unknown }): void {
    this.#do('configure', over);
  }
  say(text: string): void {
    this.#do('say', text);
  }
  async play(pcm: Int16Array): Promise<{ firstFrameUs: number; lastFrameUs: number }> {
    this.#do('play', pcm);
    if (this.over.play !== undefined) return await this.over.play(pcm);
    const firstFrameUs = this.#bench.clock.nowUs();
    await this.#bench.sleep((pcm.length * 1000) / 16_000);
    return { firstFrameUs, lastFrameUs: this.#bench.clock.nowUs() };
  }
  text(text: string): void {
    this.#do('text', text);
  }
  interrupt(): void {
    this.#do('interrupt');
  }
  hangUp(): void {
    this.#do('hangUp');
  }
  async control(properties: Record<string, unknown>): Promise<void> {
    this.#do('control', properties);
    if (this.over.control !== undefined) return await this.over.control(properties);
    Object.assign(this.properties, properties);
  }
  async action(actionId: string, params: Record<string, unknown>): Promise<{ code: number; response: unknown }> {
    this.#do('action', { actionId, params });
    return this.over.action === undefined ? { code: 0, response: {} } : await this.over.action(actionId, params);
  }
  property(name: string): unknown {
    return this.properties[name];
  }
  tools(): readonly LlmTool[] {
    return this.offeredTools;
  }
  contacts(): readonly CallContact[] {
    return this.addressBook;
  }
  async ring(sound?: Int16Array): Promise<CallRecord> {
    this.#do('ring', sound);
    return this.over.ring === undefined ? this.call('user_to_device', 'ringing') : await this.over.ring();
  }
  calls(): readonly CallRecord[] {
    return this.callRecords;
  }
  async answerCall(callId: string, _sound?: Int16Array): Promise<CallRecord> {
    this.#do('answerCall', callId);
    return this.over.answerCall === undefined ? this.#callInState(callId, 'talking') : await this.over.answerCall(callId);
  }
  async endCall(callId: string): Promise<CallRecord> {
    this.#do('endCall', callId);
    return this.over.endCall === undefined ? this.#callInState(callId, 'ended') : await this.over.endCall(callId);
  }
  async heardInCall(_callId: string): Promise<Int16Array> {
    return this.calledSound;
  }
  async updateImage(_name: string): Promise<{ name: string; version: string; data: Uint8Array } | null> {
    return this.image;
  }
  async offerUpdate(update: { version: string; data: Uint8Array }): Promise<void> {
    this.#do('offerUpdate', update);
    await this.over.offerUpdate?.(update);
  }
  async ping(payloadBytes: number, timeoutMs: number): Promise<number | null> {
    const backMs = this.conversation === null ? null : this.onPing(payloadBytes);
    await this.#bench.sleep(Math.min(backMs ?? timeoutMs, timeoutMs));
    return backMs === null || backMs > timeoutMs ? null : backMs;
  }
  async impair(impairment: LinkImpairment | null): Promise<void> {
    this.impairment = impairment;
    this.#do('impair', impairment);
  }
  async cut(forMs: number): Promise<void> {
    this.#do('cut', forMs);
  }

  /** A call that is under way, and its event. */
  call(stream: CallRecord['stream'], state: CallRecord['state']): CallRecord {
    const callId = `call-${this.callRecords.length + 1}`;
    this.callRecords.push({
      ...{ callId, ...this.name, stream, roomId: `room-${callId}`, contact: { name: 'Talkbench', openId: 'bench' }, state },
      ...{ end: null, code: null, startedWallMs: this.#bench.clock.wallMs(), talkingMs: 0 },
    });
    return this.#callInState(callId, state);
  }
  #callInState(callId: string, state: CallRecord['state']): CallRecord {
    const index = this.callRecords.findIndex((call) => call.callId === callId);
    const before = this.callRecords[index];
    if (before === undefined) throw new TalkError('not-found', { what: 'call', id: callId });
    const call: CallRecord = { ...before, state, end: state === 'ended' ? (before.end ?? 'hung-up-by-user') : null };
    this.callRecords[index] = call;
    this.tell({ kind: 'device.call', callId, stream: call.stream, state, contact: call.contact.name, ...(call.end && { end: call.end }) });
    return call;
  }
  #do(what: keyof BoardDevice, data?: unknown): void {
    this.did.push({ what, atUs: this.#bench.clock.nowUs(), ...(data !== undefined && { data }) });
    (this.on[what] as ((data: unknown) => void) | undefined)?.(data);
  }
}

export class FakeVoice implements BoardVoice {
  readonly speaker: BoardVoice['speaker'];
  readonly ear: BoardVoice['ear'];
  readonly said: { text?: string; pcm?: Int16Array; atUs: number }[] = [];
  /** How the text sounds; a second of silence unless a test says otherwise. Null: nobody said it. */
  onSay: (text: string) => Int16Array | null = () => new Int16Array(16_000);
  /** After a text or a sound has been said. */
  afterSaying: (said: { text?: string; pcm?: Int16Array }) => void = () => {};
  /** What the board's speaker gave since then. */
  onHeard: (fromUs: number) => { pcm: Int16Array; fromUs: number } | null = (fromUs) => ({ pcm: new Int16Array(0), fromUs });
  readonly #bench: FakeBench;

  constructor(bench: FakeBench, speaker: BoardVoice['speaker'], ear: BoardVoice['ear']) {
    this.#bench = bench;
    this.speaker = speaker;
    this.ear = ear;
  }
  async say(text: string): Promise<{ pcm: Int16Array | null; startUs: number; endUs: number } | null> {
    if (this.speaker === 'none') return null;
    const pcm = this.onSay(text);
    if (pcm === null) return null;
    const said = await this.#give(pcm, { text });
    return { pcm: this.speaker === 'person' ? null : pcm, ...said };
  }
  async sound(pcm: Int16Array): Promise<{ startUs: number; endUs: number } | null> {
    return this.speaker === 'none' || this.speaker === 'person' ? null : await this.#give(pcm, { pcm });
  }
  async heard(fromUs: number): Promise<{ pcm: Int16Array; fromUs: number } | null> {
    return this.ear === 'none' ? null : this.onHeard(fromUs);
  }
  async #give(pcm: Int16Array, what: { text?: string; pcm?: Int16Array }): Promise<{ startUs: number; endUs: number }> {
    const startUs = this.#bench.clock.nowUs();
    this.said.push({ ...what, atUs: startUs });
    await this.#bench.sleep((pcm.length * 1000) / 16_000);
    this.afterSaying(what);
    return { startUs, endUs: this.#bench.clock.nowUs() };
  }
}
