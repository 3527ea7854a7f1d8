import { WebSocket } from 'ws';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { Channel } from '../../channel.ts';
import { connectionFailure, type ServiceName, statusFailure } from './failure.ts';
import { reasonIn } from './request.ts';

export interface ServiceSocket {
  send(data: string | Uint8Array): void;
  /** In order; ends when the service closes, whatever its code. Rejects with 'engine/cut' when the connection breaks. */
  readonly messages: AsyncIterable<string | Uint8Array>;
  /** How the service closed, once it has. */
  readonly closed: { code: number; reason: string } | null;
  /** Lets go of it at once. Safe twice. */
  close(): void;
}

const LARGEST_MESSAGE = 16 * 1024 * 1024;
const ERROR_BYTES = 16_384;
/** More are not taken from the connection while so many wait: audio comes faster than it is played. */
const WAITING_MESSAGES = 64;

/**
 * A WebSocket to a service, open. Rejects with TalkError 'engine/unreachable', or what the HTTP status of a refused handshake means;
 * closed when the signal aborts, which rejects with its reason while it is still opening. The address is in no error: it may hold a signature.
 */
export function openSocket(options: {
  service: ServiceName;
  url: URL;
  headers?: Readonly<Record<string, string>>;
  protocols?: readonly string[];
  signal: AbortSignal;
}): Promise<ServiceSocket> {
  const { service, url, headers = {}, protocols = [], signal } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const socket = new WebSocket(url, [...protocols], {
      headers,
      maxPayload: LARGEST_MESSAGE,
      perMessageDeflate: false,
      followRedirects: false,
    });
    const messages = new Channel<string | Uint8Array>();
    let closed: ServiceSocket['closed'] = null;
    let isOpen = false;

    const onAbort = () => {
      reject(signal.reason);
      close();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    function close(): void {
      signal.removeEventListener('abort', onAbort);
      messages.end();
      socket.terminate();
    }

    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body += text;
        if (body.length >= ERROR_BYTES) refuse();
      });
      const refuse = () => {
        const said = response.headers['dg-error'] ?? reasonIn(body.slice(0, ERROR_BYTES)) ?? '';
        reject(statusFailure(service, response.statusCode ?? 500, String(said), response.headers['retry-after'] ?? null));
        close();
      };
      response.on('end', refuse);
      response.on('error', refuse);
    });
    socket.on('open', () => {
      isOpen = true;
      resolve({
        send(data) {
          if (socket.readyState === WebSocket.OPEN) socket.send(data);
        },
        messages,
        get closed() {
          return closed;
        },
        close,
      });
    });
    socket.on('message', (data, isBinary) => {
      const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
      messages.push(isBinary ? new Uint8Array(bytes) : bytes.toString('utf8'));
      if (messages.waiting < WAITING_MESSAGES || socket.isPaused) return;
      socket.pause();
      void messages.drainedBelow(WAITING_MESSAGES / 2).then(() => socket.resume());
    });
    socket.on('error', (error) => {
      if (isOpen) messages.fail(new TalkError('engine/cut', { ...service, reason: codeOf(error) }, { retryable: true }));
      else reject(connectionFailure(service, url.origin === 'null' ? url.host : url.origin, error));
    });
    socket.on('close', (code, reason) => {
      closed = { code, reason: reason.toString('utf8') };
      signal.removeEventListener('abort', onAbort);
      // 1006: nobody said good-bye. Whoever is in the middle of something finds that it was cut.
      if (code === 1006) messages.fail(new TalkError('engine/cut', { ...service, reason: 'closed without a word' }, { retryable: true }));
      messages.end();
    });
  });
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message.slice(0, 200);
}
