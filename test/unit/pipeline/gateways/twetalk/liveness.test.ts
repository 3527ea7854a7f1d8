import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { TestDevice, TestSocket, testGateway } from '../../../../fakes/twetalk.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function bench() {
  const clock = new VirtualClock();
  const started = await testGateway({ clock });
  closers.push(() => started.gateway.close());
  const device = await TestDevice.connect(started.mqttPort);
  closers.push(() => device.close());
  return { ...started, clock, device };
}

async function open(url: string, options: { autoPong: boolean }): Promise<WebSocket> {
  const socket = new WebSocket(url, options);
  closers.push(() => socket.terminate());
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  return socket;
}
const nextPing = (socket: WebSocket) => new Promise<Buffer>((resolve) => socket.once('ping', resolve));

test('the board is pinged every 20 s with four bytes, and one that answers stays', async () => {
  const { clock, device, conversations } = await bench();
  const socket = await open(await device.webSocketUrl(), { autoPong: true });
  for (let round = 0; round < 3; round++) {
    const ping = nextPing(socket);
    await clock.advance(20_000_000);
    expect(await ping).toHaveLength(4);
    // The pong has to be here before time goes on: a message behind it shows that it is.
    const heard = new Promise<void>((resolve) => {
      const conversation = conversations.started[0];
      if (conversation) conversation.onPacket = () => resolve();
    });
    socket.send(Uint8Array.from([0x12, 0x03, 0x1a, 0x01, 0x00]));
    await heard;
  }
  expect(conversations.started[0]?.closeReason).toBeNull();
});

test('one that does not answer is gone at the next ping', async () => {
  const { clock, device, conversations } = await bench();
  const socket = await open(await device.webSocketUrl(), { autoPong: false });
  const gone = new Promise((resolve) => socket.on('close', resolve));
  await clock.advance(40_000_000);
  await gone;
  expect(conversations.started[0]?.closeReason).toBe('ping-timeout');
});

test('a token is good for five minutes', async () => {
  const { clock, device, observer } = await bench();
  const url = await device.webSocketUrl();
  await clock.advance(299_000_000);
  closers.push(
    (
      (socket) => () =>
        socket.socket.terminate()
    )(await TestSocket.open(url)),
  );
  await clock.advance(1_000_000);
  await expect(TestSocket.open(url)).rejects.toThrow('401');
  expect(observer.of('device.refused')).toMatchObject([{ productId: 'ABCDEFGHIJ', deviceName: 'dev01', reason: 'token-expired' }]);
});

test('after everything is closed no timer is left', async () => {
  const { clock, device, gateway } = await bench();
  await open(await device.webSocketUrl(), { autoPong: true });
  await gateway.close();
  expect(clock.pendingTimers).toBe(0);
});
