import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runSpeechJob, type SpeechRunDeps } from '../../../../../main/core/cloud/speech/run.ts';
import { encodeWav } from '../../../../../pipeline/audio/wav.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import { type SpeechMessage, speechJob, speechReport } from '../../../../../preload/contract/cloud/speech.ts';
import { FakeStt, silencePcm, speechPcm } from '../../../../fakes/engines.ts';
import { lab, own, speechServer } from '../../../../fakes/speech.ts';

let server: Awaited<ReturnType<typeof speechServer>>;
let messages: SpeechMessage[];
let deps: SpeechRunDeps;
beforeEach(async () => {
  server = await speechServer({ settings: { speech: { maxAheadMs: 0 } }, engines: { stt: new FakeStt(systemClock) } });
  messages = [];
  deps = {
    ...{ clock: systemClock, own },
    ownUrl: () => server.url,
    speak: async () => speechPcm(500),
    onMessage: (message) => messages.push(message),
    onTranslation: () => {},
  };
});
afterEach(() => server.close());

const run = (job: unknown) => runSpeechJob('run-1', speechJob.parse(job), deps, new AbortController().signal);

describe('driving a service as a client', () => {
  test('recognition: what was heard, in order, as documented', async () => {
    server.engines.stt.add({ text: '你好' });
    const wav = encodeWav({ sampleRate: 16_000, channels: [Int16Array.from([...speechPcm(600), ...silencePcm(200)])] });
    const report = await run({ service: 'asr', speech: { kind: 'wav', wav }, pace: 100 });
    expect(speechReport.parse(report)).toMatchObject({ originals: ['你好'], violations: [], error: null, messageCount: messages.length });
    const texts = messages.filter(({ kind }) => kind === 'text').map(({ direction, text }) => `${direction} ${text}`);
    expect(texts.filter((text) => text.startsWith('up'))).toEqual(['up {"type":"end"}']);
    expect(texts[0]).toContain('"message":"success"');
    expect(texts.at(-1)).toContain('"final":1');
    expect(messages.filter(({ kind }) => kind === 'audio').length).toBeGreaterThan(0);
    expect(messages.at(-1)?.kind === 'close' || messages.at(-2)?.kind === 'close').toBe(true);
  });

  test('summary and translation, whole and as events', async () => {
    for (const isStream of [false, true]) {
      expect(await run({ service: 'text-translate', text: '你好', isStream })).toMatchObject({
        results: ['Hello'],
        engine: 'phrase-table (embedded)',
        violations: [],
        error: null,
      });
      expect(await run({ service: 'summary', text: '这是一个测试。', isStream })).toMatchObject({
        results: ['这是一个测试。'],
        error: null,
      });
    }
  });

  test('a refusal is the report’s error, and the token is nowhere', async () => {
    const job = { service: 'text-translate', text: '你好', token: 'wrong-token-of-mine' };
    expect(await run(job)).toMatchObject({ error: { code: 'speech/refused', data: { code: -1, reason: 'Invalid Token' } } });
    expect(await run({ service: 'asr', speech: { kind: 'text', text: 'x', language: 'zh' }, appId: '1' })).toMatchObject({
      error: { code: 'speech/refused', data: { code: -1, reason: 'auth error' } },
    });
    expect(
      await run({ service: 'translate', speech: { kind: 'text', text: 'x', language: 'zh' }, token: 'wrong-token-of-mine' }),
    ).toMatchObject({
      error: { code: 'speech/refused', data: { code: -1, reason: 'Invalid Token' } },
    });
    expect(JSON.stringify(messages)).not.toMatch(/wrong-token-of-mine|own-token/u);
  });

  test('elsewhere: an address in any scheme; our own credential does not go there', async () => {
    expect(await run({ service: 'text-translate', text: '你好', url: server.wsUrl, token: lab.token })).toMatchObject({
      results: ['Hello'],
    });
    expect(await run({ service: 'text-translate', text: '你好', url: server.url })).toMatchObject({ error: { data: { code: -1 } } });
    expect(await run({ service: 'text-translate', text: '你好', url: 'http://127.0.0.1:1' })).toMatchObject({
      error: { code: 'engine/unreachable' },
    });
  });

  test('what cannot be spoken is said', async () => {
    expect(await run({ service: 'asr', speech: { kind: 'wav', wav: new Uint8Array([1, 2, 3]) } })).toMatchObject({
      error: { code: 'audio/bad-wav' },
    });
  });

  test('cancelling leaves nothing open', async () => {
    const aborting = new AbortController();
    const job = speechJob.parse({ service: 'asr', speech: { kind: 'text', text: 'x', language: 'zh' } });
    const running = runSpeechJob('run-2', job, { ...deps, onMessage: () => aborting.abort() }, aborting.signal);
    await expect(running).rejects.toMatchObject({ value: { code: 'cancelled' } });
    await expect.poll(() => server.tally.open).toBe(0);
  });
});
