import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { readAsrTarget } from '../../../pipeline/gateways/speech/asr-query.ts';
import { serveRecognition } from '../../../pipeline/gateways/speech/asr-stream.ts';
import { recordedText } from '../../../pipeline/gateways/speech/recorded-text.ts';
import { readTextRequest } from '../../../pipeline/gateways/speech/text-request.ts';
import { serveTranslation } from '../../../pipeline/gateways/speech/translate-stream.ts';
import { FakeStt, speechPcm } from '../../fakes/engines.ts';
import { lab, speechBench, speechServer } from '../../fakes/speech.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';

const runs = Number(process.env.TALKBENCH_FUZZ ?? 2000);
const seed = 20_260_101;
const timeout = Math.max(20_000, runs * 20);
const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

const value = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.integer(), { maxLength: 3 }),
  fc.jsonValue(),
  // What `String` throws for, and what JSON reads and cannot write.
  fc.constant({ toString: 1, valueOf: 1 }),
  fc.constant({ deep: true }),
);
const members = fc.dictionary(
  fc.constantFrom(
    'token',
    'enable_tts',
    'disable_tts',
    'is_tts_stream',
    'lang_source',
    'lang_target',
    'request_id',
    'ping',
    'type',
    '__proto__',
    'x',
  ),
  value,
);
const message = fc.oneof(
  { weight: 4, arbitrary: members.map((body) => ({ text: JSON.stringify(body).replace('{"deep":true}', nested) })) },
  {
    weight: 2,
    arbitrary: members.map((body) => ({ text: JSON.stringify({ lang_source: 'en', lang_target: 'zh', ...body, token: lab.token }) })),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }).map((text) => ({ text })) },
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => ({ bytes })) },
  { weight: 2, arbitrary: fc.nat(3).map((count) => ({ bytes: new Uint8Array(speechPcm(40 * count).buffer) })) },
  { weight: 1, arbitrary: fc.constant({ text: '{"type":"end"}' }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 8_000_000 }).map((waitUs) => ({ waitUs })) },
);

test('streams survive whatever comes: every one ends typed, and nothing of it stays', { timeout }, async () => {
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 60 }), fc.constantFrom(1, 2, 'asr' as const), async (messages, kind) => {
      const clock = new VirtualClock();
      const bench = speechBench(clock, { engines: { stt: new FakeStt(clock, [{ text: 'hello' }, { text: 'zaphod' }]) } });
      const { client, socket } = bench.connect();
      const query = readAsrTarget(`/asr/v2/${lab.appId}`);
      if (kind !== 'asr') serveTranslation(socket, kind as 1 | 2, bench.deps);
      else if (query !== null && typeof query !== 'string') serveRecognition(socket, query, null, bench.deps);
      for (const each of messages) {
        sent += 1;
        if ('text' in each) client.text(each.text);
        else if ('bytes' in each) client.bytes(each.bytes);
        else await clock.advance(each.waitUs);
      }
      await clock.settle();
      for (const text of client.texts) JSON.parse(text);
      client.terminate();
      await clock.advance(20_000_000);
      expect(clock.pendingTimers).toBe(0);
      expect(bench.tally.open).toBe(0);
      expect(bench.engines.stt.openStreams).toBe(0);
      expect(JSON.stringify(bench.observer.events)).not.toContain(lab.token);
    }),
    { seed, numRuns: Math.ceil(runs / 10) },
  );
  expect(sent).toBeGreaterThan(runs / 3);
});

test('addresses, bodies and records take any text', { timeout }, () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      readAsrTarget(text);
      readAsrTarget(`/asr/v2/1?${text}`);
      readTextRequest(text, 'IotTranslate', { maxTextCharacters: 100 });
      recordedText(text);
      recordedText(`{"token":${text}`);
    }),
    { seed, numRuns: runs },
  );
});

let server: Awaited<ReturnType<typeof speechServer>>;
beforeAll(async () => {
  server = await speechServer();
});
afterAll(() => server.close());

const answersStill = async () => {
  const response = await fetch(`${server.url}/api`, {
    method: 'POST',
    headers: { authorization: `Bearer ${lab.token}`, action: 'IotTranslate' },
    body: '{"text":"你好","stream":false}',
  });
  expect(await response.json()).toMatchObject({ code: 0, data: 'Hello' });
};

test('a giant frame closes its own socket with 1009, and others are served', async () => {
  const socket = new WebSocket(`${server.wsUrl}/v2/ws-voice-translate`);
  const code = await new Promise<number>((resolve) => {
    socket.on('open', () => socket.send(new Uint8Array(200_000)));
    socket.on('close', resolve);
  });
  expect(code).toBe(1009);
  await answersStill();
});

test('raw bytes on the listener, after and without an upgrade', async () => {
  const noise = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 2000 }), { seed, numRuns: Math.min(200, Math.ceil(runs / 20)) });
  const upgrade =
    'GET /asr/v2/1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
  await Promise.all(
    noise.map(
      (bytes, index) =>
        new Promise<void>((resolve) => {
          const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
          socket.on('error', () => undefined);
          socket.on('close', () => resolve());
          socket.on('data', () => undefined);
          if (index % 2 === 0) socket.write(upgrade);
          socket.end(bytes);
        }),
    ),
  );
  await answersStill();
  expect(server.faults).toEqual([]);
});
