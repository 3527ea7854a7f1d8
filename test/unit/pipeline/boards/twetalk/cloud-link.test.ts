import { expect, test } from 'vitest';
import { CloudLink } from '../../../../../pipeline/boards/twetalk/cloud-link.ts';
import { createSdkLog } from '../../../../../pipeline/boards/twetalk/sdk-log.ts';
import { testBroker } from '../../../../fakes/broker.ts';
import { TestDevice, testDevice, testGateway } from '../../../../fakes/twetalk.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

test('pushed off the broker, the board comes back within two seconds and subscribes again', async () => {
  const bench = await testGateway();
  const clock = new VirtualClock();
  const states: boolean[] = [];
  let heard: () => void = () => {};
  const nextState = () => new Promise<void>((resolve) => (heard = resolve));
  let output = '';
  const link = new CloudLink({
    clock,
    log: createSdkLog({ ticksMs: () => 0, print: (text) => (output += text) }),
    broker: { host: '127.0.0.1', port: bench.mqttPort },
    device: testDevice,
    onMessage: () => {},
    onState: (isConnected) => {
      states.push(isConnected);
      heard();
    },
  });
  try {
    await link.connect();
    const lost = nextState();
    const rival = await TestDevice.connect(bench.mqttPort);
    await lost;
    await rival.close();
    const back = nextState();
    await clock.advance(2_000_000);
    await back;
    expect(states).toEqual([true, false, true]);
    expect(output.split('attempt to reconnect...')).toHaveLength(2);
    const subscribed = bench.observer.of('wire.message').filter((event) => event.name === '$twecall/down/service/ABCDEFGHIJ/dev01');
    expect(subscribed.length).toBeGreaterThanOrEqual(3);
  } finally {
    await link.stop();
    await bench.gateway.close();
  }
  expect(clock.pendingTimers).toBe(0);
});

test('over TLS the device’s key lets it in, and another does not', async () => {
  await using bench = await testBroker();
  const link = (secret: string) =>
    new CloudLink({
      clock: new VirtualClock(),
      log: createSdkLog({ ticksMs: () => 0, print: () => {} }),
      broker: { host: '127.0.0.1', port: bench.port('mqtt-tls'), isTls: true },
      device: { ...testDevice, secret },
      onMessage: () => {},
      onState: () => {},
    });
  const own = link(testDevice.secret);
  await own.connect();
  expect(bench.devices.list()[0]?.connection).toMatchObject({ proof: 'psk', isTls: true });
  await own.stop();
  await expect(link(Buffer.alloc(16).toString('base64')).connect()).rejects.toMatchObject({
    value: { code: 'talk/refused', data: { stage: 'mqtt' } },
  });
});
