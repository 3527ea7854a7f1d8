import { afterEach, describe, expect, test } from 'vitest';
import type { CloudServiceDeps } from '../../../../../main/core/cloud/service.ts';
import { createXiaozhiService } from '../../../../../main/core/cloud/xiaozhi.ts';
import { decodeWav } from '../../../../../pipeline/audio/wav.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { xiaozhiCalls } from '../../../../../preload/contract/cloud/xiaozhi.ts';
import { speechPcm } from '../../../../fakes/engines.ts';
import { registered, stranger, xiaozhiDeps } from '../../../../fakes/xiaozhi-gateway.ts';
import { createTurnConversations } from '../../../../fakes/xiaozhi-turns.ts';

const cleanups: (() => Promise<void>)[] = [];
const context = { signal: new AbortController().signal, role: 'operator' as const };

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function open(options: Parameters<typeof xiaozhiDeps>[0] = {}, secrets = new Map<string, string>()) {
  const rig = await xiaozhiDeps(options);
  const remembered: string[] = [];
  const deps = {
    clock: systemClock,
    remembered: { add: (secret: string) => remembered.push(secret) },
    devices: rig.devices,
    secrets: {
      get: async (name: string) => secrets.get(name) ?? null,
      set: async (name: string, value: string) => void secrets.set(name, value),
    },
    engines: { speak: async () => speechPcm(900) },
  } as unknown as CloudServiceDeps;
  const service = await createXiaozhiService(deps);
  const gateway = await service.start?.(rig.deps);
  cleanups.push(async () => {
    await gateway?.close();
    await rig.http.close();
  });
  return { ...rig, service, secrets, remembered };
}

const asked = (body: object) => xiaozhiCalls['xiaozhi.talk'].request.parse({ source: { kind: 'text', text: '你好' }, ...body });

describe('the core’s part of xiaozhi', () => {
  // In real time: each says its greeting, hears 0.9 s, and says its answer.
  test.each([
    ['websocket', 'auto'],
    ['mqtt', 'auto'],
    ['websocket', 'manual'],
    ['mqtt', 'realtime'],
  ] as const)('a virtual board talks to the bench over %s, %s, and leaves no trace', { timeout: 40_000 }, async (transport, mode) => {
    const startConversation = createTurnConversations({ utterances: [{ text: '今天几号' }], replies: [{ tokens: ['二十', '一号。'] }] });
    const one = await open({
      settings: { xiaozhi: { transport }, agent: { greetingZh: '你好。', greetingEn: 'Hi.' } },
      startConversation,
    });
    const result = await one.service.calls['xiaozhi.talk'](asked({ mode }), context);
    expect(result).toMatchObject({
      transport: transport === 'mqtt' ? 'udp' : 'websocket',
      transcript: '今天几号',
      reply: '二十一号。',
      emotion: 'neutral',
      toolCalls: [],
    });
    expect(result.latencyMs).toBeGreaterThan(0);
    expect(decodeWav(result.wav).channels[0]?.length).toBeGreaterThan(4000);
    expect(one.devices.list().map(({ deviceName }) => deviceName)).toEqual([registered]);
    expect(one.faults).toEqual([]);
  });

  test('a server that refuses says at which step', async () => {
    const { service, http, remembered } = await open();
    const ota = `http://127.0.0.1:${http.listener.port}/nowhere/`;
    await expect(service.calls['xiaozhi.talk'](asked({ ota }), context)).rejects.toMatchObject({
      value: { code: 'talk/refused', data: { stage: 'ota', reason: 'http 404' } },
    });
    const own = `http://127.0.0.1:${http.listener.port}/xiaozhi/ota/`;
    await expect(service.calls['xiaozhi.talk'](asked({ ota: own, deviceName: stranger }), context)).rejects.toMatchObject({
      value: { code: 'talk/refused', data: { stage: 'ota' } },
    });
    const url = `ws://127.0.0.1:${http.listener.port}/xiaozhi/v1/`;
    await expect(service.calls['xiaozhi.talk'](asked({ url, token: 'typed-token' }), context)).rejects.toMatchObject({
      value: { code: 'talk/refused', data: { stage: 'websocket', reason: 'http 401' } },
    });
    // The other gateway's, in no store of this one.
    expect(remembered).toEqual(['typed-token']);
  });

  test('what is asked of a board that is not there is not found; the state says where boards should ask', async () => {
    const { service, http } = await open();
    const nobody = expect.objectContaining({ value: expect.objectContaining({ code: 'not-found' }) });
    await expect(service.calls['xiaozhi.send']({ deviceName: registered, message: {} }, context)).rejects.toEqual(nobody);
    await expect(service.calls['xiaozhi.callTool']({ deviceName: registered, name: 'x', arguments: {} }, context)).rejects.toEqual(nobody);
    await expect(service.calls['xiaozhi.activate']({ code: '123456' }, context)).rejects.toEqual(nobody);
    expect(service.streams['xiaozhi.state']({}).topic.snapshot()).toEqual({
      otaUrl: `http://127.0.0.1:${http.listener.port}/xiaozhi/ota/`,
      boards: [],
      activations: [],
    });
  });

  test('tokens are the same after a restart: a board that stayed on is known', async () => {
    const first = await open();
    const ask = async (port: number) => {
      const response = await fetch(`http://127.0.0.1:${port}/xiaozhi/ota/`, { headers: { 'device-id': registered } });
      return ((await response.json()) as { websocket: { token: string } }).websocket.token;
    };
    const token = await ask(first.http.listener.port);
    const second = await open({}, first.secrets);
    expect(await ask(second.http.listener.port)).toBe(token);
    const other = await open();
    expect(await ask(other.http.listener.port)).not.toBe(token);
  });
});
