import { randomBytes, randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket } from 'ws';
import type { ThingModel } from '../../../preload/contract/agents.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { ConversationSettings, Settings } from '../../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { toolsOf } from '../../agent/thing-model/tools.ts';
import type { Conversation, ConversationPeer, StartConversation } from '../../conversation.ts';
import type { Observer } from '../../observer.ts';
import { type DeviceName, deviceId } from '../devices.ts';
import { oneWrite } from '../one-write.ts';
import { RealTime } from '../real-time.ts';
import { parseObject, redact } from './board-text.ts';
import { callTool, callToolName } from './calls/call-tool.ts';
import type { CallLine } from './calls/line.ts';
import type { Switchboard } from './calls/switchboard.ts';
import { connectionSettings } from './connection-settings.ts';
import type { DeviceRequests } from './device-requests.ts';
import { encodeFrame, type Frame } from './frames.ts';
import { Inbox, type RecordedFacts } from './inbox.ts';
import { type MessageTable, messageTable } from './messages/table.ts';
import { Pings } from './pings.ts';
import type { ConnectionQuery } from './query.ts';
import { fatalError, type RtviMessage, spoken, toRtvi } from './rtvi.ts';
import type { Shadows } from './shadow.ts';
import { soundDurationUs } from './sound-duration.ts';

/** The real server's rhythm: a ping of four random bytes every 20 s, and a board that misses one is gone (§8). */
const PING_INTERVAL_US = 20_000_000;
const PING_BYTES = 4;
/** A board that takes nothing for this much audio and talk (about two minutes of Opus) is not coming back. */
const MAX_BUFFERED_BYTES = 512 * 1024;
/** After our close frame, how long the board may take to answer it. */
const CLOSE_GRACE_US = 2_000_000;
/** What the close frame's reason may hold (RFC 6455 §5.5). */
const CLOSE_REASON_BYTES = 123;

export const closeCodes = { normal: 1000, goingAway: 1001, replaced: 1008, failed: 1011 } as const;
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

export interface VoiceSocket {
  readonly conversationId: string;
  readonly device: DeviceName;
  readonly openedWallMs: number;
  readonly conversation: Conversation;
  readonly line: CallLine;
  /** Sends a message once more: down to the board, or up as if the board had. */
  again(direction: 'up' | 'down', frame: Frame): void;
  /** Milliseconds there and back, behind all that was sent before; null when it is not back in time. */
  ping(payloadBytes: number, timeoutMs: number): Promise<number | null>;
  /** Ends the conversation and the socket. */
  close(reason: string, code?: CloseCode): void;
  /** Resolves when both have ended. */
  readonly closed: Promise<void>;
}

export interface VoiceSocketDeps {
  clock: Clock;
  observer: Observer;
  /** As they stand now, for a conversation of that device in that language. */
  conversationSettings: (device: DeviceName, language: 'zh' | 'en') => () => ConversationSettings;
  startConversation: StartConversation;
  settings: () => Settings;
  requests: DeviceRequests;
  switchboard: Switchboard;
  shadows: Shadows;
  thingModelOf: (productId: string) => ThingModel;
  log: { error(details: object, message: string): void };
}

/**
 * One board's voice connection, `socket` over `stream`: protobuf frames on one side, a Conversation on the other. Returns null when no
 * conversation could be started; the board has been told and the socket closed.
 */
export function openVoiceSocket(
  { socket, stream }: { socket: WebSocket; stream: Duplex },
  device: DeviceName,
  query: ConnectionQuery,
  deps: VoiceSocketDeps,
): VoiceSocket | null {
  const { clock, observer } = deps;
  const writes = oneWrite(stream);
  const pace = new RealTime(clock, socket);
  const pings = new Pings(clock, socket);
  const settings = connectionSettings(deps.conversationSettings(device, query.language), query);
  const table = (): MessageTable => messageTable(deps.settings().twetalk.messages);
  const conversationId = randomUUID();
  const id = deviceId(device);
  let downlinkIndex = 0n;
  /** While a call has the line: where the board's sound goes. */
  let callUplink: ((packet: Uint8Array) => void) | null = null;
  /** As the board asked for it; while a call has the line there is none. */
  let isIdleDetected = true;
  let isEnded = false;
  const timers = new Set<() => void>();

  function record(direction: 'up' | 'down', name: string, { bytes, ...more }: RecordedFacts): void {
    observer.event({
      atUs: clock.nowUs(),
      kind: 'wire.message',
      conversationId,
      gateway: 'twetalk',
      channel: 'websocket',
      direction,
      name,
      deviceId: id,
      ...more,
      // A copy: what came is a view into a buffer that the socket shares between messages.
      ...(bytes === undefined ? {} : { bytes: new Uint8Array(bytes) }),
    });
  }

  function after(us: number, callback: () => void): void {
    const cancel = clock.at((clock.nowUs() + us) as MonoUs, () => {
      timers.delete(cancel);
      callback();
    });
    timers.add(cancel);
  }

  function send(frame: Frame): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    writes.hold();
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      observer.event({ atUs: clock.nowUs(), kind: 'dropped', conversationId, what: 'slow-socket', count: 1 });
      end('slow-socket');
      socket.terminate();
      return;
    }
    socket.send(encodeFrame(frame), { binary: true, fin: true });
  }

  function tell(message: RtviMessage): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    record('down', message.type, { text: message.text });
    send({ kind: 'message', data: message.text });
  }

  function sendAudio(packet: Uint8Array): void {
    downlinkIndex += 1n;
    // pipecat's servers fill id and name; whether the board needs them is not known, so they are there.
    const name = `OutputAudioRawFrame#${downlinkIndex}`;
    send({ kind: 'audio', id: downlinkIndex, name, audio: packet, sampleRate: query.audio.sampleRate, channels: 1 });
    // It has its instant.
    writes.flush();
  }

  const actions = () => toolsOf(deps.thingModelOf(device.productId));
  const ownCallTool = () =>
    settings().agent.tools.some(({ source }) => source === 'call') ? [] : callTool(deps.shadows.of(device).contacts);

  const peer: ConversationPeer = {
    sendAudio(packet) {
      if (callUplink === null) sendAudio(packet);
    },
    bufferedBytes() {
      writes.flush();
      return socket.bufferedAmount;
    },
    tell(message) {
      if (message.kind === 'intent' && message.intent.kind === 'call') {
        deps.switchboard.dial(line, message.intent.contact);
        return;
      }
      // While a call has the line nothing of the agent's is said on it.
      if (callUplink !== null && message.kind !== 'error' && message.kind !== 'intent') return;
      tell(toRtvi(message, { deviceId: id, wallMs: clock.wallMs(), conversationId, table: table() }));
      if (message.kind === 'user-turn' && query.mode === 'vision' && asksToSee(message.text, deps.settings().twetalk.imageWords))
        tell(spoken('request-image', { transcription: message.text }, table()));
    },
    async callTool(name, parameters, signal) {
      if (name === callToolName && !actions().some((action) => action.name === name))
        return { status: deps.switchboard.dial(line, String(parameters.contact)) };
      return deps.requests.action(device, name, parameters, { timeoutMs: settings().agent.toolTimeoutMs, signal });
    },
    tools: () => [...actions(), ...ownCallTool()],
    close: (reason) => close(reason),
  };

  const line: CallLine = {
    device,
    conversationId,
    language: query.language,
    audio: query.audio,
    tell: (event, values) => tell(spoken('call', { event, ...values }, table())),
    putThrough(onUplink) {
      conversation.interrupt('call');
      conversation.setIdleDetection(false);
      callUplink = onUplink;
    },
    send: (packet) => callUplink !== null && sendAudio(packet),
    release(afterwards) {
      callUplink = null;
      if (isEnded) return;
      conversation.interrupt('call over');
      conversation.setIdleDetection(isIdleDetected);
      if (afterwards !== '') conversation.say(afterwards);
    },
  };

  const started = start();
  if (started === null) return null;
  const conversation = started;
  const inbox = new Inbox({
    ...{ clock, query, conversation, line, table, record, tell },
    ...{ settings: deps.settings, switchboard: deps.switchboard, shadows: deps.shadows },
    conversationSettings: settings,
    callUplink: () => callUplink,
    onSound: (packet) => pace.took(soundDurationUs(packet, query.audio)),
    detectIdle(isOn) {
      isIdleDetected = isOn;
      if (callUplink === null) conversation.setIdleDetection(isOn);
    },
    close: (reason) => close(reason),
  });

  function start(): Conversation | null {
    try {
      return deps.startConversation(
        {
          conversationId,
          gateway: 'twetalk',
          ...device,
          language: query.language,
          uplink: query.audio,
          downlink: query.audio,
          variables: query.variables,
          query: query.raw,
          settings,
        },
        peer,
      );
    } catch (error) {
      const value = error instanceof TalkError ? error.value : new TalkError('internal', { id: conversationId }).value;
      tell(fatalError(value.code));
      socket.on('error', () => socket.terminate());
      socket.close(closeCodes.failed, value.code);
      if (!(error instanceof TalkError)) throw error;
      return null;
    }
  }

  let isPongDue = false;
  function ping(): void {
    if (isPongDue) {
      end('ping-timeout');
      socket.terminate();
      return;
    }
    isPongDue = true;
    socket.ping(randomBytes(PING_BYTES));
    after(PING_INTERVAL_US, ping);
  }

  /** What fails behind it is a bug of ours: it costs this one board its conversation. */
  function receive(data: Uint8Array, receivedUs: MonoUs): void {
    try {
      inbox.receive(data, receivedUs);
    } catch (error) {
      deps.log.error({ err: error }, 'a message of a board failed');
      close('internal', closeCodes.failed);
    }
  }

  function end(reason: string): void {
    if (isEnded) return;
    isEnded = true;
    inbox.close();
    deps.switchboard.lineClosed(line);
    conversation.close(reason);
  }

  function close(reason: string, code: CloseCode = closeCodes.normal): void {
    if (socket.readyState === WebSocket.OPEN) {
      socket.close(
        code,
        Buffer.from(reason)
          .subarray(0, CLOSE_REASON_BYTES)
          .toString('utf8')
          .replace(/\uFFFD/g, ''),
      );
      after(CLOSE_GRACE_US, () => socket.terminate());
    }
    end(reason);
  }

  socket.on('message', (data, isBinary) => {
    const receivedUs = clock.nowUs();
    if (isEnded) return;
    if (isBinary) receive(asBytes(data), receivedUs);
    else
      record('up', 'text message', {
        text: redact(asBytes(data).toString('utf8')),
        isUnknown: true,
        note: 'the protocol has binary messages only',
      });
  });
  socket.on('pong', () => {
    isPongDue = false;
  });
  socket.on('error', () => socket.terminate());
  const socketClosed = new Promise<void>((resolve) => {
    socket.on('close', (code) => {
      for (const cancel of timers) cancel();
      pace.close();
      timers.clear();
      record('up', 'close', { note: `code ${code}` });
      end(`closed by the board: ${code}`);
      resolve();
    });
  });
  after(PING_INTERVAL_US, ping);
  // A conversation that ended by itself has no use for the socket.
  const onConversationEnd = () => {
    if (!isEnded) {
      isEnded = true;
      inbox.close();
      deps.switchboard.lineClosed(line);
    }
    close('the conversation has ended');
  };
  conversation.closed.then(onConversationEnd, onConversationEnd);

  return {
    conversationId,
    device,
    openedWallMs: clock.wallMs(),
    conversation,
    line,
    again(direction, frame) {
      if (isEnded) return;
      if (direction === 'up') receive(encodeFrame(frame), clock.nowUs());
      else {
        const facts = frame.kind === 'message' ? { text: redact(frame.data) } : { bytes: encodeFrame(frame) };
        record('down', frame.kind === 'message' ? typeOf(frame.data) : `${frame.kind} frame`, { ...facts, note: 'sent again by hand' });
        send(frame);
      }
    },
    ping: (payloadBytes, timeoutMs) => pings.ping(payloadBytes, timeoutMs),
    close,
    closed: Promise.all([socketClosed, conversation.closed]).then(() => undefined),
  };
}

function typeOf(json: string): string {
  const type = parseObject(json)?.type;
  return typeof type === 'string' ? type : 'untyped';
}

function asksToSee(text: string, words: readonly string[]): boolean {
  const said = text.toLowerCase();
  return words.some((word) => said.includes(word.toLowerCase()));
}

function asBytes(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
