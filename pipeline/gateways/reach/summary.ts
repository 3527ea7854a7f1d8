import type { BoardAddress } from '../../../preload/contract/cloud/reach.ts';
import type { ListenerState } from '../../../preload/contract/core.ts';
import type { GatewayRoute } from '../http.ts';

/** What a listener is called in an address; those without are told as host and port. */
const schemes: Record<string, string> = {
  mqtt: 'mqtt',
  'mqtt-tls': 'mqtts',
  gateway: 'http',
  'gateway-tls': 'https',
  tuya: 'tcp',
  'tuya-tls': 'tls',
  'xiaozhi-mqtt': 'mqtt',
  'xiaozhi-mqtt-tls': 'mqtts',
  'xiaozhi-udp': 'udp',
  ota: 'http',
  dns: 'udp',
};

/** Where boards can be pointed at, of the listeners that are open. */
export function addressesOf(listeners: readonly ListenerState[], host: string): BoardAddress[] {
  return listeners
    .filter(({ state }) => state === 'listening')
    .map(({ name, port }) => ({ listener: name, url: `${schemes[name] ?? 'tcp'}://${host}:${port}` }));
}

/** GET /addresses: the same as text, for a phone that read the QR code. */
export function summaryRoute(addresses: () => readonly BoardAddress[]): GatewayRoute {
  return {
    prefix: '/addresses',
    onRequest(request, response) {
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return void response.writeHead(405, { allow: 'GET', 'content-length': 0 }).end();
      const lines = addresses().map(({ listener, url }) => `${listener.padEnd(14)} ${url}`);
      const text = `Talkbench\n\n${lines.join('\n')}\n`;
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
      response.end(request.method === 'HEAD' ? undefined : text);
    },
  };
}
