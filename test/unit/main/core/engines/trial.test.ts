import { beforeEach, describe, expect, test } from 'vitest';
import { trimSilence } from '../../../../../main/core/engines/speech-sample.ts';
import { type TrialDeps, type Tried, tryEngine } from '../../../../../main/core/engines/trial.ts';
import type { SttEngine } from '../../../../../pipeline/engines/stt/engine.ts';
import type { EngineTestReport } from '../../../../../preload/contract/engines.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import { FakeLlm, FakeStt, FakeTts, FakeVad, silencePcm, speechPcm } from '../../../../fakes/engines.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

const KEY = 'sk-very-secret';
let clock: VirtualClock;
let spoken: string[];

beforeEach(() => {
  clock = new VirtualClock();
  spoken = [];
});

/** A second of speech with much silence around it. */
const sample = Int16Array.from([...silencePcm(700), ...speechPcm(1000), ...silencePcm(900)]);

async function report(tried: Tried, more: Partial<TrialDeps> & { text?: string } = {}): Promise<EngineTestReport> {
  const speak = async (text: string) => {
    spoken.push(text);
    return sample;
  };
  const { text, ...deps } = more;
  const trying = tryEngine(tried, { language: 'zh', text }, { clock, speak, secrets: [KEY], ...deps }, new AbortController().signal);
  await clock.runUntilIdle();
  return trying;
}

function failing(error: unknown): SttEngine {
  return { id: 'ears', languages: ['zh'], open: () => Promise.reject(error) };
}

describe('trying an engine', () => {
  test('a service hears the speech as fast as it is spoken, its silence trimmed, and what it made of it stands beside what was said', async () => {
    const engine = new FakeStt(clock, [{ text: '今天天气怎么样', finalMs: 80, partials: [{ atMs: 600, text: '今天' }] }]);
    expect(await report({ stage: 'stt', engine, isLocal: false })).toEqual({
      ...{ stage: 'stt', engine: 'fake-stt', connectMs: 0, firstMs: 540, finalMs: 80, totalMs: 1220, audioMs: 1200 },
      ...{ realTimeFactor: null, text: '今天天气怎么样', expected: '今天天气怎么样', error: null },
    });
    expect(spoken).toEqual(['今天天气怎么样']);
    expect(engine.heardMs).toEqual([1200]);
    expect(engine.openStreams).toBe(0);
  });

  test('an engine that runs here hears it at once, and its real-time factor is measured', async () => {
    const engine = new FakeStt(clock, [{ text: '今天', finalMs: 300 }]);
    expect(await report({ stage: 'stt', engine, isLocal: true })).toMatchObject({
      totalMs: 300,
      firstMs: 300,
      realTimeFactor: 0.25,
      text: '今天',
    });
  });

  test('what was reached before a failure stays; the error has no secret in it', async () => {
    const engine = new FakeLlm(clock, [
      { tokens: ['你', '好'], error: new TalkError('engine/cut', { stage: 'llm', engine: 'x', reason: `key=${KEY}` }) },
    ]);
    expect(await report({ stage: 'llm', engine })).toMatchObject({
      ...{ connectMs: 0, firstMs: 100, totalMs: null, text: '你好' },
      error: { code: 'engine/cut', data: { reason: 'key=•••' } },
    });
  });

  test('an answer without an end is no answer', async () => {
    const engine = { id: 'x', respond: async function* () {} };
    expect(await report({ stage: 'llm', engine })).toMatchObject({
      error: { code: 'engine/failed', data: { reason: 'it answered nothing' } },
    });
  });

  test('an engine that hangs is given up, and says how long it was waited for', async () => {
    const engine = new FakeStt(clock, [{ text: '', isHung: true }]);
    const hung = await report({ stage: 'stt', engine, isLocal: true }, { timeLimitMs: 5000 });
    expect(hung.error).toMatchObject({ code: 'engine/timeout', data: { stage: 'stt', engine: 'fake-stt', timeoutMs: 5000 } });
    expect(engine.openStreams).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a key that is refused is the report’s error, and so is an engine’s own fault', async () => {
    const refused = new TalkError('engine/unauthorized', { stage: 'stt', engine: 'ears', reason: `bad key ${KEY}` });
    expect((await report({ stage: 'stt', engine: failing(refused), isLocal: false })).error).toEqual({
      ...{ code: 'engine/unauthorized', retryable: false },
      data: { stage: 'stt', engine: 'ears', reason: 'bad key •••' },
    });
    expect((await report({ stage: 'stt', engine: failing(new Error('oops')), isLocal: false })).error).toMatchObject({
      code: 'engine/failed',
      data: { reason: 'oops' },
    });
  });

  test('without a voice that speaks the language, that is what is said', async () => {
    const none = async () => {
      throw new TalkError('engine/unavailable', { stage: 'tts', engine: 'auto', missing: 'espeak-ng' });
    };
    const engine = new FakeStt(clock);
    expect((await report({ stage: 'stt', engine, isLocal: true }, { speak: none })).error).toMatchObject({
      code: 'engine/unavailable',
      data: { stage: 'tts' },
    });
    const silent = async () => silencePcm(500);
    expect((await report({ stage: 'stt', engine, isLocal: true }, { speak: silent })).error).toMatchObject({
      code: 'engine/failed',
      data: { stage: 'tts' },
    });
  });

  test('voice activity is how much of speech is heard as such', async () => {
    expect(await report({ stage: 'vad', engine: new FakeVad() })).toMatchObject({ audioMs: 1200, text: '86 %', error: null });
  });

  test('a cancelled trial rejects, whatever the engine does', async () => {
    const abort = new AbortController();
    const engine = new FakeTts(clock, { hanging: new Set([1]) });
    const trying = tryEngine({ stage: 'tts', engine }, { language: 'zh' }, { clock, speak: async () => sample, secrets: [] }, abort.signal);
    trying.catch(() => {});
    await clock.advance(200_000);
    abort.abort();
    await expect(trying).rejects.toMatchObject({ value: { code: 'cancelled' } });
    expect(clock.pendingTimers).toBe(0);
  });
});

test('silence is trimmed to 100 ms at both ends, and silence alone to nothing', () => {
  expect(trimSilence(sample).length).toBe(1200 * 16);
  expect(trimSilence(speechPcm(50)).length).toBe(50 * 16);
  expect(trimSilence(silencePcm(300)).length).toBe(0);
});
