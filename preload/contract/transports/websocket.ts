import { closeReasons } from '../protocol.ts';
import type { ClientFrame, ClientTransport, ServerFrame, ServerTransport, Transport } from '../wire.ts';
import { Closing } from './closing.ts';

/** Frames as bytes. Both ends build theirs from msgpackr with `PACKR_OPTIONS`; this file stays free of dependencies. */
export interface FrameCodec {
  encode(frame: unknown): Uint8Array<ArrayBuffer>;
  decode(bytes: Uint8Array<ArrayBuffer>): unknown;
}

/** Plain maps: msgpackr's records need run-time code generation to be fast, which the page's CSP forbids. */
export const PACKR_OPTIONS = { useRecords: false } as const;

/** Where a host serves the contract. */
export const CONTRACT_PATH = '/contract';
export const SUBPROTOCOL = 'talkbench.v1';
/** Browsers cannot set headers on a WebSocket and a query string leaks into logs: the token travels as a sub-protocol. */
export const TOKEN_SUBPROTOCOL_PREFIX = 'token.';

/** What the browser's WebSocket and `ws` have in common. */
export interface SocketLike {
  binaryType: string;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
  /** `ws` throws what nobody listens to; a 'close' always follows. */
  addEventListener(type: 'error', listener: () => void): void;
}

const CLOSE_NORMAL = 1000;
const CLOSE_TOO_BIG = 1009;
const CLOSE_REASON_LIMIT_BYTES = 123;
/** Application close codes, one for each reason where retrying cannot help. */
export const closeCodes = { forbidden: 4401, protocol: 4402, 'bad-frame': 4403 } as const satisfies Record<
  (typeof closeReasons)[number],
  number
>;

/** `socket` is open, or is one that `ws` has just accepted. */
export function clientSocketTransport(socket: SocketLike, codec: FrameCodec): ClientTransport {
  return socketTransport<ClientFrame>(socket, codec);
}

export function serverSocketTransport(socket: SocketLike, codec: FrameCodec): ServerTransport {
  return socketTransport<ServerFrame>(socket, codec);
}

function socketTransport<Outgoing>(socket: SocketLike, codec: FrameCodec): Transport<Outgoing, unknown> {
  const closing = new Closing();
  let listener: ((frame: unknown) => void) | null = null;
  let early: unknown[] = [];

  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    if (closing.isClosed) return;
    let frame: unknown;
    try {
      if (!(data instanceof ArrayBuffer)) throw new TypeError('text frame');
      frame = codec.decode(new Uint8Array(data));
    } catch {
      return close('bad-frame');
    }
    if (listener === null) early.push(frame);
    else listener(frame);
  });
  socket.addEventListener('close', ({ code, reason }) => closing.close(nameOf(code, reason)));
  socket.addEventListener('error', () => undefined);

  function close(reason: string): void {
    if (!closing.close(reason)) return;
    const code = closeReasons.find((known) => known === reason);
    socket.close(code === undefined ? CLOSE_NORMAL : closeCodes[code], reason.slice(0, CLOSE_REASON_LIMIT_BYTES));
  }

  return {
    post(frame) {
      if (!closing.isClosed) socket.send(codec.encode(frame));
    },
    onFrame(onFrame) {
      listener = onFrame;
      const waiting = early;
      early = [];
      for (const frame of waiting) onFrame(frame);
    },
    onClose: (onClose) => closing.onClose(onClose),
    close: (reason = 'closed') => close(reason),
  };
}

function nameOf(code: number, reason: string): string {
  const known = closeReasons.find((name) => closeCodes[name] === code);
  if (known !== undefined) return known;
  if (code === CLOSE_TOO_BIG) return 'too-large';
  return reason === '' ? 'lost' : reason;
}
