import mqtt from 'mqtt';
import { afterEach, expect, test } from 'vitest';
import { createTwetalkFirmware } from '../../../../../pipeline/boards/twetalk/firmware.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { buildCredentials } from '../../../../../pipeline/gateways/twetalk/credentials.ts';
import { createTwetalkMemory } from '../../../../../pipeline/gateways/twetalk/memory.ts';
import { TestDevice, testDevice, testGateway } from '../../../../fakes/twetalk.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const never = new AbortController().signal;

async function bench(options: Parameters<typeof testGateway>[0] = {}) {
  const started = await testGateway(options);
  closers.push(() => started.gateway.close());
  return started;
}

async function board(port: number) {
  const connected = await TestDevice.connect(port);
  closers.push(() => connected.close());
  return connected;
}

test('a control by hand waits for the board’s reply, and nothing is left waiting for it', async () => {
  const { gateway, mqttPort } = await bench();
  const device = await board(mqttPort);
  const done = gateway.control(testDevice, { volume: 50 }, never);
  const { body } = await device.until((message) => message.method === 'control');
  expect(body.params).toEqual({ volume: 50 });
  await device.send('property', { method: 'control_reply', clientToken: body.clientToken, code: 0 });
  expect(await done).toBe('done');
  const status = await device.ask('property', { method: 'get_status', clientToken: 'clear-control-1' });
  expect(status.data).toEqual({ reported: {}, control: {} });
});

test('a board that was away finds what was set meanwhile, until it takes it', async () => {
  const { gateway, mqttPort } = await bench();
  expect(await gateway.control(testDevice, { volume: 60 }, never)).toBe('kept');
  const device = await board(mqttPort);
  const before = await device.ask('property', { method: 'get_status', clientToken: 'clear-control-1' });
  expect(before.data).toEqual({ reported: {}, control: { volume: 60 } });
  await device.ask('property', { method: 'clear_control', clientToken: 'clear-control-2' });
  const after = await device.ask('property', { method: 'get_status', clientToken: 'clear-control-3' });
  expect(after.data).toEqual({ reported: {}, control: {} });
});

test('what the board reports is what was asked for, or it knows better', async () => {
  const memory = createTwetalkMemory({ clock: systemClock, observer: { event: () => {}, packet: () => {} }, onChange: () => {} });
  memory.shadows.keep(testDevice, { volume: 60, light: 1 });
  memory.shadows.reported(testDevice, { volume: 20 });
  expect(memory.shadows.of(testDevice)).toMatchObject({ control: { light: 1 }, properties: { volume: { value: 20 } } });
});

test('a failed control says what the board said, and a silent one that it was silent', async () => {
  const { gateway, mqttPort } = await bench({ settings: { twetalk: { controlTimeoutMs: 200 } } });
  const device = await board(mqttPort);
  await expect(gateway.control(testDevice, { volume: 50 }, never)).rejects.toMatchObject({ value: { code: 'tool/timeout' } });
  const failed = expect(gateway.control(testDevice, { volume: 51 }, never)).rejects.toMatchObject({
    value: { code: 'tool/failed', data: { name: 'control', code: 405, status: 'no' } },
  });
  const { body } = await device.until((message) => message.method === 'control' && JSON.stringify(message.params) === '{"volume":51}');
  await device.send('property', { method: 'control_reply', clientToken: body.clientToken, code: 405, status: 'no' });
  await failed;
});

test('what the thing model does not let anybody set is not sent', async () => {
  const { gateway } = await bench();
  await expect(gateway.control(testDevice, { battery: 5 }, never)).rejects.toMatchObject({
    value: { code: 'device/no-property', data: { propertyId: 'battery', reason: 'read-only' } },
  });
  await expect(gateway.control(testDevice, { colour: 5 }, never)).rejects.toMatchObject({ value: { data: { reason: 'unknown' } } });
});

test('an action says whether the board is away, deaf, or knows it by another name', async () => {
  const { gateway, mqttPort, observer } = await bench();
  const action = (name: string) => gateway.callTool(testDevice, name, {}, never);
  await expect(action('get_battery')).rejects.toMatchObject({ value: { code: 'device/offline', data: { deviceName: 'dev01' } } });
  const { clientId, username, password } = buildCredentials(testDevice);
  const deaf = await mqtt.connectAsync(
    `mqtt://127.0.0.1:${mqttPort}`,
    { clientId, username, password, protocolVersion: 4, reconnectPeriod: 0 },
    false,
  );
  closers.push(() => deaf.endAsync(true));
  await observer.until('device.online');
  await expect(action('get_battery')).rejects.toMatchObject({
    value: { code: 'device/not-subscribed', data: { topic: '$thing/down/action/ABCDEFGHIJ/dev01' } },
  });
  await expect(action('getBattery')).rejects.toMatchObject({
    value: { code: 'device/no-action', data: { actionId: 'getBattery', known: expect.stringContaining('get_battery') } },
  });
});

test('a reply under another board’s token settles nothing', async () => {
  const { gateway, mqttPort, devices } = await bench();
  const other = { ...testDevice, deviceName: 'dev02' };
  await devices.put(other.productId, other.deviceName, other.secret);
  const victim = await board(mqttPort);
  const thief = await TestDevice.connect(mqttPort, other);
  closers.push(() => thief.close());
  const response = gateway.callTool(testDevice, 'get_battery', {}, never);
  const { body } = await victim.until((message) => message.method === 'action');
  await thief.send('action', { method: 'action_reply', clientToken: body.clientToken, code: 0, response: { battery: 1 } });
  await victim.send('action', { method: 'action_reply', clientToken: body.clientToken, code: 0, response: { battery: 77 } });
  expect(await response).toEqual({ battery: 77 });
});

test('an event is told, also when it is the SDK’s malformed one', async () => {
  const { mqttPort, observer } = await bench();
  const device = await board(mqttPort);
  await device.send('event', { method: 'event_post', clientToken: '1', eventId: 'PowerAlarm', type: 'alert', params: { voltage: 2.8 } });
  await device.send('event', '{"method":"event_post","clientToken":"event-123"","eventId":"fall","type":"info","params":{"a":1}}');
  await observer.until('device.event', (event) => event.isMalformed === true);
  expect(observer.of('device.event').map(({ eventId, type, params, isMalformed }) => ({ eventId, type, params, isMalformed }))).toEqual([
    { eventId: 'PowerAlarm', type: 'alert', params: { voltage: 2.8 }, isMalformed: undefined },
    { eventId: 'fall', type: 'info', params: { a: 1 }, isMalformed: true },
  ]);
});

test('a report and an event longer than any are answered, told, and kept no longer than they may be', async () => {
  const { mqttPort, gateway, devices, observer } = await bench();
  const device = await board(mqttPort);
  const long = 'x'.repeat(50_000);
  expect((await device.ask('property', { method: 'report', clientToken: '1', params: { long, volume: 3 } })).code).toBe(0);
  expect(devices.find(testDevice.productId, testDevice.deviceName)?.properties).toEqual({ volume: 3 });
  expect((await device.ask('property', { method: 'get_status', clientToken: '2' })).data).toEqual({ reported: { volume: 3 }, control: {} });
  await device.send('event', { method: 'event_post', clientToken: '3', eventId: 'fall', type: 'info', params: { long } });
  await observer.until('device.event', ({ params }) => Object.keys(params).length === 0);
  const notes = observer.of('wire.message').flatMap(({ note }) => note ?? []);
  expect(notes).toEqual(expect.arrayContaining(['1 of the properties too long to be kept', 'params not kept: none, or too long']));
  expect(gateway.isOnline(testDevice)).toBe(true);
});

test('the time and our own address are told', async () => {
  const { mqttPort } = await bench();
  const device = await board(mqttPort);
  await device.send('time', { type: 'get', resource: ['time', 'serverip'] });
  const { body } = await device.until((message) => message.type === 'get');
  expect(body).toMatchObject({ time: expect.any(Number), ntptime1: expect.any(Number), serverip: '127.0.0.1' });
});

test('a virtual board that gets a code in place of the URL says which, and does not talk', async () => {
  const { mqttPort } = await bench({ settings: { twetalk: { urlReplyCode: -914 } } });
  let log = '';
  const virtual = createTwetalkFirmware({
    ...{ clock: systemClock, ...testDevice, language: 'zh', audioType: 'pcm', audioInterval: 60 },
    broker: { host: '127.0.0.1', port: mqttPort },
    print: (text) => {
      log += text;
    },
    onState: () => {},
    onPlayout: () => {},
  });
  closers.push(() => virtual.stop());
  await expect(virtual.start()).rejects.toMatchObject({ value: { code: 'talk/refused', data: { stage: 'query', reason: 'code -914' } } });
  expect(log).toContain('query websocket url failed: -914');
});

test('a code in place of the URL is what the settings say', async () => {
  const { mqttPort } = await bench({ settings: { twetalk: { urlReplyCode: -915, urlReplyStatus: 'license not activated' } } });
  const device = await board(mqttPort);
  const reply = await device.ask('twecall', { method: 'query_websocket_url', clientToken: 'ws-1', params: {} });
  expect(reply).toMatchObject({ code: -915, status: 'license not activated', params: {} });
});
