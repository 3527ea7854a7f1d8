import { setImmediate as nextTick } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { keptOpen } from '../../../../../pipeline/engines/service/connections.ts';
import { warmConnection } from '../../../../../pipeline/engines/service/warm-connection.ts';
import { createCartesiaTts } from '../../../../../pipeline/engines/tts/cartesia.ts';
import type { TtsEngine, TtsEvent } from '../../../../../pipeline/engines/tts/engine.ts';
import { createTencentTts } from '../../../../../pipeline/engines/tts/tencent.ts';
import type { Clock } from '../../../../../preload/contract/time.ts';
import { fakeOpenAi } from '../../../../fakes/services/openai.ts';
import { type FakeSocketService, fakeSocketService } from '../../../../fakes/services/socket-service.ts';
import { fakeSpeech } from '../../../../fakes/services/tts-audio.ts';
import { fakeCartesia, fakeTencentTts } from '../../../../fakes/services/tts-socket.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const KEY = 'key-0123456789';
const signal = new AbortController().signal;
const service = { stage: 'tts', engine: 'x' } as const;

async function said(engine: Pick<TtsEngine, 'synthesize'>, text: string, voice?: string): Promise<Int16Array> {
  const request = { text, language: 'zh', ...(voice !== undefined && { voice }) };
  const events: TtsEvent[] = [];
  for await (const event of engine.synthesize(request, signal)) events.push(event);
  return Int16Array.from(events.flatMap((event) => (event.kind === 'audio' ? [...event.pcm] : [])));
}

function closedLater(fake: FakeSocketService): FakeSocketService {
  onTestFinished(() => fake.close());
  return fake;
}

function cartesia(origin: string, clock: Clock = systemClock) {
  const config = { apiUrl: origin, apiKey: KEY, model: 'sonic-3', voice: 'v', version: '2026-08-14' };
  const engine = createCartesiaTts({ id: 'c', config, clock });
  onTestFinished(() => engine.close?.());
  return engine;
}

function tencent(origin: string, clock: Clock = systemClock) {
  const config = { appId: '1250000000', secretId: 'AKIDTEST', secretKey: KEY, voice: '101001', apiUrl: origin };
  const engine = createTencentTts({ id: 't', config, clock });
  onTestFinished(() => engine.close?.());
  return engine;
}

const startTencent = () => fakeTencentTts({ appId: '1250000000', secretId: 'AKIDTEST', secretKey: KEY });

describe('Cartesia: one connection for all sentences', () => {
  test('three sentences, two of them at once, go over one connection', async () => {
    const fake = closedLater(await fakeCartesia(KEY));
    const engine = cartesia(fake.origin);
    const [one, two] = await Promise.all([said(engine, '第一句。'), said(engine, '第二句话。')]);
    expect([one, two, await said(engine, '第三句。')]).toEqual([fakeSpeech('第一句。'), fakeSpeech('第二句话。'), fakeSpeech('第三句。')]);
    expect(fake.handshakes()).toBe(1);
    expect(fake.requests()).toBe(3);
  });

  test('a cancelled sentence is cancelled by its context, and leaves the connection to the next', async () => {
    const fake = closedLater(await fakeCartesia(KEY));
    const engine = cartesia(fake.origin);
    for await (const event of engine.synthesize({ text: '这一句不要了。', language: 'zh' }, signal)) if (event.kind === 'audio') break;
    await fake.idle();
    expect(JSON.parse(String(fake.connections[0]?.heard[1]))).toMatchObject({ cancel: true });
    expect(await said(engine, '好的。')).toEqual(fakeSpeech('好的。'));
    expect(fake.handshakes()).toBe(1);
  });

  test('a connection that the service closes just as a sentence is sent is no failure: nothing was said yet', async () => {
    let sentences = 0;
    const fake = closedLater(
      await fakeSocketService({
        answer(message, connection) {
          const { context_id: context } = JSON.parse(String(message)) as { context_id: string };
          sentences += 1;
          if (sentences === 2) {
            connection.close(1000, 'idle');
            return [];
          }
          const data = Buffer.from(fakeSpeech('好').buffer).toString('base64');
          return [JSON.stringify({ type: 'chunk', data, context_id: context }), JSON.stringify({ type: 'done', context_id: context })];
        },
      }),
    );
    const engine = cartesia(fake.origin);
    expect(await said(engine, '一')).toEqual(fakeSpeech('好'));
    expect(await said(engine, '二')).toEqual(fakeSpeech('好'));
    expect(fake.handshakes()).toBe(2);
    expect(sentences).toBe(3);
  });

  test('a new connection that is closed without a word is a failure, asked once', async () => {
    const fake = closedLater(
      await fakeSocketService({
        answer(_message, connection) {
          connection.close(1011, 'no');
          return [];
        },
      }),
    );
    await expect(said(cartesia(fake.origin), '一')).rejects.toMatchObject({ code: 'engine/cut' });
    expect(fake.handshakes()).toBe(1);
  });

  test('a connection that says nothing to a sentence is not trusted with the next one', async () => {
    const fake = closedLater(await fakeCartesia(KEY));
    const clock = new VirtualClock();
    const engine = cartesia(fake.origin, clock);
    await said(engine, '一');
    fake.behave('silent');
    const abort = new AbortController();
    const waiting = engine.synthesize({ text: '二', language: 'zh' }, abort.signal)[Symbol.asyncIterator]().next();
    waiting.catch(() => undefined);
    await fake.seen(2);
    await clock.advance(2_000_000);
    abort.abort(new Error('late'));
    await expect(waiting).rejects.toThrow('late');
    fake.behave('normal');
    expect(await said(engine, '二')).toEqual(fakeSpeech('二'));
    expect(fake.handshakes()).toBe(2);
  });

  test('an interruption right after the request does not cost the connection', async () => {
    const fake = closedLater(await fakeCartesia(KEY));
    const engine = cartesia(fake.origin);
    await said(engine, '一');
    fake.behave('silent');
    const abort = new AbortController();
    const waiting = engine.synthesize({ text: '二', language: 'zh' }, abort.signal)[Symbol.asyncIterator]().next();
    waiting.catch(() => undefined);
    await fake.seen(2);
    abort.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    fake.behave('normal');
    await said(engine, '三');
    expect(fake.handshakes()).toBe(1);
  });

  test('is let go of when nobody spoke for a minute', async () => {
    const fake = closedLater(await fakeCartesia(KEY));
    const clock = new VirtualClock();
    const engine = cartesia(fake.origin, clock);
    await said(engine, '一');
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(60_000_000);
    await fake.alone();
    expect(clock.pendingTimers).toBe(0);
    expect(await said(engine, '二')).toEqual(fakeSpeech('二'));
    expect(fake.handshakes()).toBe(2);
  });

  test('sentences under way fail when the engine is closed', async () => {
    const fake = closedLater(await fakeCartesia(KEY));
    const engine = cartesia(fake.origin);
    fake.behave('silent');
    const speaking = said(engine, '一');
    await fake.seen(1);
    await engine.close?.();
    await expect(speaking).rejects.toMatchObject({ code: 'engine/cut' });
  });
});

describe('Tencent: a connection opened ahead', () => {
  test('is the one the first sentence goes over', async () => {
    const fake = closedLater(await startTencent());
    const engine = tencent(fake.origin);
    engine.warm?.({ language: 'zh' });
    await fake.connected(1);
    expect(await said(engine, '你好。')).toEqual(fakeSpeech('你好。'));
    expect(fake.handshakes()).toBe(1);
    expect(await said(engine, '再见。')).toEqual(fakeSpeech('再见。'));
    expect(fake.handshakes()).toBe(2);
  });

  test('is of no use for another voice', async () => {
    const fake = closedLater(await startTencent());
    const engine = tencent(fake.origin);
    engine.warm?.({ language: 'zh' });
    expect(await said(engine, '你好。', '101016')).toEqual(fakeSpeech('你好。'));
    expect(fake.connections.map(({ query }) => query.get('VoiceType')).toSorted((a, b) => Number(a) - Number(b))).toEqual([
      '101001',
      '101016',
    ]);
  });

  test('is thrown away when nothing was said for 20 s; another utterance keeps it', async () => {
    const fake = closedLater(await startTencent());
    const clock = new VirtualClock();
    const engine = tencent(fake.origin, clock);
    engine.warm?.({ language: 'zh' });
    await fake.connected(1);
    await clock.advance(15_000_000);
    engine.warm?.({ language: 'zh' });
    await clock.advance(15_000_000);
    expect(fake.handshakes()).toBe(1);
    await clock.advance(5_000_000);
    await fake.alone();
    expect(clock.pendingTimers).toBe(0);
  });

  test('that the service closed meanwhile is no failure', async () => {
    const fake = closedLater(await startTencent());
    const engine = tencent(fake.origin);
    engine.warm?.({ language: 'zh' });
    await fake.connected(1);
    await fake.dropIdle();
    expect(await said(engine, '你好。')).toEqual(fakeSpeech('你好。'));
  });

  test('that was refused is asked for by nobody else: the refusal is the sentence’s', async () => {
    const fake = closedLater(await startTencent());
    fake.behave('rate-limited');
    const engine = tencent(fake.origin);
    engine.warm?.({ language: 'zh' });
    await fake.connected(1);
    await expect(said(engine, '你好。')).rejects.toMatchObject({ code: 'engine/rate-limited' });
    expect(fake.handshakes()).toBe(1);
  });
});

describe('HTTP services: a connection opened ahead', () => {
  test('is the one the first request goes over, and is opened once, without the key', async () => {
    const fake = await fakeOpenAi({ key: KEY, reply: () => ['好'] });
    onTestFinished(() => fake.close());
    const url = new URL(fake.origin);
    await Promise.all([warmConnection(service, url), warmConnection(service, url)]);
    const { dispatcher } = keptOpen() as { dispatcher: { stats: Record<string, { free: number }> } };
    while (dispatcher.stats[url.origin]?.free !== 1) await nextTick(); // until the client has seen the answer's end
    await warmConnection(service, url);
    const response = await fetch(`${url.origin}/v1/chat/completions`, { method: 'POST', body: '{}', ...keptOpen() });
    await response.arrayBuffer();
    expect(fake.connections()).toBe(1);
  });

  test('that cannot be had is nobody’s failure', async () => {
    const fake = await fakeOpenAi({ key: KEY, reply: () => ['好'] });
    await fake.close();
    await expect(warmConnection(service, new URL(fake.origin))).resolves.toBeUndefined();
  });
});
