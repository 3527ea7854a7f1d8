import { afterAll, describe, expect, test } from 'vitest';
import { audibleSpan } from '../../../../../pipeline/audio/levels.ts';
import { createEspeakTts } from '../../../../../pipeline/engines/tts/espeak.ts';
import { forkNodeProcess, type NodeProcess } from '../../../../../pipeline/node-process.ts';
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

const started: NodeProcess[] = [];
const inOneProcess = createEspeakTts({
  source: 'package',
  startProcess(...given) {
    const child = forkNodeProcess(...given);
    started.push(child);
    return child;
  },
});
const { ok: isPackageHere } = await inOneProcess.isAvailable();
afterAll(() => inOneProcess.close());

test.skipIf(!isPackageHere)('the package has one process for all sentences; another takes its place when it died within one', async () => {
  const alone = await spoken(inOneProcess, { text: '再见', language: 'zh' });
  const talking = inOneProcess.synthesize({ text: '今天天气怎么样，我们出去玩吧。'.repeat(20), language: 'zh' }, neverAborted);
  const killed = async () => {
    for await (const _ of talking) started[0]?.kill();
  };
  await expect(killed()).rejects.toMatchObject({ code: 'engine/failed' });
  expect(Math.abs((await spoken(inOneProcess, { text: '再见', language: 'zh' })).length - alone.length)).toBeLessThan(1600);
  expect(started).toHaveLength(2);
});
