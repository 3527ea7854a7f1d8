import { afterEach, expect, test } from 'vitest';
import { Channel } from '../../../../../pipeline/channel.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import type { SttEngine, SttOptions } from '../../../../../pipeline/engines/stt/engine.ts';
import { sttKinds } from '../../../../../pipeline/engines/stt/kinds.ts';
import { bytesOf, openSocketStream } from '../../../../../pipeline/engines/stt/socket-stream.ts';
import { Transcript } from '../../../../../pipeline/engines/stt/transcript.ts';
import { speechPcm } from '../../../../fakes/engines.ts';
import { fakeAzureStt } from '../../../../fakes/services/azure-stt.ts';
import type { FakeSocketService } from '../../../../fakes/services/socket-service.ts';
import { fakeDeepgram, fakeTencentStt } from '../../../../fakes/services/stt-socket.ts';

const open: FakeSocketService[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((service) => service.close()));
});

async function running(starting: Promise<FakeSocketService>): Promise<FakeSocketService> {
  const service = await starting;
  open.push(service);
  return service;
}

function make(kind: string, config: Record<string, unknown>): SttEngine {
  const found = sttKinds.find((one) => one.kind === kind);
  if (!found) throw new Error(kind);
  return found.create({ id: 'e', config, clock: systemClock });
}

const tencent = (service: FakeSocketService) =>
  make('tencent', { appId: '1', secretId: 'i', secretKey: 's', apiUrl: `${service.origin}/asr/v2` });
const account = { appId: '1', secretId: 'i', secretKey: 's' };

async function hear(engine: SttEngine, options: Partial<SttOptions> = {}) {
  const partials: string[] = [];
  const stream = await engine.open({
    language: 'zh',
    onPartial: (text) => partials.push(text),
    signal: new AbortController().signal,
    ...options,
  });
  stream.write(speechPcm(1000)); // as long as a pre-roll gets: the service wants it in pieces
  const result = await stream.finish();
  return { partials, result };
}

test('parts of Han text follow one another without a space, others with one', () => {
  const transcript = new Transcript();
  transcript.settle('打开客厅');
  transcript.settle('的灯。');
  transcript.suppose('OK');
  expect(transcript.text).toBe('打开客厅的灯。 OK');
  transcript.suppose('OK 谢谢');
  transcript.settle('');
  expect(transcript.text).toBe('打开客厅的灯。');
});

test.each([
  [['zh'], '16k_zh'],
  [['en'], '16k_en'],
  [['zh', 'en'], '16k_zh_en'],
  [['zh', 'yue', 'en'], '16k_multi_lang'],
])('Tencent: of the candidates %o the engine %s', async (languages, model) => {
  const service = await running(fakeTencentStt(account, () => '好'));
  await hear(tencent(service), { languages, language: languages[0] ?? 'zh', hotWords: ['小|智', '灯'] });
  const [connection] = service.connections;
  expect(connection?.query.get('engine_model_type')).toBe(model);
  expect(connection?.query.get('hotword_list')).toBe('小 智|10,灯|10');
});

test('Tencent: an address of a host alone is its usual place there', async () => {
  const service = await running(fakeTencentStt(account, () => '好'));
  const { result } = await hear(make('tencent', { ...account, apiUrl: service.origin.replace('ws:', 'http:') }));
  expect(result.text).toBe('好');
});

test('a long piece goes in several, none of them longer than 200 ms', async () => {
  const service = await running(fakeTencentStt(account, () => '好'));
  await hear(tencent(service));
  const audio = service.connections[0]?.heard.filter((message) => typeof message !== 'string') ?? [];
  expect(audio.every(({ length }) => length > 0 && length <= 6400)).toBe(true);
  expect(audio.reduce((sum, { length }) => sum + length, 0)).toBe(32_000);
});

test.each([
  ['nova-3', ['multi', 'zh-CN', 'en']],
  ['nova-2', ['zh-CN']], // its multilingual model knows no Chinese: the likeliest is recognised
])('Deepgram: Chinese or English, of %s', async (model, told) => {
  const service = await running(fakeDeepgram('k', () => '你好'));
  await hear(make('deepgram', { apiKey: 'k', model, apiUrl: service.origin }), { languages: ['zh', 'en'] });
  const query = service.connections[0]?.query;
  expect([...(query?.getAll('language') ?? []), ...(query?.getAll('language_hint') ?? [])]).toEqual(told);
});

test('Deepgram: several candidates are its multilingual model, and its older address without a path is known', async () => {
  const service = await running(fakeDeepgram('k', () => 'turn on the light'));
  const engine = make('deepgram', { apiKey: 'k', model: 'nova-3', apiUrl: service.origin.replace('ws:', 'http:') });
  const { result } = await hear(engine, { languages: ['en', 'zh'], language: 'en', hotWords: ['Talkbench'] });
  expect(result.text).toBe('turn on the light');
  expect(service.connections[0]?.query.get('language')).toBe('multi');
  expect(service.connections[0]?.query.get('keyterm')).toBe('Talkbench');
});

test('a service that goes away while it listens is an error at the end, not a crash in between', async () => {
  const service = await running(fakeTencentStt(account, () => '好'));
  const stream = await tencent(service).open({ language: 'zh', signal: new AbortController().signal });
  stream.write(speechPcm(100));
  await expect.poll(() => service.connections[0]?.heard.length).toBeGreaterThan(0);
  await service.vanish();
  stream.write(speechPcm(100));
  await expect(stream.finish()).rejects.toMatchObject({ code: 'engine/cut' });
});

test('Azure is told, in its own client’s words, that speech goes on over its pauses, which languages and which words to expect', async () => {
  const service = await running(fakeAzureStt('k', () => '打开客厅的灯'));
  const engine = make('azure', { region: 'r', apiKey: 'k', apiUrl: service.origin });
  const { result } = await hear(engine, { languages: ['zh', 'en'], hotWords: ['客厅'] });
  expect(result.text).toBe('打开客厅的灯');
  const context = service.connections[0]?.heard.find((message) => typeof message === 'string' && message.includes('speech.context'));
  expect(JSON.parse(String(context).split('\r\n\r\n')[1] ?? '')).toMatchObject({
    phraseDetection: { mode: 'Conversation' },
    languageId: { languages: ['zh-CN', 'en-US'], priority: 'PrioritizeLatency' },
    dgi: { groups: [{ type: 'Generic', items: [{ text: '客厅' }] }] },
  });
});

test('a service that ends before the speech did has not heard the rest', async () => {
  const messages = new Channel<string>();
  const socket = { send: () => undefined, messages, closed: null, close: () => messages.end() };
  const stream = await openSocketStream(
    { connect: async () => socket, audio: bytesOf, ending: [], read: () => ({ settled: '打开', isDone: true }), isCloseDone: false },
    { service: { stage: 'stt', engine: 'e' }, clock: systemClock, options: { language: 'zh', signal: new AbortController().signal } },
  );
  messages.push('turn.end');
  await new Promise((resolve) => setImmediate(resolve));
  await expect(stream.finish()).rejects.toMatchObject({ code: 'engine/cut' });
});
