import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { audibleSpan } from '../../../../../pipeline/audio/levels.ts';
import { createEspeakTts } from '../../../../../pipeline/engines/tts/espeak.ts';
import { encodeBlock, readBlocks } from '../../../../../pipeline/engines/tts/espeak-blocks.ts';
import { neverAborted, spoken } from '../speech.ts';

const sources = ['package', 'system'] as const;

describe.each(sources)('eSpeak NG from the %s', async (source) => {
  const espeak = createEspeakTts({ source });
  const { ok } = await espeak.isAvailable();
  afterAll(() => espeak.close());

  test.skipIf(!ok)('speaks Chinese as syllables, not as a spelling of letters', async () => {
    const pcm = await spoken(espeak, { text: '今天天气怎么样', language: 'zh' });
    const span = audibleSpan(pcm, { sampleRate: 16_000 });
    const seconds = ((span?.end ?? 0) - (span?.start ?? 0)) / 16_000;
    // Seven syllables; read as "Chinese letter" and the like it takes over three seconds.
    expect(seconds).toBeGreaterThan(1.2);
    expect(seconds).toBeLessThan(2.6);
  });

  test.skipIf(!ok)('speaks what looks like options and shell commands', async () => {
    expect((await spoken(espeak, { text: '-v xx; $(exit 1) "quoted"', language: 'en' })).length).toBeGreaterThan(8000);
  });

  test.skipIf(!ok)('abort in mid-sentence rejects with its reason; the next sentence begins at its beginning', async () => {
    const alone = await spoken(espeak, { text: '再见', language: 'zh' });
    const controller = new AbortController();
    const reason = new Error('interrupted');
    const talking = (async () => {
      const request = { text: '今天天气怎么样，我们出去玩吧。'.repeat(4), language: 'zh' };
      for await (const event of espeak.synthesize(request, controller.signal)) if (event.kind === 'audio') controller.abort(reason);
    })();
    await expect(talking).rejects.toBe(reason);
    expect(Math.abs((await spoken(espeak, { text: '再见', language: 'zh' })).length - alone.length)).toBeLessThan(1600);
  });

  test.skipIf(!ok)('requests made at once each get their own speech', async () => {
    const texts = ['一', '今天天气怎么样', '二'];
    const [one, long, two] = await Promise.all(texts.map((text) => spoken(espeak, { text, language: 'zh' })));
    expect(long?.length).toBeGreaterThan(2 * (one?.length ?? Number.POSITIVE_INFINITY));
    expect(long?.length).toBeGreaterThan(2 * (two?.length ?? Number.POSITIVE_INFINITY));
  });

  test.skipIf(!ok)('a listener who takes no more does not hold the next one up', async () => {
    const request = { text: '今天天气怎么样，我们出去玩吧。'.repeat(4), language: 'zh' };
    const slow = espeak.synthesize(request, neverAborted)[Symbol.asyncIterator]();
    expect((await slow.next()).done).toBe(false);
    expect((await spoken(espeak, { text: '再见', language: 'zh' })).length).toBeGreaterThan(4000);
    let rest = 0;
    for (let next = await slow.next(); !next.done; next = await slow.next()) rest += 1;
    expect(rest).toBeGreaterThan(10);
  });

  test.skipIf(!ok)('nothing to say is no audio', async () => {
    expect((await spoken(espeak, { text: ' \n ', language: 'zh' })).length).toBe(0);
  });

  test.skipIf(!ok)('a request that is aborted already never starts', async () => {
    const request = { text: '你好', language: 'zh' };
    await expect(espeak.synthesize(request, AbortSignal.abort('no'))[Symbol.asyncIterator]().next()).rejects.toBe('no');
    expect(neverAborted.aborted).toBe(false);
  });
});

test('blocks are found again however the pipe cuts them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 30 }),
      async (bodies, size) => {
        const bytes = Buffer.concat(bodies.map((body, kind) => encodeBlock(kind, body)));
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
        const found = [];
        for await (const block of readBlocks(Readable.from(pieces))) found.push({ kind: block.kind, body: [...block.body] });
        expect(found).toEqual(bodies.map((body, kind) => ({ kind, body: [...body] })));
      },
    ),
  );
});

test('a length no block has ends the reading', async () => {
  const bytes = Buffer.alloc(8, 0xff);
  await expect(readBlocks(Readable.from([bytes])).next()).rejects.toThrow(RangeError);
});
