import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Devices, memoryDeviceStore } from '../../../../../main/core/devices/registry.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { createGatewayServer, type GatewayServer } from '../../../../../pipeline/gateways/http.ts';
import { mountBrokerAccess } from '../../../../../pipeline/gateways/twetalk/broker-access.ts';
import { buildCredentials } from '../../../../../pipeline/gateways/twetalk/credentials.ts';
import { settingsSchema } from '../../../../../preload/contract/settings.ts';
import { RecordingObserver } from '../../../../fakes/observer.ts';
import { testDevice } from '../../../../fakes/twetalk.ts';

let http: GatewayServer;
let observer: RecordingObserver;
beforeEach(async () => {
  observer = new RecordingObserver();
  http = await createGatewayServer({ host: '127.0.0.1', port: 0 });
  const devices = await Devices.open({ store: memoryDeviceStore(), wallMs: () => 0, onStoreFault: (error) => expect.fail(String(error)) });
  await devices.put(testDevice.productId, testDevice.deviceName, testDevice.secret);
  const settings = settingsSchema.parse({});
  mountBrokerAccess({
    ...{ clock: systemClock, observer, devices, http },
    settings: () => settings,
    token: () => 'the-token',
    password: () => 'bench-password',
  });
});
afterEach(() => http.close());

const at = (path: string) => `http://127.0.0.1:${http.listener.port}/broker/${path}`;
const json = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(at(path), { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
const form = (path: string, body: Record<string, string>) => fetch(at(path), { method: 'POST', body: new URLSearchParams(body) });

const { clientId: clientid, username, password } = buildCredentials(testDevice);
const [up, down] = ['$thing/up/property/ABCDEFGHIJ/dev01', '$thing/down/property/ABCDEFGHIJ/dev01'];

describe('EMQX 5 asks in JSON', () => {
  const result = async (response: Promise<Response>) => [(await response).status, await (await response).json()];

  test('and is told allow or deny with status 200', async () => {
    expect(await result(json('the-token/emqx/auth', { clientid, username, password }))).toEqual([200, { result: 'allow' }]);
    expect(await result(json('the-token/emqx/auth', { clientid, username, password: 'no' }))).toEqual([200, { result: 'deny' }]);
    expect(observer.of('device.refused')).toMatchObject([{ deviceName: 'dev01', reason: 'bad-password' }]);
  });

  test('about topics: its own, and those of the cloud to read alone', async () => {
    const may = async (topic: string, action: string) =>
      (await (await json('the-token/emqx/acl', { clientid, username, topic, action })).json()).result;
    expect(await may(up, 'publish')).toBe('allow');
    expect(await may(down, 'subscribe')).toBe('allow');
    expect(await may(down, 'publish')).toBe('deny');
    expect(await may(up.replace('dev01', 'dev02'), 'publish')).toBe('deny');
    expect(await may('$thing/down/property/+/dev01', 'subscribe')).toBe('deny');
    expect(await may('#', 'subscribe')).toBe('deny');
  });

  test('the bench’s own connection may do everything, with its password alone', async () => {
    expect(await result(json('the-token/emqx/auth', { clientid: 'b', username: 'talkbench', password: 'bench-password' }))).toEqual([
      200,
      { result: 'allow' },
    ]);
    expect(await result(json('the-token/emqx/auth', { clientid: 'b', username: 'talkbench', password: '' }))).toEqual([
      200,
      { result: 'deny' },
    ]);
    expect(await result(json('the-token/emqx/acl', { username: 'talkbench', topic: '$thing/up/#', action: 'subscribe' }))).toEqual([
      200,
      { result: 'allow' },
    ]);
  });
});

describe('mosquitto-go-auth asks in forms', () => {
  test('and is told by the status', async () => {
    expect((await form('the-token/user', { clientid, username, password })).status).toBe(200);
    expect((await form('the-token/user', { clientid, username, password: 'no' })).status).toBe(403);
    expect((await form('the-token/superuser', { username })).status).toBe(403);
    expect((await form('the-token/superuser', { username: 'talkbench' })).status).toBe(200);
    expect((await form('the-token/acl', { username, clientid, topic: up, acc: '2' })).status).toBe(200);
    expect((await form('the-token/acl', { username, clientid, topic: down, acc: '2' })).status).toBe(403);
    expect((await form('the-token/acl', { username, clientid, topic: down, acc: '4' })).status).toBe(200);
  });
});

describe('who may ask', () => {
  test('nobody without the token, in the address or as a bearer', async () => {
    for (const path of ['emqx/auth', 'another/emqx/auth', 'the-token', 'the-token/', 'the-token/emqx/other', '/the-token/emqx/auth'])
      expect([path, (await json(path, { clientid, username, password })).status]).toEqual([path, 404]);
    const bearer = (token: string) => json('emqx/auth', { clientid, username, password }, { authorization: `Bearer ${token}` });
    expect((await bearer('the-token')).status).toBe(200);
    expect((await bearer('another')).status).toBe(404);
  });

  test('what is no question is denied: broken JSON, a list, numbers for texts, a body without end', async () => {
    for (const body of ['{', '[]', '{"username":{"a":1}}', 'null', `{"username":"${'x'.repeat(20_000)}"}`]) {
      const response = await fetch(at('the-token/emqx/auth'), { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      expect([body.slice(0, 30), await response.json()]).toEqual([body.slice(0, 30), { result: 'deny' }]);
    }
  });
});
