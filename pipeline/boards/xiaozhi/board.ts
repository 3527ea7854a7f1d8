import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { createOpusDecoder, createOpusEncoder } from '../../audio/opus.ts';
import type { BinaryVersion } from '../../gateways/xiaozhi/binary.ts';
import type { ListenMode } from '../../gateways/xiaozhi/messages.ts';
import { Microphone } from '../twetalk/microphone.ts';
import { type ReceivedAudio, Recording } from '../twetalk/recording.ts';
import { Application, type BoardState } from './application.ts';
import type { BoardLink, LinkEvents } from './link.ts';
import { type BoardTool, createMcpServer } from './mcp-server.ts';
import { createMqttLink, type MqttSection } from './mqtt-link.ts';
import { type BoardThings, boardTools } from './tools.ts';
import { createWebSocketLink } from './websocket-link.ts';

/** A channel on which nothing came for so long counts as closed (reference/voice.md §4.2). */
const CHANNEL_TIMEOUT_US = 120_000_000;
const FRAME_MS = 60;
const FRAME_SAMPLES = FRAME_MS * 16;

export type ServerAddress =
  | { kind: 'websocket'; url: string; token: string; version: BinaryVersion }
  | { kind: 'mqtt'; mqtt: MqttSection }
  /** Something else that leads there: a wire on a virtual clock. */
  | { kind: 'link'; create: (events: LinkEvents) => BoardLink };

/** 16 kHz mono in and out; in place of Opus where hundreds of boards are played on one machine, or sound is no matter. */
export interface BoardCodec {
  encode(pcm: Int16Array): Uint8Array;
  decode(packet: Uint8Array): Int16Array;
  close(): void;
}

export interface XiaozhiBoardOptions {
  clock: Clock;
  server: ServerAddress;
  /** Its MAC. */
  deviceName: string;
  clientId: string;
  codec?: BoardCodec;
  isC3?: boolean;
  photo?: Uint8Array;
  /** In place of its own. */
  tools?: readonly BoardTool[];
  /** What it sends comes from `sendAudio` alone: its microphone is elsewhere. */
  isMicrophoneElsewhere?: boolean;
  /** What wakes it, sent before it listens: its sound, 16 kHz mono, and its name (CONFIG_SEND_WAKE_WORD_DATA). */
  wakeWord?: { text: string; pcm: Int16Array };
  onState?: (state: BoardState) => void;
  /** Of the session, both ways, as they stand. */
  onMessage?: (direction: 'up' | 'down', message: Record<string, unknown>) => void;
  onAudible?: (atUs: MonoUs) => void;
}

/** A virtual xiaozhi board: what its user does to it, and what it heard and stumbled over. */
export interface XiaozhiBoard {
  readonly state: BoardState;
  readonly sessionId: string;
  readonly things: BoardThings;
  /** What a real board would have dropped, truncated or died of; empty after a conversation with a sound server. */
  readonly violations: readonly string[];
  readonly toolCalls: readonly { name: string; arguments: unknown }[];
  readonly sampleRate: number;
  /** Wakes it: opens the channel if need be and listens. Rejects with TalkError 'talk/refused'. */
  wake(mode: ListenMode): Promise<void>;
  /** The button: tapped, or held in manual mode. */
  press(mode?: ListenMode): void;
  release(): void;
  wakeWord(text: string): void;
  /** 16 kHz mono into the microphone; resolves when the last of it was taken, whether the microphone was on or not. */
  speak(pcm: Int16Array): Promise<void>;
  /** Says something of its own: what no button does. */
  send(message: Record<string, unknown>): void;
  sendAudio(packet: Uint8Array): void;
  receivedAudio(): ReceivedAudio;
  close(): Promise<void>;
}

export function createXiaozhiBoard(options: XiaozhiBoardOptions): XiaozhiBoard {
  const { clock, deviceName, clientId } = options;
  const codec = options.codec ?? opusCodec();
  const violations: string[] = [];
  const toolCalls: { name: string; arguments: unknown }[] = [];
  const recording = new Recording();
  const things: BoardThings = { volume: 70, brightness: 75, vision: null };
  let sessionId = '';
  let sampleRate = 0;
  let isClosed = false;
  let lastReceivedUs = clock.nowUs();
  const onViolation = (what: string) => void violations.push(what);

  const events: LinkEvents = {
    onMessage(message) {
      lastReceivedUs = clock.nowUs();
      options.onMessage?.('down', message);
      if (message.type === 'mcp') mcp.receive(message.payload);
      application.message(message);
    },
    onAudio(packet) {
      lastReceivedUs = clock.nowUs();
      recording.received(packet, lastReceivedUs);
      application.audio(packet);
    },
    onClosed: () => application.channelClosed(),
    onViolation,
  };
  const link = createLink(options, events);
  const application = new Application({
    clock,
    decode: codec.decode,
    send,
    closeChannel: () => link.closeChannel(),
    onState: (state) => options.onState?.(state),
    onPlayed: (pcm, atUs) => recording.played(pcm, atUs),
    onAudible: (atUs) => options.onAudible?.(atUs),
    onViolation,
    ...(options.isC3 !== undefined && { isC3: options.isC3 }),
  });
  const mcp = createMcpServer({
    boardName: 'talkbench-virtual',
    tools: options.tools ?? boardTools(things, { deviceName, clientId }, options.photo),
    send: (payload) => send({ type: 'mcp', payload }),
    onVision(vision) {
      things.vision = vision;
    },
    onCalled: (name, values) => void toolCalls.push({ name, arguments: values }),
    onViolation,
  });
  const microphone = new Microphone({
    clock,
    frameMs: FRAME_MS,
    isLive: options.isMicrophoneElsewhere === true,
    onFrame(pcm) {
      if (application.isMicrophoneOn && link.isOpen) link.sendAudio(codec.encode(pcm));
    },
  });

  function send(message: Record<string, unknown>): void {
    options.onMessage?.('up', message);
    link.send(message);
  }

  /** Two seconds at once, as they were kept while nobody was connected (§4.4, 7). */
  function sendWakeWord(): void {
    if (options.wakeWord === undefined) return;
    const { text, pcm } = options.wakeWord;
    for (let at = 0; at < pcm.length; at += FRAME_SAMPLES) {
      const frame = new Int16Array(FRAME_SAMPLES);
      frame.set(pcm.subarray(at, at + FRAME_SAMPLES));
      link.sendAudio(codec.encode(frame));
    }
    send({ type: 'listen', state: 'detect', text });
  }

  async function wake(mode: ListenMode): Promise<void> {
    if (link.isOpen && clock.nowUs() - lastReceivedUs < CHANNEL_TIMEOUT_US) {
      application.press(mode);
      return;
    }
    if (link.isOpen) link.closeChannel();
    await application.atRest();
    if (isClosed) throw new TalkError('cancelled');
    application.connecting(mode);
    try {
      const hello = await link.open();
      sessionId = hello.sessionId;
      sampleRate = hello.sampleRate;
    } catch (error) {
      application.channelClosed();
      throw error;
    }
    lastReceivedUs = clock.nowUs();
    sendWakeWord();
    microphone.open();
    application.opened();
  }

  return {
    get state() {
      return application.state;
    },
    get sessionId() {
      return sessionId;
    },
    get sampleRate() {
      return sampleRate;
    },
    things,
    violations,
    toolCalls,
    wake,
    press: (mode) => application.press(mode),
    release: () => application.release(),
    wakeWord: (text) => application.wakeWord(text),
    speak: (pcm) => microphone.speak(pcm),
    send,
    sendAudio: (packet) => link.sendAudio(packet),
    receivedAudio: () => recording.snapshot(),
    async close() {
      isClosed = true;
      application.stop();
      microphone.close();
      await link.close();
      codec.close();
    },
  };
}

function createLink(options: XiaozhiBoardOptions, events: LinkEvents): BoardLink {
  const { clock, server, deviceName, clientId } = options;
  const audio = { format: 'opus', sample_rate: 16000, channels: 1, frame_duration: FRAME_MS };
  const hello = { type: 'hello', features: { mcp: true }, audio_params: audio };
  if (server.kind === 'link') return server.create(events);
  if (server.kind === 'mqtt') {
    return createMqttLink({ clock, mqtt: server.mqtt, hello: { ...hello, version: 3, transport: 'udp' }, ...events });
  }
  const { url, token, version } = server;
  const own = { ...hello, version, transport: 'websocket' };
  return createWebSocketLink({ clock, url, token, deviceName, clientId, version, hello: own, ...events });
}

/** As the firmware encodes: 60 ms, variable rate, the least effort. */
function opusCodec(): BoardCodec {
  const encoder = createOpusEncoder({ sampleRate: 16000, channels: 1, bitrate: 24000, frameMs: FRAME_MS, isCbr: false, complexity: 0 });
  const decoder = createOpusDecoder({ sampleRate: 16000, channels: 1 });
  return {
    encode: (pcm) => encoder.encode(pcm),
    decode: (packet) => decoder.decode(packet),
    close() {
      encoder.close();
      decoder.close();
    },
  };
}

/** The address that a configuration sends the board to: MQTT where there is one (§4.1). */
export function serverOf(configuration: {
  websocket: { url: string; token: string; version: number } | null;
  mqtt: MqttSection | null;
}): ServerAddress {
  const { websocket, mqtt } = configuration;
  if (mqtt !== null) return { kind: 'mqtt', mqtt };
  if (websocket === null) throw new TalkError('talk/refused', { stage: 'ota', reason: 'no server for this board' });
  const version = websocket.version === 2 || websocket.version === 3 ? websocket.version : 1;
  return { kind: 'websocket', url: websocket.url, token: websocket.token, version };
}
