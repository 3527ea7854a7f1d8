import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { encodeWav } from '../../../../../pipeline/audio/wav.ts';
import { systemClock } from '../../../../../pipeline/clock.ts';
import type { TtsEngine, TtsEvent, TtsRequest } from '../../../../../pipeline/engines/tts/engine.ts';
import { ttsKinds } from '../../../../../pipeline/engines/tts/kinds.ts';
import { PcmBytes } from '../../../../../pipeline/engines/tts/pcm.ts';
import { StreamedWav } from '../../../../../pipeline/engines/tts/streamed-wav.ts';
import { fakeHttpService } from '../../../../fakes/services/http-service.ts';
import { fakeSpeech } from '../../../../fakes/services/tts-audio.ts';
import { fakeCustomTts, fakeElevenlabs, fakeMinimaxTts } from '../../../../fakes/services/tts-http.ts';
import { fakeTencentTts } from '../../../../fakes/services/tts-socket.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((service) => service.close()));
});

async function running<Service extends { close(): Promise<void> }>(starting: Promise<Service>): Promise<Service> {
  const service = await starting;
  open.push(service);
  return service;
}

function make(kind: string, config: Record<string, unknown>): TtsEngine {
  const found = ttsKinds.find((one) => one.kind === kind);
  if (!found) throw new Error(kind);
  return found.create({ id: 'e', config, clock: systemClock });
}

async function say(engine: TtsEngine, request: Partial<TtsRequest> & { text: string }): Promise<TtsEvent[]> {
  const events: TtsEvent[] = [];
  for await (const event of engine.synthesize({ language: 'zh', ...request }, new AbortController().signal)) events.push(event);
  return events;
}

const pcmOf = (events: readonly TtsEvent[]) => events.flatMap((event) => (event.kind === 'audio' ? [...event.pcm] : []));

/** A header that claims no length, as a server that streams writes it. */
function endlessHeader(sampleRate: number, channels = 1): Uint8Array {
  const header = encodeWav({ sampleRate, channels: Array.from({ length: channels }, () => new Int16Array(0)) });
  new DataView(header.buffer).setUint32(40, 0xffff_ffff, true);
  new DataView(header.buffer).setUint32(4, 0xffff_ffff, true);
  return header;
}

test('bytes cut anywhere are the same samples', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -32_768, max: 32_767 }), { maxLength: 50 }),
      fc.array(fc.nat(7), { maxLength: 200 }),
      (samples, sizes) => {
        const bytes = new Uint8Array(Int16Array.from(samples).buffer);
        const reader = new PcmBytes();
        const read: number[] = [];
        let at = 0;
        for (const size of [...sizes, bytes.length]) {
          read.push(...reader.push(bytes.subarray(at, Math.min(bytes.length, at + size))));
          at = Math.min(bytes.length, at + size);
        }
        expect(read).toEqual(samples);
      },
    ),
  );
});

test('a WAV that is still being written is read as it comes, wherever it is cut; two channels are mixed', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60), { maxLength: 60 }), fc.constantFrom(1, 2), (sizes, channels) => {
      const samples = Array.from({ length: 30 * channels }, (_, at) => (at - 20) * 100);
      const bytes = new Uint8Array([...endlessHeader(24_000, channels), ...new Uint8Array(Int16Array.from(samples).buffer)]);
      const wav = new StreamedWav();
      const read: number[] = [];
      let at = 0;
      for (const size of [...sizes, bytes.length]) {
        read.push(...wav.push(bytes.subarray(at, Math.min(bytes.length, at + size))));
        at = Math.min(bytes.length, at + size);
      }
      const mono =
        channels === 1
          ? samples
          : Array.from({ length: 30 }, (_, nth) => Math.round(((samples[nth * 2] ?? 0) + (samples[nth * 2 + 1] ?? 0)) / 2));
      expect(read).toEqual(mono);
      expect(wav.sampleRate).toBe(24_000);
    }),
  );
});

test('what is no WAV, or none we can read, is said as such', () => {
  expect(() => new StreamedWav().push(new TextEncoder().encode('<html><body>no</body>'))).toThrow('audio/bad-wav');
  const float = endlessHeader(16_000);
  new DataView(float.buffer).setUint16(20, 3, true);
  expect(() => new StreamedWav().push(float)).toThrow('audio/bad-wav');
  expect(() => new StreamedWav().push(new Uint8Array([...endlessHeader(16_000).subarray(0, 12), ...new Uint8Array(70_000)]))).toThrow();
});

test('the custom protocol: WAV with a header of no length', async () => {
  const service = await running(fakeCustomTts('k', { header: endlessHeader(16_000), type: 'audio/wav' }));
  const engine = make('custom', { apiUrl: `${service.origin}/t`, apiKey: 'k', format: 'wav', sampleRate: 16_000, isStrict: true });
  expect(pcmOf(await say(engine, { text: '你好', requestId: 'r-7' }))).toEqual([...fakeSpeech('你好')]);
  expect(service.exchanges[0]?.headers['x-request-id']).toBe('r-7');
});

test.each([
  [{ type: 'text/plain' }, 'content type'],
  [{ isChunked: false }, 'not chunked'],
])('the custom protocol: an answer that TRTC refuses is refused (%o)', async (how, why) => {
  const service = await running(fakeCustomTts('k', how));
  const engine = make('custom', { apiUrl: `${service.origin}/t`, apiKey: 'k', format: 'pcm', sampleRate: 16_000, isStrict: true });
  const error: unknown = await say(engine, { text: '你好' }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'engine/failed' });
  expect(JSON.stringify((error as { value: unknown }).value)).toContain(why);
});

test('MiniMax: a last event that repeats everything is not said twice', async () => {
  const service = await running(fakeMinimaxTts('k', { alwaysAggregates: true }));
  const engine = make('minimax', { apiUrl: `${service.origin}/v1/t2a_v2`, apiKey: 'k', groupId: 'g1', model: 'm', voice: 'v' });
  expect(pcmOf(await say(engine, { text: '你好', speed: 9, pitch: 3 }))).toEqual([...fakeSpeech('你好')]);
  expect(service.exchanges[0]?.query.get('GroupId')).toBe('g1');
  expect(JSON.parse(service.exchanges[0]?.body ?? '{}')).toMatchObject({ voice_setting: { speed: 2, pitch: 3, vol: 1 } });
});

test('ElevenLabs: a voice id cannot leave its place in the address', async () => {
  const service = await running(fakeElevenlabs('k'));
  const engine = make('elevenlabs', { apiUrl: service.origin, apiKey: 'k', model: 'eleven_flash_v2_5', voice: 'v' });
  await expect(say(engine, { text: 'x', voice: '../../secret?x=' })).rejects.toMatchObject({ code: 'engine/failed' });
  expect(service.exchanges[0]?.path).toBe('/v1/text-to-speech/..%2F..%2Fsecret%3Fx%3D/stream');
});

test.each([
  ['azure', { region: 'r', apiKey: 'k', voice: 'v', language: 'zh-CN' }],
  ['elevenlabs', { apiKey: 'k', model: 'm', voice: 'v' }],
])('%s: a page of status 200 is not played as audio', async (kind, config) => {
  const page = { headers: { 'content-type': 'text/html; charset=utf-8' }, pieces: ['<html>Please sign in</html>'] };
  const service = await running(
    fakeHttpService({ answer: () => page, inBandError: () => page, rateLimited: () => page, wrongKey: () => page }),
  );
  await expect(say(make(kind, { ...config, apiUrl: service.origin }), { text: '你好' })).rejects.toMatchObject({
    value: { code: 'engine/failed', data: { reason: expect.stringMatching(/text\/html.*Please sign in/u) } },
  });
});

test('Tencent: words with their times, speed in its own scale', async () => {
  const service = await running(fakeTencentTts({ appId: '1', secretId: 'i', secretKey: 's' }));
  const engine = make('tencent', { appId: '1', secretId: 'i', secretKey: 's', voice: '101001', apiUrl: service.origin });
  const events = await say(engine, { text: '你好', speed: 1.5 });
  expect(events.find(({ kind }) => kind === 'words')).toEqual({
    kind: 'words',
    words: [
      { from: 0, to: 1, startMs: 0, endMs: 10 },
      { from: 1, to: 2, startMs: 10, endMs: 20 },
    ],
  });
  expect(service.connections[0]?.query.get('Speed')).toBe('2');
});

test('the voices that the documents name are offered before anything is loaded', () => {
  const creation = { id: 't', config: {}, clock: systemClock };
  const voicesOf = (kind: string) =>
    ttsKinds
      .find((one) => one.kind === kind)
      ?.create(creation)
      .voices();
  const tencent = voicesOf('tencent')?.map(({ id }) => id) ?? [];
  expect(tencent).toHaveLength(21);
  expect(tencent).toEqual(expect.arrayContaining(['101001', '101019', '100510000', '502001']));
  expect(voicesOf('cartesia')).toEqual([]);
});
