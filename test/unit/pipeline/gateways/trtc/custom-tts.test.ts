import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../../../pipeline/clock.ts';
import type { Engines } from '../../../../../pipeline/conversation.ts';
import { createCustomTts } from '../../../../../pipeline/engines/tts/custom.ts';
import type { TtsEngine } from '../../../../../pipeline/engines/tts/engine.ts';
import { TalkError } from '../../../../../preload/contract/errors.ts';
import type { Clock } from '../../../../../preload/contract/time.ts';
import { trtcRig } from '../../../../fakes/trtc.ts';
import { VirtualClock } from '../../../../fakes/virtual-clock.ts';

/** 22.05 kHz, as the embedded voices are: it has to be resampled. */
function voice(samples: number, error?: Error): TtsEngine {
  return {
    id: 'voice',
    languages: ['zh', 'en'],
    voices: () => [],
    async *synthesize({ text }, signal) {
      if (text === 'fail') throw error ?? new TalkError('engine/failed', { stage: 'tts', engine: 'voice', reason: 'no' });
      yield { kind: 'headers' };
      for (let piece = 0; piece < 10; piece++) {
        signal.throwIfAborted();
        yield { kind: 'audio', pcm: new Int16Array(samples / 10).fill(1000), sampleRate: 22_050 };
      }
    },
  };
}

async function ttsRig(options: { ttsApiKey?: string; clock?: Clock; tts?: TtsEngine } = {}) {
  const tts = options.tts ?? voice(22_050);
  const engines = () => ({ tts }) as Engines;
  const rig = await trtcRig({ ...options, engines });
  const url = `http://${rig.endpoint}/trtc/tts`;
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { rig, url, post, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
}

const samplesOf = async (engine: Pick<TtsEngine, 'synthesize'>, text = '你好') => {
  let samples = 0;
  let peak = 0;
  for await (const event of engine.synthesize(
    { text, language: 'zh', headers: { 'X-Task-Id': 'task-1' }, requestId: 'r1' },
    new AbortController().signal,
  )) {
    if (event.kind !== 'audio') continue;
    samples += event.pcm.length;
    peak = Math.max(peak, ...event.pcm);
  }
  return { samples, peak };
};

describe('the bench’s synthesiser, by the bench’s own strict client of the protocol', () => {
  test.each(['pcm', 'wav'] as const)('%s arrives chunked, whole and of the right length', async (format) => {
    await using tts = await ttsRig();
    const engine = createCustomTts({
      id: 'custom',
      clock: systemClock,
      config: { apiUrl: tts.url, apiKey: 'k', format, sampleRate: 16_000, isStrict: true },
    });
    const { samples, peak } = await samplesOf(engine);
    expect(samples).toBeGreaterThan(15_900);
    expect(samples).toBeLessThan(16_100);
    expect(peak).toBeGreaterThan(900);
  });

  test('the path of the document’s example does the same, and says whose request it was', async () => {
    await using tts = await ttsRig();
    const apiUrl = `http://${tts.rig.endpoint}/api/v1/tts/stream`;
    await samplesOf(
      createCustomTts({ id: 'custom', clock: systemClock, config: { apiUrl, format: 'pcm', sampleRate: 8000, isStrict: true } }),
    );
    const event = await tts.rig.observer.until('wire.message', ({ name }) => name === 'custom TTS');
    expect(JSON.parse(event.text ?? '')).toEqual({ Text: '你好', headers: { 'x-task-id': 'task-1', 'x-request-id': 'r1' } });
  });

  test('a failure is JSON, which the client tells', async () => {
    await using tts = await ttsRig();
    const engine = createCustomTts({
      id: 'custom',
      clock: systemClock,
      config: { apiUrl: tts.url, format: 'pcm', sampleRate: 16_000, isStrict: true },
    });
    await expect(samplesOf(engine, 'fail')).rejects.toMatchObject({ value: { code: 'engine/failed' } });
  });
});

describe('as the document has it', () => {
  test('wav is the default, and a second channel is the first one’s twin', async () => {
    await using tts = await ttsRig();
    const wav = await tts.post({ Text: '你好' });
    expect([wav.headers.get('content-type'), wav.headers.get('transfer-encoding')]).toEqual(['audio/wav', 'chunked']);
    const bytes = Buffer.from(await wav.arrayBuffer());
    expect(bytes.toString('latin1', 0, 4)).toBe('RIFF');
    const stereo = Buffer.from(await (await tts.post({ Text: '你好', Format: 'pcm', Channel: 2 })).arrayBuffer());
    expect(stereo.readInt16LE(8000)).toBe(stereo.readInt16LE(8002));
    expect(stereo.length / 4).toBeCloseTo((bytes.length - 44) / 2, -2);
  });

  test.each([
    ['no text', {}, 400, 'INVALID_PARAMETER'],
    ['a format of a later phase', { Text: 'x', Format: 'mp3' }, 400, 'INVALID_PARAMETER'],
    ['a sample rate beyond reason', { Text: 'x', SampleRate: 1e9 }, 400, 'INVALID_PARAMETER'],
    ['three channels', { Text: 'x', Channel: 3 }, 400, 'INVALID_PARAMETER'],
    ['no JSON', 'Text', 400, 'INVALID_PARAMETER'],
    ['a novel', JSON.stringify({ Text: 'x'.repeat(100_000) }), 413, 'TOO_LARGE'],
    ['what the engine cannot say', { Text: 'fail' }, 500, 'SYNTHESIS_FAILED'],
  ])('%s is refused in JSON', async (_what, body, status, code) => {
    await using tts = await ttsRig();
    const reply = await tts.post(body);
    expect([reply.status, reply.headers.get('content-type'), await reply.json()]).toEqual([
      status,
      'application/json',
      { error: { code, message: expect.any(String) } },
    ]);
  });

  test('with a key of the lab’s only that key, also within the quotes of the document', async () => {
    await using tts = await ttsRig({ ttsApiKey: 'the-key' });
    const statusWith = async (authorization: string) => (await tts.post({ Text: '你好' }, { authorization })).status;
    expect([
      await statusWith('Bearer the-key'),
      await statusWith('Bearer "the-key"'),
      await statusWith('Bearer other'),
      await statusWith(''),
    ]).toEqual([200, 200, 401, 401]);
    expect(JSON.stringify(tts.rig.observer.events)).not.toContain('the-key');
  });
});

describe('hostile clients', () => {
  test('sixteen at once, however many come together', async () => {
    let running = 0;
    let most = 0;
    const may = Promise.withResolvers<void>();
    const tts: TtsEngine = {
      ...voice(10),
      async *synthesize() {
        running += 1;
        most = Math.max(most, running);
        yield { kind: 'headers' };
        await may.promise;
        running -= 1;
      },
    };
    await using rig = await ttsRig({ tts });
    const replies = Array.from({ length: 60 }, () => rig.post({ Text: 'x' }));
    await expect.poll(() => rig.rig.observer.of('wire.message').filter(({ note }) => note === 'RATE_LIMITED').length).toBe(44);
    may.resolve();
    const statuses = (await Promise.all(replies)).map(({ status }) => status);
    expect([most, statuses.filter((status) => status === 200).length]).toEqual([16, 16]);
  });

  test('one that reads nothing is let go', async () => {
    const clock = new VirtualClock();
    await using rig = await ttsRig({ clock, tts: voice(2_205_000) });
    const socket = connect(rig.rig.port, '127.0.0.1');
    socket.pause();
    const closed = new Promise((resolve) => socket.on('close', resolve));
    const body = JSON.stringify({ Text: 'x', SampleRate: 48_000, Channel: 2, Format: 'pcm' });
    socket.write(`POST /trtc/tts HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await expect.poll(() => clock.pendingTimers, { timeout: 15_000 }).toBe(1);
    const told = rig.rig.observer.until('wire.message', ({ name, note }) => name === 'custom TTS' && note !== undefined);
    await clock.advance(15_000_001);
    await told;
    socket.on('error', () => {});
    socket.resume();
    await closed;
    expect(rig.rig.faults).toEqual([]);
  });
});
