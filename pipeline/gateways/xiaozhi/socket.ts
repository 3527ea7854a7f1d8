import { type RawData, WebSocket } from 'ws';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import type { Observer } from '../../observer.ts';
import { type DeviceName, deviceId } from '../devices.ts';
import { type BinaryVersion, decodeBinary, encodeBinary } from './binary.ts';
import type { BoardWire, Channel } from './channel.ts';
import { createFloodGate } from './flood.ts';
import { type Hello, helloReply, readHello } from './hello.ts';
import { readBoardMessage, withoutTokens } from './messages.ts';

/** A board that says nothing by then is none (a board itself waits so long for the answer). */
const HELLO_TIMEOUT_US = 10_000_000;
/** A board that takes nothing for this much audio (about two minutes of Opus) is not coming back. */
const MAX_BUFFERED_BYTES = 512 * 1024;
const CLOSE_GRACE_US = 2_000_000;
const CLOSE_REASON_BYTES = 123;

export const closeCodes = { normal: 1000, goingAway: 1001, replaced: 1008, refused: 1008, malformed: 1007, failed: 1011 } as const;

export interface XiaozhiSocketDeps {
  clock: Clock;
  observer: Observer;
  audio: () => { sampleRate: 16000 | 24000; frameMs: 20 | 60 };
  /** Makes the channel of a board that said hello; null when it is refused. */
  openChannel: (wire: BoardWire, hello: Hello) => Channel | null;
  /** A bug of ours: the board's connection ends with it. */
  onFault: (error: unknown) => void;
}

/** One board's WebSocket: hello, then JSON in text messages and audio in binary ones. Resolves when it is closed. */
export function serveSocket(socket: WebSocket, device: DeviceName, version: BinaryVersion, deps: XiaozhiSocketDeps): Promise<void> {
  const { clock, observer } = deps;
  const isFlood = createFloodGate(clock);
  const timers = new Set<() => void>();
  let channel: Channel | null = null;
  let malformed = 0;

  function record(
    direction: 'up' | 'down',
    name: string,
    more: { text?: string; bytes?: Uint8Array; isUnknown?: true; note?: string },
  ): void {
    const conversation = channel === null ? {} : { conversationId: channel.conversationId };
    const common = {
      atUs: clock.nowUs(),
      kind: 'wire.message',
      gateway: 'xiaozhi',
      channel: 'websocket',
      deviceId: deviceId(device),
    } as const;
    observer.event({ ...common, ...conversation, direction, name, ...more });
  }

  function after(us: number, callback: () => void): void {
    const cancel = clock.at((clock.nowUs() + us) as MonoUs, () => {
      timers.delete(cancel);
      callback();
    });
    timers.add(cancel);
  }

  function put(data: string | Uint8Array): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      const conversation = channel === null ? {} : { conversationId: channel.conversationId };
      observer.event({ atUs: clock.nowUs(), kind: 'dropped', ...conversation, what: 'slow-socket', count: 1 });
      channel?.end('slow-socket');
      socket.terminate();
      return;
    }
    socket.send(data);
  }

  function shut(code: number, reason: string): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    const text = Buffer.from(reason).subarray(0, CLOSE_REASON_BYTES).toString('utf8').replaceAll('\uFFFD', '');
    socket.close(code, text);
    after(CLOSE_GRACE_US, () => socket.terminate());
  }

  const wire: BoardWire = {
    transport: 'websocket',
    protocolVersion: version,
    sendJson: (text) => put(text),
    sendAudio: (packet, timestampMs) => put(encodeBinary(version, packet, timestampMs)),
    bufferedBytes: () => socket.bufferedAmount,
    isReachable: () => socket.readyState === WebSocket.OPEN,
    close: (reason) => shut(reason.startsWith('replaced') ? closeCodes.replaced : closeCodes.normal, reason),
  };

  function hello(body: Record<string, unknown>, text: string): void {
    const read = readHello(body);
    channel = deps.openChannel(wire, read);
    record('up', 'hello', { text: withoutTokens(text), ...(read.notes.length > 0 && { note: read.notes.join('; ') }) });
    if (channel === null) {
      shut(closeCodes.refused, 'refused');
      return;
    }
    const reply = JSON.stringify(helloReply({ sessionId: channel.conversationId, ...deps.audio() }));
    record('down', 'hello', { text: reply });
    put(reply);
    channel.open();
  }

  function receiveText(text: string, receivedUs: MonoUs): void {
    const message = readBoardMessage(text);
    if (message === null) {
      record('up', 'malformed message', { text: withoutTokens(text.slice(0, 2000)), isUnknown: true, note: 'not a JSON object' });
    } else if (channel !== null) channel.receive(message, text, receivedUs);
    else if (message.kind === 'hello') hello(message.body, text);
    else record('up', message.kind, { text: withoutTokens(text.slice(0, 2000)), isUnknown: true, note: 'before the hello' });
  }

  function receiveBinary(bytes: Uint8Array, receivedUs: MonoUs): void {
    try {
      const { kind, payload } = decodeBinary(version, bytes);
      if (kind === 'json') receiveText(Buffer.from(payload).toString('utf8'), receivedUs);
      else channel?.audio(payload, receivedUs);
    } catch (error) {
      if (!(error instanceof TalkError)) throw error;
      malformed += 1;
      // The first is shown; a board that speaks another version sends nothing else.
      if (malformed === 1) {
        const note = `version ${version}: ${String(error.value.data.reason)}`;
        record('up', 'malformed binary message', { bytes: new Uint8Array(bytes.subarray(0, 256)), isUnknown: true, note });
      }
      observer.event({ atUs: clock.nowUs(), kind: 'dropped', what: 'malformed-binary', count: 1 });
    }
  }

  socket.on('message', (data, isBinary) => {
    const receivedUs = clock.nowUs();
    if (isFlood()) {
      observer.event({ atUs: receivedUs, kind: 'dropped', what: 'flood', count: 1 });
      channel?.end('flood');
      shut(closeCodes.refused, 'too many messages');
      return;
    }
    const bytes = asBytes(data);
    try {
      if (isBinary) receiveBinary(bytes, receivedUs);
      else receiveText(bytes.toString('utf8'), receivedUs);
    } catch (error) {
      deps.onFault(error);
      shut(closeCodes.failed, 'internal');
      channel?.end('internal');
    }
  });
  socket.on('error', () => socket.terminate());
  after(HELLO_TIMEOUT_US, () => {
    if (channel === null) shut(closeCodes.refused, 'no hello');
  });
  return new Promise((resolve) => {
    socket.on('close', (code) => {
      for (const cancel of timers) cancel();
      timers.clear();
      record('up', 'close', { note: `code ${code}` });
      channel?.end(`closed by the board: ${code}`);
      void (channel?.closed ?? Promise.resolve()).then(resolve);
    });
  });
}

function asBytes(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
