import { afterAll, describe, expect, test, vi } from 'vitest';
import { createPocketsphinxStt } from '../../../../../pipeline/engines/stt/pocketsphinx.ts';
import { createFliteTts } from '../../../../../pipeline/engines/tts/flite.ts';
import { joined, neverAborted, partsFromNow, silence, spoken } from '../speech.ts';

const runningParts = partsFromNow();

const flite = createFliteTts();
const stt = createPocketsphinxStt({ decoderLimit: 1 });
const { ok } = await stt.isAvailable();
afterAll(async () => {
  await stt.close();
  await flite.close();
});

describe.skipIf(!ok)('PocketSphinx', () => {
  test('understands a sentence, telling what it hears on the way', async () => {
    const text = 'please turn on the lights in the living room';
    const pcm = joined(silence(300), await spoken(flite, { text, language: 'en', voice: 'slt' }), silence(300));
    const partials: string[] = [];
    const stream = await stt.open({ language: 'en', signal: neverAborted, onPartial: (partial) => partials.push(partial) });
    for (let at = 0; at < pcm.length; at += 320) stream.write(pcm.slice(at, at + 320));
    expect(await stream.finish()).toEqual({ text });
    expect(partials.length).toBeGreaterThan(2);
    stream.close();
  });

  test('an utterance given up does not leak into the next', async () => {
    const abandoned = await stt.open({ language: 'en', signal: neverAborted });
    abandoned.write(await spoken(flite, { text: 'tell me a story', language: 'en' }));
    const waiting = abandoned.finish();
    abandoned.close();
    await expect(waiting).rejects.toMatchObject({ code: 'engine/failed' });
    const stream = await stt.open({ language: 'en', signal: neverAborted });
    stream.write(joined(silence(300), await spoken(flite, { text: 'goodbye', language: 'en' }), silence(200)));
    expect(await stream.finish()).toEqual({ text: 'goodbye' });
  });

  test('more utterances at a time than decoders are refused, and room is made by the end of one', async () => {
    const controller = new AbortController();
    const stream = await stt.open({ language: 'en', signal: controller.signal });
    await expect(stt.open({ language: 'en', signal: neverAborted })).rejects.toMatchObject({ code: 'engine/rate-limited' });
    controller.abort('gone');
    await expect(stream.finish()).rejects.toBe('gone');
    (await stt.open({ language: 'en', signal: neverAborted })).close();
  });

  test('an utterance that was given up before its end was asked for does not take the thread from the next one', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const abandoned = await stt.open({ language: 'en', signal: neverAborted });
      abandoned.close();
      await expect(abandoned.finish()).rejects.toMatchObject({ code: 'engine/failed' });
      const stream = await stt.open({ language: 'en', signal: neverAborted });
      vi.advanceTimersByTime(60_000);
      stream.write(silence(500));
      expect((await stream.finish()).text).toBe('');
    } finally {
      vi.useRealTimers();
    }
  });

  test('silence is an empty text', async () => {
    const stream = await stt.open({ language: 'en', signal: neverAborted });
    stream.write(silence(1000));
    expect((await stream.finish()).text).toBe('');
  });

  test('after close no thread is left', async () => {
    expect(runningParts()).toBeGreaterThan(0);
    await stt.close();
    await flite.close();
    expect(runningParts()).toBe(0);
    await expect(stt.open({ language: 'en', signal: neverAborted })).rejects.toMatchObject({ code: 'engine/failed' });
  });
});
