import { type RawData, WebSocket } from 'ws';
import { TalkError } from '../../../preload/contract/errors.ts';

const OPEN_TIMEOUT_MS = 10_000;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

export interface ClientSocketEvents {
  onText(text: string): void;
  onAudio(bytes: Uint8Array): void;
  onClosed(code: number, reason: string): void;
}

export interface ClientSocket {
  readonly isOpen: boolean;
  sendText(text: string): void;
  sendAudio(bytes: Uint8Array): void;
  close(): void;
}

/** A plain WebSocket of a speech service. Rejects with TalkError 'engine/unreachable', or the signal's reason. */
export function openClientSocket(url: string, events: ClientSocketEvents, signal: AbortSignal): Promise<ClientSocket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: OPEN_TIMEOUT_MS, maxPayload: MAX_MESSAGE_BYTES });
    const fail = (reason: string) =>
      reject(new TalkError('engine/unreachable', { stage: 'transport', engine: 'speech', reason }, { retryable: true }));
    const onAbort = () => {
      reject(signal.reason);
      socket.terminate();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('unexpected-response', (request, response) => {
      fail(`http ${response.statusCode}`);
      request.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      fail(error.code ?? error.message);
      socket.terminate();
    });
    socket.on('message', (data, isBinary) => {
      const bytes = bytesOf(data);
      if (isBinary) events.onAudio(bytes);
      else events.onText(bytes.toString('utf8'));
    });
    socket.on('close', (code, reason) => {
      signal.removeEventListener('abort', onAbort);
      events.onClosed(code, reason.toString('utf8'));
    });
    socket.on('open', () =>
      resolve({
        get isOpen() {
          return socket.readyState === WebSocket.OPEN;
        },
        sendText: (text) => socket.readyState === WebSocket.OPEN && socket.send(text),
        sendAudio: (bytes) => socket.readyState === WebSocket.OPEN && socket.send(bytes, { binary: true }),
        close: () => socket.close(1000),
      }),
    );
  });
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
