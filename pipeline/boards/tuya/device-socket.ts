import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { TalkError } from '../../../preload/contract/errors.ts';

export function refused(reason: string): TalkError {
  return new TalkError('talk/refused', { stage: 'tuya', reason });
}

/** A TLS client that is given no authority verifies nothing. Rejects with TalkError 'talk/refused'. */
export function openSocket({ host, port, tls }: { host: string; port: number; tls?: { ca?: string } }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const isVerified = tls?.ca !== undefined;
    const socket =
      tls === undefined
        ? connectTcp({ host, port })
        : connectTls({ host, port, rejectUnauthorized: isVerified, ...(isVerified && { ca: tls.ca }) });
    socket.setNoDelay(true);
    const onError = (error: NodeJS.ErrnoException) => reject(refused(error.code ?? 'connection failed'));
    socket.once('error', onError);
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      socket.off('error', onError);
      resolve(socket);
    });
  });
}
