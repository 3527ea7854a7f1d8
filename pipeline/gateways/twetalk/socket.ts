import { randomBytes, randomUUID } from 'node:crypto';
import { type RawData, WebSocket } from 'ws';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Settings } from '../../../preload/contract/settings.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Conversation, ConversationPeer, StartConversation } from '../../conversation.ts';
import type { Observer } from '../../observer.ts';
import { type DeviceName, deviceId } from '../devices.ts';
import { redact } from './board-text.ts';
import { decodeFrame, encodeFrame, type Frame } from './frames.ts';
import type { ConnectionQuery } from './query.ts';
import { botReady, fatalError, type RtviMessage, readRtvi, toRtvi } from './rtvi.ts';
import { deviceTools, type ToolCalls } from './tool-calls.ts';

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
  /** Ends the conversation and the socket. */
  close(reason: string, code?: CloseCode): void;
  /** Resolves when both have ended. */
  readonly closed: Promise<void>;
}

export interface VoiceSocketDeps {
  clock: Clock;
  observer: Observer;
  settings: () => Settings;
  startConversation: StartConversation;
  toolCalls: ToolCalls;
}

/**
 * One board's voice connection: protobuf frames on one side, a Conversation on the other. Returns null when no conversation
 * could be started; the board has been told and the socket closed.
 */
export function openVoiceSocket(socket: WebSocket, device: DeviceName, query: ConnectionQuery, deps: VoiceSocketDeps): VoiceSocket | null {
  const { clock, observer } = deps;
  const conversationId = randomUUID();
  const id = deviceId(device);
  let downlinkIndex = 0n;
  let hasNotedFormat = false;
  let isEnded = false;
  const timers = new Set<() => void>();

  function record(
    direction: 'up' | 'down',
    name: string,
    { bytes, ...more }: { text?: string; bytes?: Uint8Array; isUnknown?: true; note?: string },
  ): void {
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

  const peer: ConversationPeer = {
    sendAudio(packet) {
      downlinkIndex += 1n;
      // pipecat's servers fill id and name; whether the board needs them is not known, so they are there.
      const name = `OutputAudioRawFrame#${downlinkIndex}`;
      send({ kind: 'audio', id: downlinkIndex, name, audio: packet, sampleRate: query.audio.sampleRate, channels: 1 });
    },
    bufferedBytes: () => socket.bufferedAmount,
    tell: (message) => tell(toRtvi(message, { deviceId: id, wallMs: clock.wallMs() })),
    callTool(name, parameters, signal) {
      return deps.toolCalls.call(device, name, parameters, { timeoutMs: deps.settings().agent.toolTimeoutMs, signal });
    },
    tools: () => deviceTools,
    close: (reason) => close(reason),
  };

  const started = start();
  if (started === null) return null;
  const conversation = started;

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
          settings: deps.settings(),
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

  function receive(data: Uint8Array, receivedUs: MonoUs): void {
    let frame: Frame;
    try {
      frame = decodeFrame(data);
    } catch (error) {
      if (!(error instanceof TalkError)) throw error;
      record('up', 'malformed frame', { bytes: data, isUnknown: true, note: String(error.value.data.reason) });
      return;
    }
    switch (frame.kind) {
      case 'audio':
        noteFormat(frame);
        // A copy, for it is kept: the view shares its buffer with other messages.
        conversation.uplink(new Uint8Array(frame.audio), receivedUs);
        return;
      case 'message':
        receiveMessage(frame.data);
        return;
      case 'text':
      case 'transcription':
        record('up', `${frame.kind} frame`, { text: redact(frame.text), bytes: data, isUnknown: true });
        return;
      case 'unknown':
        record('up', `frame case ${frame.field ?? 'none'}`, { bytes: frame.raw, isUnknown: true });
    }
  }

  function receiveMessage(text: string): void {
    const message = readRtvi(text);
    if (message.kind === 'unknown') {
      record('up', message.type, { text: redact(text), isUnknown: true });
      return;
    }
    record('up', message.kind, { text: redact(text) });
    if (message.kind === 'client-ready') tell(botReady(message.id));
    else conversation.text(message.text, { initiator: 'user-text', isSpoken: message.isSpoken });
  }

  /** Zero means "not said", as the Android SDK reads it too. */
  function noteFormat(frame: Extract<Frame, { kind: 'audio' }>): void {
    const isExpected = (frame.sampleRate === 0 || frame.sampleRate === 16000) && frame.channels <= 1;
    if (isExpected || hasNotedFormat) return;
    hasNotedFormat = true;
    record('up', 'audio frame', { note: `${frame.sampleRate} Hz, ${frame.channels} channels: read as 16000 Hz mono` });
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

  function end(reason: string): void {
    if (isEnded) return;
    isEnded = true;
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
      timers.clear();
      record('up', 'close', { note: `code ${code}` });
      end(`closed by the board: ${code}`);
      resolve();
    });
  });
  after(PING_INTERVAL_US, ping);
  // A conversation that ended by itself has no use for the socket.
  const onConversationEnd = () => {
    isEnded = true;
    close('the conversation has ended');
  };
  conversation.closed.then(onConversationEnd, onConversationEnd);

  return {
    conversationId,
    device,
    openedWallMs: clock.wallMs(),
    conversation,
    close,
    closed: Promise.all([socketClosed, conversation.closed]).then(() => undefined),
  };
}

function asBytes(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
