import { randomUUID } from 'node:crypto';
import type { XiaozhiBoard } from '../../../preload/contract/cloud/xiaozhi.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { ConversationSettings, Settings } from '../../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Conversation, ConversationPeer, StartConversation } from '../../conversation.ts';
import type { Observer } from '../../observer.ts';
import { type DeviceName, deviceId } from '../devices.ts';
import type { Hello } from './hello.ts';
import { McpClient } from './mcp.ts';
import { type BoardMessage, isWakeWord, type ListenMode, withoutTokens } from './messages.ts';
import { BoardSpeech } from './speech.ts';

/** A board takes its channel for closed when nothing has come for so long (reference/voice.md §4.2). */
const SILENCE_US = 120_000_000;
/** The photo is taken, sent here, and asked about meanwhile. */
const PHOTO_TIMEOUT_MS = 30_000;
const NO_ROOM = Number.MAX_SAFE_INTEGER;

/** The way to one board: WebSocket messages, or MQTT for JSON and UDP for audio. */
export interface BoardWire {
  readonly transport: 'websocket' | 'udp';
  readonly protocolVersion: number;
  sendJson(text: string): void;
  sendAudio(packet: Uint8Array, timestampMs: number): void;
  bufferedBytes(): number;
  /** Over UDP nothing can be sent before the board's first datagram. */
  isReachable(): boolean;
  /** In the protocol's way; called once. */
  close(reason: string): void;
}

export interface ChannelDeps {
  clock: Clock;
  observer: Observer;
  settings: () => Settings;
  conversationSettings: (device: DeviceName, language: 'zh' | 'en') => () => ConversationSettings;
  startConversation: StartConversation;
  /** Where this board may send photos to be asked about. */
  vision: { url: string; token: string } | null;
  /** Something that the bench shows of it has changed. */
  onChange: () => void;
}

export interface ChannelOptions {
  device: DeviceName;
  clientId: string;
  language: 'zh' | 'en';
  hello: Hello;
  /** As received, tokens removed. */
  query: Record<string, string>;
}

/**
 * An open audio channel of one board, from its hello to its close; over any wire. The conversation begins with the first `listen`: what
 * is said before it drops a board out of its state machine (§4.4, 2).
 */
export class Channel {
  readonly conversationId = randomUUID();
  readonly device: DeviceName;
  readonly mcp: McpClient;
  readonly #wire: BoardWire;
  readonly #deps: ChannelDeps;
  readonly #options: ChannelOptions;
  readonly #speech: BoardSpeech;
  readonly #ended = new AbortController();
  readonly #openedWallMs: number;
  #conversation: Conversation | null = null;
  #mode: ListenMode | null = null;
  #isListening = false;
  /** Typed before the conversation could begin. */
  #typed: string | null = null;
  #lastSentUs: MonoUs;
  #cancelSilence: () => void;
  #resolveClosed: () => void = () => {};
  readonly closed: Promise<void>;

  constructor(wire: BoardWire, options: ChannelOptions, deps: ChannelDeps) {
    this.#wire = wire;
    this.#options = options;
    this.#deps = deps;
    this.device = options.device;
    this.#openedWallMs = deps.clock.wallMs();
    this.#lastSentUs = deps.clock.nowUs();
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#speech = new BoardSpeech({
      clock: deps.clock,
      settings: () => deps.settings().xiaozhi,
      isFlushNeeded: () => this.#mode === 'realtime' && deps.settings().xiaozhi.isFlushForced,
      language: options.language,
      send: (message) => this.send(message),
    });
    this.mcp = new McpClient({
      clock: deps.clock,
      send: (payload) => this.send({ type: 'mcp', payload }),
      timeoutMs: () => deps.settings().xiaozhi.toolTimeoutMs,
      onTools: deps.onChange,
    });
    this.#cancelSilence = this.#watchSilence();
  }

  get conversation(): Conversation | null {
    return this.#conversation;
  }

  get isOpen(): boolean {
    return !this.#ended.signal.aborted;
  }

  /** As the bench shows it. */
  get board(): XiaozhiBoard {
    const { transport, protocolVersion } = this.#wire;
    const resting = this.#isListening ? 'listening' : 'idle';
    return {
      deviceName: this.device.deviceName,
      clientId: this.#options.clientId,
      transport,
      protocolVersion,
      conversationId: this.conversationId,
      openedWallMs: this.#openedWallMs,
      mode: this.#mode,
      state: this.#mode === null ? 'connecting' : this.#speech.isSpeaking ? 'speaking' : resting,
      tools: [...this.mcp.tools],
    };
  }

  /** After the hello's answer has been sent. */
  open(): void {
    if (this.#options.hello.hasMcp) void this.mcp.open(this.#deps.vision, this.#ended.signal);
  }

  receive(message: BoardMessage, text: string, receivedUs: MonoUs): void {
    if (!this.isOpen) return;
    switch (message.kind) {
      case 'listen-start':
        this.#record('up', 'listen start', text);
        this.#listen(message.mode, receivedUs);
        return;
      case 'listen-stop':
        this.#record('up', 'listen stop', text);
        this.#isListening = false;
        this.#conversation?.listen('stop', receivedUs);
        this.#deps.onChange();
        return;
      case 'listen-detect':
        this.#record('up', 'listen detect', text);
        this.#detected(message.text);
        return;
      case 'abort':
        this.#record('up', 'abort', text);
        this.#abort(message.reason);
        return;
      case 'mcp':
        if (this.mcp.receive(message.payload)) this.#record('up', 'mcp', text);
        else this.#record('up', 'mcp', text, { isUnknown: true, note: 'nobody asked for it' });
        return;
      case 'iot':
        this.#record('up', 'iot', text, { note: 'things of older firmware: not used' });
        return;
      case 'goodbye':
        this.#record('up', 'goodbye', text);
        this.end('goodbye');
        return;
      case 'hello':
        this.#record('up', 'hello', text, { isUnknown: true, note: 'the channel is open already' });
        return;
      case 'unknown':
        this.#record('up', message.type || 'message without a type', text, { isUnknown: true });
    }
  }

  /** One packet from the microphone. What comes before the board listens, a wake word's sound above all, is nobody's question (§4.4, 7). */
  audio(packet: Uint8Array, receivedUs: MonoUs): void {
    if (!this.isOpen || packet.length === 0) return;
    this.#begin();
    // In manual mode the last packets come after `listen stop`: the conversation takes one and leaves the others.
    if (this.#isListening || this.#mode === 'manual') this.#conversation?.uplink(packet, receivedUs);
  }

  /** A message of the session, `session_id` put in. Throws nothing. */
  send(message: Record<string, unknown>): void {
    if (!this.isOpen) return;
    const { type, session_id: _, ...rest } = message;
    const text = JSON.stringify({ session_id: this.conversationId, type, ...rest });
    this.#record('down', [type, message.state].filter((word) => typeof word === 'string').join(' '), text);
    this.#lastSentUs = this.#deps.clock.nowUs();
    this.#wire.sendJson(text);
    if (type === 'tts') this.#deps.onChange();
  }

  /** Ends it from our side: the board is told in its wire's way. */
  close(reason: string): void {
    if (!this.isOpen) return;
    this.#speech.close();
    this.end(reason);
    this.#wire.close(reason);
  }

  /** It is over, as the board or its connection said. */
  end(reason: string): void {
    if (!this.isOpen) return;
    this.#ended.abort(new TalkError('cancelled'));
    this.#cancelSilence();
    this.mcp.close();
    this.#speech.close();
    const { closed } = this.#conversation ?? { closed: Promise.resolve() };
    void closed.then(this.#resolveClosed, this.#resolveClosed);
    this.#conversation?.close(reason);
    this.#deps.onChange();
  }

  #listen(mode: ListenMode, receivedUs: MonoUs): void {
    this.#mode = mode;
    this.#isListening = true;
    if (this.#conversation === null) this.#begin();
    else if (mode === 'manual') this.#conversation.listen('start', receivedUs);
    this.#deps.onChange();
  }

  #abort(reason: string): void {
    const { stops } = this.#speech;
    this.#conversation?.interrupt(reason === '' ? 'abort' : reason);
    // Also where nothing was being said: a board whose button was pressed waits for it in Speaking (§4.4, 5).
    if (this.#speech.stops === stops) this.#speech.interrupted();
    this.#deps.onChange();
  }

  #detected(text: string): void {
    if (isWakeWord(text, this.#deps.settings().xiaozhi.wakeWords)) return;
    // Pages type in place of listening, and never say `listen start`.
    this.#mode ??= 'auto';
    this.#typed = text;
    this.#begin();
    this.#tellTyped();
  }

  #tellTyped(): void {
    const text = this.#typed;
    if (text === null || this.#conversation === null) return;
    this.#typed = null;
    this.#conversation.text(text, { initiator: 'user-text', isSpoken: true });
  }

  /** Starts the conversation as soon as the board listens and can be reached. */
  #begin(): void {
    if (this.#conversation !== null || this.#mode === null || !this.#wire.isReachable()) return;
    const { device, clientId, language, hello, query } = this.#options;
    const { sampleRate: _, frameMs } = this.#deps.settings().xiaozhi;
    const isButton = this.#mode === 'manual';
    try {
      this.#conversation = this.#deps.startConversation(
        {
          conversationId: this.conversationId,
          gateway: 'xiaozhi',
          ...device,
          language,
          uplink: { codec: 'opus', sampleRate: 16000, frameMs: hello.frameMs },
          downlink: { codec: 'opus', sampleRate: 16000, frameMs, isVariableRate: true },
          variables: { deviceName: device.deviceName, clientId },
          query,
          settings: this.#conversationSettings(isButton || this.#typed !== null),
        },
        this.#peer(),
      );
    } catch (error) {
      if (!(error instanceof TalkError)) throw error;
      this.#deps.observer.event({ atUs: this.#deps.clock.nowUs(), kind: 'engine.error', stage: 'transport', error: error.value });
      this.close(error.code);
      return;
    }
    const { closed } = this.#conversation;
    // One that ended by itself: nobody said anything, or its time was over.
    closed.then(
      () => this.close('the conversation has ended'),
      () => this.close('the conversation has ended'),
    );
    if (isButton && this.#isListening) this.#conversation.listen('start', this.#deps.clock.nowUs());
    this.#tellTyped();
  }

  /** Manual mode is push-to-talk, whatever the bench's setting for open microphones. */
  #conversationSettings(isGreetingOff: boolean): () => ConversationSettings {
    const { device, language } = this.#options;
    const read = this.#deps.conversationSettings(device, language);
    return () => {
      const settings = read();
      const input = this.#mode === 'manual' ? 'push-to-talk' : 'open';
      const isSilent = isGreetingOff || !this.#deps.settings().xiaozhi.isGreeting;
      const greeting = isSilent ? { greetingZh: '', greetingEn: '' } : {};
      // The board's own times are what ends its tools: a camera's is longer than the agent's for all.
      const toolTimeoutMs = Math.max(settings.agent.toolTimeoutMs, ...this.mcp.tools.map(({ name }) => this.#timeoutOf(name)));
      const agent = { ...settings.agent, ...greeting, toolTimeoutMs };
      return { ...settings, agent, turns: { ...settings.turns, input } };
    };
  }

  #peer(): ConversationPeer {
    return {
      sendAudio: (packet, mediaUs) => {
        if (!this.isOpen) return;
        this.#lastSentUs = this.#deps.clock.nowUs();
        this.#wire.sendAudio(packet, Math.max(0, Math.round(mediaUs / 1000)));
      },
      // What is full is not fed: audio waits in the pacer until the board takes it.
      bufferedBytes: () => (this.#speech.mayPlay() && this.#wire.isReachable() ? this.#wire.bufferedBytes() : NO_ROOM),
      tell: (message) => this.#speech.tell(message),
      callTool: (name, parameters, signal) => this.callTool(name, parameters, signal),
      tools: () => this.mcp.tools.filter(({ isUserOnly }) => !isUserOnly),
      close: (reason) => this.close(reason),
    };
  }

  /** Rejects with TalkError 'tool/timeout' | 'tool/failed'. */
  callTool(name: string, parameters: Record<string, unknown>, signal: AbortSignal): Promise<unknown> {
    return this.mcp.call(name, parameters, { timeoutMs: this.#timeoutOf(name), signal });
  }

  #timeoutOf(tool: string): number {
    const { toolTimeoutMs } = this.#deps.settings().xiaozhi;
    return /camera|photo/u.test(tool) ? Math.max(PHOTO_TIMEOUT_MS, toolTimeoutMs) : toolTimeoutMs;
  }

  /** Closed by us at the moment the board stops believing in it: what is said later would be said to nobody (§4.2). */
  #watchSilence(): () => void {
    const { clock } = this.#deps;
    const dueUs = (this.#lastSentUs + SILENCE_US) as MonoUs;
    return clock.at(dueUs, () => {
      if (clock.nowUs() - this.#lastSentUs >= SILENCE_US) this.close('120 s of silence');
      else this.#cancelSilence = this.#watchSilence();
    });
  }

  #record(direction: 'up' | 'down', name: string, text: string, more: { isUnknown?: true; note?: string } = {}): void {
    this.#deps.observer.event({
      atUs: this.#deps.clock.nowUs(),
      kind: 'wire.message',
      conversationId: this.conversationId,
      gateway: 'xiaozhi',
      channel: this.#wire.transport === 'websocket' ? 'websocket' : 'mqtt',
      direction,
      name,
      deviceId: deviceId(this.device),
      text: withoutTokens(text),
      ...more,
    });
  }
}
