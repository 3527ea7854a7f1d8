import { WebSocket } from 'ws';
import { TalkError } from '../../preload/contract/errors.ts';
import {
  CONTRACT_PATH,
  clientSocketTransport,
  SUBPROTOCOL,
  TOKEN_SUBPROTOCOL_PREFIX,
} from '../../preload/contract/transports/websocket.ts';
import type { ClientTransport } from '../../preload/contract/wire.ts';
import { frameCodec } from './codec.ts';

const OPEN_TIMEOUT_MS = 5000;

/**
 * Connects to a running browser host, for the CLI. `url` is the host's own, with or without its `#token=`.
 * @throws TalkError `forbidden` (this machine's other users, a foreign origin) or `disconnected` (nothing there)
 */
export function attach({ url, token }: { url: string; token: string }): Promise<ClientTransport> {
  const address = new URL(CONTRACT_PATH, url);
  address.protocol = 'ws:';
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, [SUBPROTOCOL, `${TOKEN_SUBPROTOCOL_PREFIX}${token}`], {
      perMessageDeflate: false,
      handshakeTimeout: OPEN_TIMEOUT_MS,
      maxPayload: 0, // the core is trusted, and a session's export may be large
    });
    socket.once('open', () => resolve(clientSocketTransport(socket, frameCodec)));
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      reject(new TalkError('forbidden', { status: response.statusCode }));
    });
    socket.once('error', (error) => reject(new TalkError('disconnected', { url: address.origin }, { retryable: true, cause: error })));
  });
}
