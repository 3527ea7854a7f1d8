import type { IncomingMessage } from 'node:http';

const localName = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|10\.\d+\.\d+\.\d+|192\.168\.\d+\.\d+|172\.(?:1[6-9]|2\d|3[01])\.\d+\.\d+)$/u;

/**
 * Whether a page of somewhere else opened this connection: a browser lets any page on the web open a WebSocket to this machine and says
 * whose it is in `Origin`. Programs and boards send none; pages of this machine and of private networks are the lab's own.
 */
export function isForeignPage({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const { origin, host = '' } = headers;
  if (origin === undefined) return false;
  const page = URL.parse(origin)?.hostname ?? '';
  return page === '' || !(localName.test(page) || page === URL.parse(`http://${host}`)?.hostname);
}
