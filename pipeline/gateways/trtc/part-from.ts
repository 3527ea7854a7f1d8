import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';

const GRACE_MS = 500;

/**
 * Ends WebSockets of a gateway that closes. Those that were told why get to read it: a socket cut at once, with anything unread, is reset, and
 * the far end knows only that its connection broke. Whoever does not answer is cut all the same.
 */
export async function partFrom(sockets: Iterable<WebSocket>): Promise<void> {
  const all = [...sockets];
  const leaving = all.filter(({ readyState }) => readyState === WebSocket.CLOSING);
  if (leaving.length > 0) {
    const inTime = new AbortController();
    const left = Promise.all(leaving.map((socket) => once(socket, 'close', { signal: inTime.signal })));
    await Promise.race([left, delay(GRACE_MS, undefined, { signal: inTime.signal })]).catch(() => {});
    left.catch(() => {});
    inTime.abort();
  }
  for (const socket of all) socket.terminate();
}
