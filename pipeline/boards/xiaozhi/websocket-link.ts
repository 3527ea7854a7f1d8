import { type RawData, WebSocket } from 'ws';
import { isTalkError, TalkError } from '../../../preload/contract/errors.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { parseObject } from '../../gateways/twetalk/board-text.ts';
import { type BinaryVersion, decodeBinary, encodeBinary } from '../../gateways/xiaozhi/binary.ts';
import { type BoardLink, HELLO_TIMEOUT_US, type LinkEvents, readServerHello, type ServerHello } from './link.ts';

const OPEN_TIMEOUT_MS = 10_000;
const MAX_MESSAGE_BYTES = 256 * 1024;

export interface WebSocketLinkOptions extends LinkEvents {
  clock: Clock;
  url: string;
  token: string;
  deviceName: string;
  clientId: string;
  version: BinaryVersion;
  hello: Record<string, unknown>;
}

/** The audio channel over a WebSocket (reference/voice.md §4.2): opened for each conversation, closed after it. */
export function createWebSocketLink(options: WebSocketLinkOptions): BoardLink {
  const { clock, version, onViolation } = options;
  let socket: WebSocket | null = null;
  let isReady = false;
  let sessionId = '';

  function open(): Promise<ServerHello> {
    return new Promise((resolve, reject) => {
      // A token without a space gets its word put before it.
      const authorization = options.token.includes(' ') ? options.token : `Bearer ${options.token}`;
      const headers = {
        'Protocol-Version': String(version),
        'Device-Id': options.deviceName,
        'Client-Id': options.clientId,
        ...(options.token !== '' && { Authorization: authorization }),
      };
      const opening = new WebSocket(options.url, {
        headers,
        perMessageDeflate: false,
        handshakeTimeout: OPEN_TIMEOUT_MS,
        maxPayload: MAX_MESSAGE_BYTES,
      });
      const refuse = (reason: string) => {
        cancelTimeout();
        reject(new TalkError('talk/refused', { stage: 'websocket', reason }));
      };
      let cancelTimeout = () => {};
      socket = opening;
      opening.on('unexpected-response', (request, response) => {
        refuse(`http ${response.statusCode}`);
        request.destroy();
      });
      opening.on('error', (error: NodeJS.ErrnoException) => {
        refuse(error.code ?? 'handshake');
        opening.terminate();
      });
      opening.on('open', () => {
        opening.send(JSON.stringify(options.hello));
        cancelTimeout = clock.at((clock.nowUs() + HELLO_TIMEOUT_US) as MonoUs, () => {
          refuse('no hello');
          opening.close();
        });
      });
      opening.on('message', (data, isBinary) => {
        if (socket !== opening) return;
        if (isBinary) audio(asBytes(data));
        else text(asBytes(data).toString('utf8'), resolve, cancelTimeout);
      });
      opening.on('close', (code, reason) => {
        refuse('closed');
        if (socket === opening) socket = null;
        if (isReady) options.onClosed(`${code} ${reason.toString()}`.trim());
        isReady = false;
      });
    });
  }

  function text(json: string, opened: (hello: ServerHello) => void, cancelTimeout: () => void): void {
    const message = parseObject(json);
    if (message === null) {
      onViolation('a text message that is no JSON object');
      return;
    }
    if (message.type !== 'hello') {
      options.onMessage(message);
      return;
    }
    const hello = readServerHello(message, 'websocket', onViolation);
    if (hello === null) return;
    cancelTimeout();
    isReady = true;
    sessionId = hello.sessionId;
    opened(hello);
  }

  function audio(bytes: Uint8Array): void {
    try {
      const { payload, timestampMs } = decodeBinary(version, bytes);
      options.onAudio(payload, timestampMs);
    } catch (error) {
      if (!isTalkError(error)) throw error;
      onViolation(`a binary message that lies about its length: ${String(error.value.data.reason)}`);
    }
  }

  return {
    transport: 'websocket',
    get isOpen() {
      return isReady;
    },
    open,
    send(message) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ session_id: sessionId, ...message }));
    },
    sendAudio(packet, timestampMs = 0) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(encodeBinary(version, packet, timestampMs));
    },
    closeChannel: () => socket?.close(1000),
    async close() {
      const closing = socket;
      if (closing === null || closing.readyState === WebSocket.CLOSED) return;
      const closed = new Promise<void>((resolve) => closing.once('close', () => resolve()));
      if (closing.readyState === WebSocket.CONNECTING) closing.terminate();
      else closing.close(1000);
      await closed;
    },
  };
}

function asBytes(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
