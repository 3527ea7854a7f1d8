import { expect, test } from 'vitest';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { keptOpen } from '../../../../../pipeline/engines/service/connections.ts';
import { profileEngine } from '../../../../contract/engines/profile-engine.ts';
import { fakeCoze } from '../../../../fakes/services/coze.ts';
import { fakeDify } from '../../../../fakes/services/dify.ts';
import type { FakeHttpService } from '../../../../fakes/services/http-service.ts';
import { fakeOpenAi } from '../../../../fakes/services/openai.ts';
import { fakeAzureTts, fakeCustomTts, fakeElevenlabs, fakeMinimaxTts } from '../../../../fakes/services/tts-http.ts';

const KEY = 'key-0123456789';
const REQUESTS = 8;
const signal = new AbortController().signal;
const reply = () => ['好', '的'];

async function isKeptBy(service: FakeHttpService, ask: () => AsyncIterable<unknown>): Promise<void> {
  try {
    for (let request = 0; request < REQUESTS; request++) for await (const _ of ask());
    expect(service.requests()).toBe(REQUESTS);
    // One may still be busy with its last byte when the next request begins.
    expect(service.connections()).toBeLessThanOrEqual(2);
  } finally {
    await service.close();
  }
}

const messages = [{ role: 'user' as const, content: '数到三' }];

test.each([
  ['openai', () => fakeOpenAi({ key: KEY, reply }), (origin: string) => ({ apiUrl: `${origin}/v1`, model: 'm' })],
  ['coze', () => fakeCoze({ key: KEY, botId: 'b', reply }), (origin: string) => ({ apiUrl: `${origin}/v3/chat`, botId: 'b', userId: 'u' })],
  ['dify', () => fakeDify({ key: KEY, reply }), (origin: string) => ({ apiUrl: `${origin}/v1`, user: 'u', inputs: {} })],
])('%s: one question after the other goes over the same connection', async (kind, start, config) => {
  const service = await start();
  const engine = profileEngine('llm', kind, { ...config(service.origin), apiKey: KEY }, systemClock);
  await isKeptBy(service, () => engine.respond({ model: 'm', language: 'zh', messages, tools: [] }, signal));
});

test.each([
  ['minimax', fakeMinimaxTts, (origin: string) => ({ apiUrl: origin.concat('/v1'), model: 'm', voice: 'v' })],
  ['azure', fakeAzureTts, (origin: string) => ({ apiUrl: origin, region: 'r', voice: 'v', language: 'zh-CN' })],
  ['elevenlabs', fakeElevenlabs, (origin: string) => ({ apiUrl: origin, model: 'm', voice: 'v' })],
  ['custom', fakeCustomTts, (origin: string) => ({ apiUrl: `${origin}/tts`, format: 'pcm', sampleRate: 16_000, isStrict: true })],
])('%s: one sentence after the other goes over the same connection', async (kind, start, config) => {
  const service = await start(KEY);
  const engine = profileEngine('tts', kind, { ...config(service.origin), apiKey: KEY }, systemClock);
  await isKeptBy(service, () => engine.synthesize({ text: '你好', language: 'zh' }, signal));
});

test('the runtime still has the class that connections are kept open with', () => {
  expect(keptOpen()).toHaveProperty('dispatcher');
  expect(keptOpen()).toEqual(keptOpen());
});
