import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { bindToCloud } from '../../../../../pipeline/boards/wifi-setup/bind.ts';

const device = { productId: 'PRODUCT001', deviceName: 'dev_01', secret: 'c2VjcmV0' };
const accepted = Uint8Array.of(0x20, 2, 0, 0);
const typeOf = (packet: Buffer): number => (packet[0] ?? 0) >> 4;
const subscribe = 8;

let cloud: Server;
const sockets = new Set<Socket>();
afterEach(() => {
  vi.useRealTimers();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  cloud.close();
});

/** A cloud that does with each packet after the first what it is told to. */
async function open(onPacket: (packet: Buffer, socket: Socket) => void): Promise<{ host: string; port: number }> {
  cloud = createServer((socket) => {
    sockets.add(socket);
    socket.once('data', () => {
      socket.on('data', (packet) => onPacket(packet, socket));
      socket.write(accepted);
    });
  }).listen(0, '127.0.0.1');
  await once(cloud, 'listening');
  return { host: '127.0.0.1', port: (cloud.address() as AddressInfo).port };
}

it('a cloud that goes away while the token is on its way is a code, and leaves nothing that fails later', async () => {
  const broker = await open((packet, socket) => {
    if (typeOf(packet) === subscribe) socket.write(Uint8Array.of(0x90, 3, packet[2] ?? 0, packet[3] ?? 0, 0));
    else socket.destroy();
  });
  // Only what the board itself arms is counted: the process has timers of its own.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  expect(await bindToCloud({ broker, device, token: 't' })).toBe(408);
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(0));
});

it('a board that is switched off does not go on talking to its cloud', async () => {
  const asked = Promise.withResolvers<void>();
  const broker = await open(() => asked.resolve());
  const off = new AbortController();
  const code = bindToCloud({ broker, device, token: 't', signal: off.signal });
  await asked.promise;
  const gone = Promise.all([...sockets].map((socket) => once(socket, 'close')));
  off.abort();
  expect(await code).toBe(408);
  await gone;
});

it('nobody there is a code', async () => {
  const broker = await open(() => {});
  cloud.close();
  await once(cloud, 'close');
  expect(await bindToCloud({ broker, device, token: 't' })).toBe(408);
});
