import { afterEach, expect, it } from 'vitest';
import { TestDevice, testDevice, testGateway } from '../../../../fakes/twetalk.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

it('the token of a board’s setup is answered with success, told to who gave it, and recorded nowhere', async () => {
  const told: unknown[] = [];
  const { gateway, mqttPort, observer } = await testGateway({ onBindToken: (device, token) => told.push([device.deviceName, token]) });
  closers.push(() => gateway.close());
  const device = await TestDevice.connect(mqttPort);
  closers.push(() => device.close());
  const pairTime = { type: 'BLE LLSync', start: 1 };
  const reply = await device.ask('thing-service', {
    method: 'app_bind_token',
    clientToken: 'app-bind-1',
    params: { token: 'c0ffee00', pairTime },
  });
  expect(reply).toEqual({ method: 'app_bind_token_reply', clientToken: 'app-bind-1', code: 0, status: 'success' });
  expect(told).toEqual([[testDevice.deviceName, 'c0ffee00']]);
  const recorded = JSON.stringify(observer.of('wire.message'));
  expect(recorded).toContain('app_bind_token');
  expect(recorded).not.toContain('c0ffee00');
});
