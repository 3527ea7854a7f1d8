import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ListenerState } from '../../../../preload/contract/core.ts';
import { type AddressLimit, shareByAddress } from '../../address-share.ts';
import { pathOf } from '../../http.ts';
import { listen } from '../../listen.ts';

export interface OtaListener {
  readonly state: ListenerState;
  close(): Promise<void>;
}

/** Open at once: a lab's boards that all update, and some that forgot to close. */
const MAX_SOCKETS = 200;

/** A listener for what boards ask of port 80 and of nothing else: firmware, and to be registered. */
export async function openOtaListener(options: {
  host: string;
  port: number;
  perAddress: AddressLimit;
  routes: Record<string, (request: IncomingMessage, response: ServerResponse) => void>;
}): Promise<OtaListener> {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 60_000, maxHeaderSize: 16 * 1024 });
  server.maxConnections = MAX_SOCKETS;
  const isOver = shareByAddress(server, 'ota', options.perAddress);
  server.on('request', (request, response) => {
    if (isOver(request.socket)) return;
    const path = pathOf(request);
    const route = Object.entries(options.routes).find(([prefix]) => path.startsWith(prefix))?.[1];
    if (route !== undefined) route(request, response);
    else response.writeHead(404, { 'content-length': 0 }).end();
  });
  const state = await listen(server, 'ota', options.host, options.port);
  return {
    state,
    async close() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
