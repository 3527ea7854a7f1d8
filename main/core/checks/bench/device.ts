import { decodeWav, encodeWav } from '../../../../pipeline/audio/wav.ts';
import type { Conversation } from '../../../../pipeline/conversation.ts';
import { orAborted } from '../../../../pipeline/engines/abort.ts';
import { type DeviceName, deviceId } from '../../../../pipeline/gateways/devices.ts';
import type { LinkImpairment } from '../../../../preload/contract/checks.ts';
import type { CallRecord, LiveDevice } from '../../../../preload/contract/cloud/twetalk.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import type { Clock } from '../../../../preload/contract/time.ts';
import type { Devices } from '../../devices/registry.ts';
import type { CallHandlers } from '../../endpoint/handlers.ts';
import type { Links } from '../../link/links.ts';
import type { RerunClaims } from '../../replay/rerun/claims.ts';
import type { Bench, BoardDevice, Waiting } from '../bench.ts';
import { CheckAgent, soundWord } from './agent.ts';
import type { DeviceHistory } from './history.ts';
import type { Observed } from './observed.ts';

const SAMPLE_RATE = 16_000;
/** Who calls the board: the bench, as a mini-program. */
const caller = { name: 'Talkbench', openId: 'oTalkbenchCheck00000000000000001' };
/** A board wakes by itself within this, or a person is asked to wake it. */
const BY_ITSELF_MS = 4000;
const WAKE_AGAIN_MS = 1500;
/** A turn's beginning, and what a slow link adds to its end. */
const PLAY_BEGINS_MS = 10_000;
const PLAY_ENDS_MS = 15_000;
/** What a call's other end says has to end some time. */
const LONGEST_CALL_SOUND = SAMPLE_RATE * 120;

type CloudCalls = Pick<
  CallHandlers,
  | 'device.control'
  | 'device.action'
  | 'calls.ring'
  | 'calls.answer'
  | 'calls.hangUp'
  | 'calls.heard'
  | 'ota.addFile'
  | 'ota.removeFile'
  | 'ota.update'
>;

/** What of the clouds a check reaches a device through. */
export interface DeviceCloud {
  calls: CloudCalls;
  live(): readonly LiveDevice[];
  callRecords(): readonly CallRecord[];
  conversation(conversationId: string): Conversation | undefined;
  ping(device: DeviceName, payloadBytes: number, timeoutMs: number): Promise<number | null>;
  firmware(name: string): Promise<{ name: string; version: string; data: Uint8Array } | null>;
}

export interface CheckedDeviceDeps {
  clock: Clock;
  cloud: DeviceCloud;
  devices: Pick<Devices, 'list'>;
  claims: Pick<RerunClaims, 'adjust' | 'peerOf'>;
  links: Pick<Links, 'impair' | 'cut' | 'readmit'>;
  observed: Observed;
  /** Wakes a board that is software; null where only a person or the board itself can. */
  wake: (() => Promise<void>) | null;
  /** What was flashed onto the board last, where its bytes are still there. */
  flashed(): Promise<{ name: string; version: string; data: Uint8Array } | null>;
}

/** The device for one check; `end` takes back whatever the check left. */
export class CheckedDevice implements BoardDevice {
  readonly name: DeviceName;
  readonly #deps: CheckedDeviceDeps;
  readonly #history: DeviceHistory;
  readonly #bench: Pick<Bench, 'signal' | 'ask' | 'isUnattended'>;
  readonly #agent: CheckAgent;
  readonly #context: { signal: AbortSignal; role: 'operator' };
  readonly #offered: string[] = [];
  readonly #calls = new Set<string>();
  /** What stood before the check; undefined: the check has not touched it. */
  #impairedBefore: LinkImpairment | null | undefined;
  #isCut = false;
  #isWakingUnanswered = false;
  #wakeAskedUs: number | null = null;

  constructor(name: DeviceName, history: DeviceHistory, bench: Pick<Bench, 'signal' | 'ask' | 'isUnattended'>, deps: CheckedDeviceDeps) {
    this.name = { productId: name.productId, deviceName: name.deviceName };
    this.#history = history;
    this.#bench = bench;
    this.#deps = deps;
    this.#agent = new CheckAgent({ ...deps, device: this.name });
    this.#context = { signal: bench.signal, role: 'operator' };
  }

  record: BoardDevice['record'] = () => this.#deps.devices.list().find((device) => deviceId(device) === deviceId(this.name)) ?? null;
  property: BoardDevice['property'] = (id) => this.record()?.properties[id];
  events: BoardDevice['events'] = (sinceUs) => this.#history.events.since(sinceUs);
  packets: BoardDevice['packets'] = (track, sinceUs) => this.#history.packets.since(sinceUs).filter((packet) => packet.track === track);

  until: BoardDevice['until'] = (kind, { accept, ...waiting }) => {
    type Wanted = NonNullable<Awaited<ReturnType<BoardDevice['until']>>>;
    const isWanted = accept as ((event: Wanted) => boolean) | undefined;
    const found = this.#history.events.until((event) => event.kind === kind && (isWanted?.(event) ?? true), waiting, this.#bench.signal);
    return found as ReturnType<typeof this.until<typeof kind>>;
  };

  conversationId(): string | null {
    return this.#deps.observed.conversationsOf(this.name).at(-1)?.conversationId ?? null;
  }

  isWakingUnanswered(): boolean {
    return this.#isWakingUnanswered;
  }
  wakeAskedUs(): number | null {
    return this.#wakeAskedUs;
  }

  async connected(timeoutMs: number): Promise<string | null> {
    this.#isWakingUnanswered = false;
    this.#wakeAskedUs = null;
    const there = this.conversationId();
    if (there !== null) return there;
    const { clock, wake } = this.#deps;
    const sinceUs = clock.nowUs();
    const elapsedMs = () => (clock.nowUs() - sinceUs) / 1000;
    /** Until so much after the beginning. */
    const waiting = (untilMs: number): Waiting => ({ sinceUs, timeoutMs: Math.max(0, Math.min(untilMs, timeoutMs) - elapsedMs()) });
    if (wake !== null) {
      // Again, as who is not heard does: a board that has not noticed yet that its connection is gone does not open another.
      for (;;) {
        void wake().catch(() => {});
        const opened = await this.#opened(waiting(elapsedMs() + WAKE_AGAIN_MS));
        if (opened !== null || elapsedMs() >= timeoutMs) return opened;
      }
    }
    const byItself = await this.#opened(waiting(this.#bench.isUnattended ? timeoutMs : BY_ITSELF_MS));
    if (byItself !== null || this.#bench.isUnattended) return byItself;
    // Whoever wakes it need not say so; whoever says so waits for no more than what is left.
    const over = new AbortController();
    this.#isWakingUnanswered = true;
    this.#wakeAskedUs = clock.nowUs();
    const { promise: refused, resolve: refuse } = Promise.withResolvers<null>();
    this.#bench.ask({ ask: 'wake', data: {}, kind: 'do' }, over.signal).then(
      (answer) => {
        this.#isWakingUnanswered = answer === 'nobody';
        if (answer !== 'done') refuse(null);
      },
      () => {},
    );
    try {
      return await Promise.race([this.#opened(waiting(timeoutMs)), refused]);
    } finally {
      over.abort();
    }
  }

  configure(over: { settings?: Record<string, Record<string, unknown>>; script?: unknown }): void {
    this.#agent.configure(over);
  }
  say(text: string): void {
    this.#conversation().say(text);
  }
  text(text: string): void {
    this.#conversation().text(text, { initiator: 'injected', isSpoken: true });
  }
  interrupt(): void {
    this.#open()?.interrupt('check');
  }
  hangUp(): void {
    this.#open()?.close('check');
  }

  async play(pcm: Int16Array): Promise<{ firstFrameUs: number; lastFrameUs: number }> {
    const conversation = this.#conversation();
    const sinceUs = this.#deps.clock.nowUs();
    this.#agent.sounds(pcm);
    try {
      conversation.say(soundWord);
      const asked = await this.until('tts.request', {
        ...{ sinceUs, timeoutMs: PLAY_BEGINS_MS },
        accept: ({ text }) => text.toLowerCase().includes(soundWord),
      });
      if (asked === null) throw this.#unplayed(sinceUs, PLAY_BEGINS_MS);
      const isIt = (event: { conversationId: string; turnId: number }) =>
        event.conversationId === asked.conversationId && event.turnId === asked.turnId;
      const timeoutMs = (pcm.length * 1000) / SAMPLE_RATE + PLAY_ENDS_MS;
      const first = await this.until('downlink.first-frame', { sinceUs, timeoutMs: PLAY_BEGINS_MS, accept: isIt });
      const last = await this.until('downlink.last-frame', { sinceUs, timeoutMs, accept: isIt });
      if (first === null || last === null) throw this.#unplayed(sinceUs, timeoutMs);
      return { firstFrameUs: first.atUs, lastFrameUs: last.atUs };
    } finally {
      this.#agent.sounds(null);
    }
  }

  #unplayed(sinceUs: number, timeoutMs: number): TalkError {
    const hasLeft = this.events(sinceUs).some(({ kind }) => kind === 'conversation.closed');
    return hasLeft ? new TalkError('check/board-left', {}) : new TalkError('timeout', { operation: 'reference sound', timeoutMs });
  }

  async control(properties: Record<string, unknown>): Promise<void> {
    await this.#deps.cloud.calls['device.control']({ ...this.name, properties }, this.#context);
  }
  async action(actionId: string, params: Record<string, unknown>): Promise<{ code: number; response: unknown }> {
    const { response } = await this.#deps.cloud.calls['device.action']({ ...this.name, actionId, params }, this.#context);
    return { code: 0, response };
  }
  tools: BoardDevice['tools'] = () => {
    const conversationId = this.conversationId();
    return conversationId === null ? [] : (this.#deps.claims.peerOf(conversationId)?.tools() ?? []);
  };
  contacts: BoardDevice['contacts'] = () =>
    this.#deps.cloud.live().find((device) => deviceId(device) === deviceId(this.name))?.contacts ?? [];

  async ring(sound?: Int16Array): Promise<CallRecord> {
    return this.#callOf(await this.#deps.cloud.calls['calls.ring']({ ...this.name, caller, audio: audioOf(sound) }, this.#context));
  }
  calls: BoardDevice['calls'] = () => this.#deps.cloud.callRecords().filter((call) => deviceId(call) === deviceId(this.name));
  async answerCall(callId: string, sound?: Int16Array): Promise<CallRecord> {
    return this.#callOf(await this.#deps.cloud.calls['calls.answer']({ callId, audio: audioOf(sound) }, this.#context));
  }
  endCall(callId: string): Promise<CallRecord> {
    return this.#deps.cloud.calls['calls.hangUp']({ callId }, this.#context);
  }
  async heardInCall(callId: string): Promise<Int16Array> {
    const { wav } = await this.#deps.cloud.calls['calls.heard']({ callId }, this.#context);
    return decodeWav(wav).channels[0] ?? new Int16Array(0);
  }

  updateImage: BoardDevice['updateImage'] = (name) => (name === '' ? this.#deps.flashed() : this.#deps.cloud.firmware(name));

  async offerUpdate({ version, data }: { version: string; data: Uint8Array }): Promise<void> {
    const { calls } = this.#deps.cloud;
    // A name of its own: a file of the same content that a user keeps is another one.
    const name = `check-${this.name.deviceName}-${this.#deps.clock.nowUs()}.bin`;
    const file = await calls['ota.addFile']({ name, version, data: Uint8Array.from(data) }, this.#context);
    this.#offered.push(file.id);
    await calls['ota.update']({ ...this.name, fileId: file.id, fault: 'none' }, this.#context);
  }

  ping(payloadBytes: number, timeoutMs: number): Promise<number | null> {
    return orAborted(this.#deps.cloud.ping(this.name, payloadBytes, timeoutMs), this.#bench.signal);
  }

  async impair(impairment: LinkImpairment | null): Promise<void> {
    const before = this.#deps.links.impair(this.name, impairment);
    if (this.#impairedBefore === undefined) this.#impairedBefore = before;
  }
  async cut(forMs: number): Promise<void> {
    this.#isCut = forMs > 0;
    this.#deps.links.cut(this.name, forMs);
  }

  /** Never rejects. */
  async end(): Promise<void> {
    this.#agent.release();
    if (this.#impairedBefore !== undefined) this.#deps.links.impair(this.name, this.#impairedBefore);
    // A check that was ended in the middle leaves no board outside.
    if (this.#isCut) this.#deps.links.readmit(this.name);
    const context = { signal: new AbortController().signal, role: 'operator' } as const;
    for (const { callId, state } of this.calls())
      if (state !== 'ended' && this.#calls.has(callId)) await this.#deps.cloud.calls['calls.hangUp']({ callId }, context).catch(() => {});
    // One that is still being fetched stays.
    for (const id of this.#offered) await this.#deps.cloud.calls['ota.removeFile']({ id }, context).catch(() => {});
  }

  #callOf(call: CallRecord): CallRecord {
    this.#calls.add(call.callId);
    return call;
  }

  async #opened(waiting: Waiting): Promise<string | null> {
    const opened = await this.until('conversation.opened', waiting);
    return opened?.conversationId ?? this.conversationId();
  }

  #open(): Conversation | undefined {
    const id = this.conversationId();
    return id === null ? undefined : this.#deps.cloud.conversation(id);
  }

  #conversation(): Conversation {
    const conversation = this.#open();
    if (conversation === undefined) throw new TalkError('not-found', { what: 'conversation', id: deviceId(this.name) });
    return conversation;
  }
}

function audioOf(sound: Int16Array | undefined) {
  if (sound === undefined || sound.length === 0) return { kind: 'silence' as const };
  const wav = encodeWav({ channels: [sound.subarray(0, LONGEST_CALL_SOUND)], sampleRate: SAMPLE_RATE });
  return { kind: 'wav' as const, wav, isRepeated: false };
}
