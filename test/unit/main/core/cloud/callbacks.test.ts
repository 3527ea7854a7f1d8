import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createCallbackService } from '../../../../../main/core/cloud/callbacks.ts';
import type { CloudServiceDeps } from '../../../../../main/core/cloud/service.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { serverSign } from '../../../../../pipeline/gateways/callbacks/signature.ts';
import { type Settings, settingsSchema } from '../../../../../preload/contract/settings.ts';
import { RecordingObserver } from '../../../../fakes/observer.ts';

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function bench(callbacks: Partial<Settings['callbacks']>, subtitleUrlOf: (deviceName: string) => string = () => '') {
  const secrets = new Map<string, string>();
  const observer = new RecordingObserver();
  const settings = settingsSchema.parse({ callbacks });
  const service = await createCallbackService({
    ...({
      clock: systemClock,
      observer,
      settings: { get: () => settings },
      agents: {
        conversationSettings:
          ({ deviceName }: { deviceName: string }) =>
          () =>
            settingsSchema.parse({ conversation: { subtitleUrl: subtitleUrlOf(deviceName) } }),
      },
      accounts: { sdkAppId: () => 1400000001 },
    } as unknown as CloudServiceDeps),
    secrets: {
      get: async (name: string) => secrets.get(name) ?? null,
      set: async (name: string, value: string) => void secrets.set(name, value),
      remove: async (name: string) => void secrets.delete(name),
    } as unknown as CloudServiceDeps['secrets'],
  });
  opened.push(() => service.close?.());
  return { service, observer, secrets };
}

/** A backend that keeps what it gets. */
async function backend() {
  const got: { headers: Record<string, unknown>; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      got.push({ headers: request.headers, body });
      response.end('{"code":0}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => new Promise((resolve) => server.close(resolve)));
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cb?token=hidden` };
}

const context = { signal: new AbortController().signal, role: 'operator' } as const;

describe('callback service', () => {
  it('sends an event with both spellings of its time, signed over what is sent', async () => {
    const { got, url } = await backend();
    const { service } = await bench({ serverUrl: url });
    await service.calls['callbacks.putKey']({ kind: 'server', key: 'key123' }, context);
    service.send({ eventGroupId: 9, eventType: 904, eventInfo: { TaskId: 't' }, sdkAppId: 1400000000 });
    await expect.poll(() => got.length).toBe(1);
    const { headers, body } = got[0] as (typeof got)[number];
    expect(headers).toMatchObject({ 'content-type': 'application/json', sdkappid: '1400000000', sign: serverSign('key123', body) });
    const message = JSON.parse(body) as Record<string, unknown>;
    expect(message).toMatchObject({ EventGroupId: 9, EventType: 904, EventInfo: { TaskId: 't' } });
    expect(message.CallbackTs).toBe(message.CallbackMsTs);
  });

  it('keeps address parameters and keys out of what is shown and recorded', async () => {
    const { got, url } = await backend();
    const { service, observer, secrets } = await bench({ serverUrl: url });
    await service.calls['callbacks.putKey']({ kind: 'server', key: 'key123' }, context);
    const { id } = await service.calls['callbacks.test']({ kind: 'server' }, context);
    await expect.poll(() => got.length).toBe(1);
    await expect.poll(() => service.streams['callbacks.deliveries']({}).topic.snapshot().at(0)?.state).toBe('delivered');
    const shown = JSON.stringify([service.streams['callbacks.deliveries']({}).topic.snapshot(), observer.events]);
    expect(shown).toContain(id);
    expect(shown).not.toContain('hidden');
    expect(shown).not.toContain('key123');
    expect([...secrets.keys()]).toEqual(['callback/server']);
    expect(await service.calls['callbacks.keys']({}, context)).toEqual({ server: true, subtitle: false });
  });

  it('sends nothing where no address is set, and says so to who asks for a test', async () => {
    const { service, observer } = await bench({});
    service.send({ eventGroupId: 9, eventType: 901, eventInfo: {}, sdkAppId: 1 });
    expect(observer.events).toEqual([]);
    await expect(service.calls['callbacks.test']({ kind: 'subtitle' }, context)).rejects.toMatchObject({ code: 'bad-request' });
  });

  it('sends the subtitles of an agent to its own address, and of the others to the bench’s', async () => {
    const [own, common] = [await backend(), await backend()];
    const { service } = await bench({ subtitleUrl: common.url }, (deviceName) => (deviceName === 'special' ? own.url : ''));
    const speaks = (deviceName: string, text: string) => {
      const atUs = systemClock.nowUs();
      const conversation = { atUs, conversationId: deviceName };
      const audio = { codec: 'opus', sampleRate: 16_000, frameMs: 60 } as const;
      service.observe?.({
        ...{ ...conversation, kind: 'conversation.opened', gateway: 'twetalk', productId: 'P', deviceName, language: 'zh' },
        ...{ uplink: audio, downlink: audio, query: {}, engines: { vad: '', stt: '', llm: '', tts: '' }, settings: {} },
      });
      service.observe?.({ ...conversation, kind: 'stt.final', text, engine: 'x', turnId: 1 });
    };
    speaks('special', '你好');
    speaks('usual', '再见');
    await expect.poll(() => [own.got.length, common.got.length]).toEqual([1, 1]);
    expect(own.got[0]?.body).toContain('你好');
    expect(common.got[0]?.body).toContain('再见');
  });

  it('is cleared of what has ended', async () => {
    const { got, url } = await backend();
    const { service } = await bench({ subtitleUrl: url });
    await service.calls['callbacks.test']({ kind: 'subtitle' }, context);
    await expect.poll(() => got.length).toBe(1);
    const { topic } = service.streams['callbacks.deliveries']({});
    await expect.poll(() => topic.snapshot().at(0)?.state).toBe('delivered');
    expect(got[0]?.headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'x-request-id': topic.snapshot()[0]?.id });
    await service.calls['callbacks.clear']({}, context);
    expect(topic.snapshot()).toEqual([]);
  });
});
