import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { openSocket } from '../../../../../pipeline/engines/service/socket.ts';

const service = { stage: 'tts', engine: 'e' } as const;

test('a service that says more than is listened to has to wait, and nothing is lost', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await new Promise((resolve) => server.once('listening', resolve));
  const count = 400;
  let sent = 0;
  server.on('connection', (socket) => {
    const say = (): void => {
      // The next when this one has left: what nobody takes stays here.
      if (sent < count) socket.send(Buffer.alloc(100_000, sent++ % 256), say);
      else socket.close(1000);
    };
    say();
  });
  const { port } = server.address() as AddressInfo;
  const socket = await openSocket({ service, url: new URL(`ws://127.0.0.1:${port}`), signal: new AbortController().signal });
  const messages = socket.messages[Symbol.asyncIterator]();
  const first = await messages.next();
  let before = -1;
  // Until it says no more, though it has more to say.
  const isStill = () => {
    const still = sent === before;
    before = sent;
    return still;
  };
  await expect.poll(isStill, { interval: 100, timeout: 10_000 }).toBe(true);
  expect(sent).toBeLessThan(count);
  const heard = [first.value];
  for (let next = await messages.next(); next.done !== true; next = await messages.next()) heard.push(next.value);
  expect(heard.map((message) => (message as Uint8Array)[0])).toEqual(Array.from({ length: count }, (_, at) => at % 256));
  expect(socket.closed).toMatchObject({ code: 1000 });
  server.close();
});

test('a refusal without an end is a refusal all the same', async () => {
  const server = createServer();
  server.on('upgrade', (_request, stream) => {
    stream.on('error', () => undefined);
    stream.write('HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n');
    const more = (): boolean => stream.writable && stream.write(`1000\r\n${'x'.repeat(0x1000)}\r\n`, () => more());
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const opening = openSocket({ service, url: new URL(`ws://127.0.0.1:${port}`), signal: new AbortController().signal });
  await expect(opening).rejects.toMatchObject({ value: { code: 'engine/unauthorized' } });
  server.close();
});
