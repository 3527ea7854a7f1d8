import { connect, type Socket } from 'node:net';
import { TalkError } from '../../../preload/contract/errors.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { BytePort } from './port.ts';
import { PortListeners } from './port-listeners.ts';

const CONNECT_TIMEOUT_MS = 5000;

export interface HostPort {
  host: string;
  port: number;
}

/** `socket://host:port`: raw TCP, what QEMU and ser2net offer. No baud rate and no control lines. */
export async function openSocket(address: string, peer: HostPort, clock: Clock): Promise<BytePort> {
  const socket = await connectTo(address, peer);
  const listeners = new PortListeners(() => socket.resume());
  watchSocket(address, socket, listeners);
  socket.on('data', (chunk) => listeners.deliver(Uint8Array.prototype.slice.call(chunk), clock.nowUs()));
  socket.pause();

  return {
    address,
    write: (data) => writeSocket(address, socket, data),
    setSignals: () => Promise.resolve(false),
    setBaudRate: () => Promise.resolve(), // the far end's business: a raw socket has no way to say it
    onData: (listener) => listeners.onData(listener),
    onClose: (listener) => listeners.onClose(listener),
    close: () => closeSocket(socket, listeners),
  };
}

/** Connected, paused, without delay for small writes. Fails with `port/refused`. */
export function connectTo(address: string, { host, port }: HostPort): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 });
    const refuse = (reason: string, cause?: unknown) => {
      socket.destroy();
      reject(new TalkError('port/refused', { address, reason }, { retryable: true, cause }));
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => refuse('ETIMEDOUT'));
    socket.once('error', (error) => refuse('code' in error && typeof error.code === 'string' ? error.code : 'error', error));
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

/** Turns the peer's going away into the port's onClose. */
export function watchSocket(address: string, socket: Socket, listeners: PortListeners): void {
  let cause: Error | null = null;
  socket.on('error', (error) => {
    cause = error;
  });
  // The peer will say no more; a line that can only be written to is not a port.
  socket.on('end', () => socket.destroy());
  socket.on('close', () => {
    const reason = cause !== null && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'closed by peer';
    listeners.close(new TalkError('port/lost', { address, reason }, { retryable: true, ...(cause === null ? {} : { cause }) }));
  });
}

/** Resolves when the system has taken the bytes, so a slow peer holds the writer back. */
export function writeSocket(address: string, socket: Socket, data: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket.destroyed) return reject(new TalkError('port/closed', { address }));
    // Copied: the caller may reuse its array once write() has returned a promise it does not await.
    socket.write(Uint8Array.from(data), (error) => {
      if (error == null) resolve();
      else reject(new TalkError('port/lost', { address, reason: 'write' }, { retryable: true, cause: error }));
    });
  });
}

export function closeSocket(socket: Socket, listeners: PortListeners): Promise<void> {
  listeners.close(null);
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.destroy();
  });
}
