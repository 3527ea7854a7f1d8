import { expect, test } from 'vitest';
import { CloudLink } from '../../../../../pipeline/boards/twetalk/cloud-link.ts';
import { createSdkLog } from '../../../../../pipeline/boards/twetalk/sdk-log.ts';
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
