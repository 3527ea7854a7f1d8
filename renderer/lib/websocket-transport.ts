import { Packr } from 'msgpackr/index-no-eval';
import { TalkError } from '../../preload/contract/talk-error.ts';
import {
  CONTRACT_PATH,
  clientSocketTransport,
  type FrameCodec,
  PACKR_OPTIONS,
  SUBPROTOCOL,
  TOKEN_SUBPROTOCOL_PREFIX,
} from '../../preload/contract/transports/websocket.ts';
import type { ClientTransport } from '../../preload/contract/wire.ts';

const packr = new Packr(PACKR_OPTIONS);
const codec: FrameCodec = {
  encode: (frame) => packr.pack(frame) as Uint8Array<ArrayBuffer>,
  decode: (bytes) => packr.unpack(bytes),
};

/** Opens the contract at the page's own origin. @throws TalkError `disconnected` */
export function openWebSocket(origin: string, token: string): Promise<ClientTransport> {
  const address = new URL(CONTRACT_PATH, origin);
  address.protocol = 'ws:';
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, [SUBPROTOCOL, `${TOKEN_SUBPROTOCOL_PREFIX}${token}`]);
    socket.addEventListener('open', () => resolve(clientSocketTransport(socket, codec)), { once: true });
    socket.addEventListener('error', () => reject(new TalkError('disconnected', {}, { retryable: true })), { once: true });
  });
}
