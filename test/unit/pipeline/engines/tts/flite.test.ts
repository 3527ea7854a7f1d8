import { afterAll, expect, test } from 'vitest';
import { audibleSpan } from '../../../../../pipeline/audio/levels.ts';
import { createFliteTts, fliteVoices } from '../../../../../pipeline/engines/tts/flite.ts';
import { neverAborted, partsFromNow, spoken } from '../speech.ts';

const runningParts = partsFromNow();

const flite = createFliteTts();
afterAll(() => flite.close());

test.each(fliteVoices.map(({ id }) => id))('voice %s says the sentence aloud', async (voice) => {
  const pcm = await spoken(flite, { text: 'What time is it?', language: 'en', voice });
  const span = audibleSpan(pcm, { sampleRate: 16_000 });
  expect(pcm.length / 16_000).toBeGreaterThan(0.7);
  expect(pcm.length / 16_000).toBeLessThan(2);
  expect((span?.end ?? 0) - (span?.start ?? 0)).toBeGreaterThan(8000);
});

test('the same text sounds the same each time', async () => {
  const request = { text: 'Count to twenty.', language: 'en' };
  expect(await spoken(flite, request)).toEqual(await spoken(flite, request));
});

test('speed 2 takes about half as long', async () => {
  const text = 'Please turn on the lights in the living room.';
  const normal = await spoken(flite, { text, language: 'en' });
  const fast = await spoken(flite, { text, language: 'en', speed: 2 });
  expect(fast.length / normal.length).toBeGreaterThan(0.4);
  expect(fast.length / normal.length).toBeLessThan(0.65);
});

test('each sentence comes as its own audio, and what holds no word says nothing', async () => {
  const events = [];
  for await (const event of flite.synthesize({ text: 'One. Two! ... Three?', language: 'en' }, neverAborted)) events.push(event.kind);
  expect(events).toEqual(['audio', 'audio', 'audio']);
});

test('text that looks like an option is spoken, not obeyed', async () => {
  expect((await spoken(flite, { text: '-lv', language: 'en' })).length).toBeGreaterThan(3000);
});

test('abort ends the speech with its reason, and the next request works', async () => {
  const controller = new AbortController();
  const reason = new Error('interrupted');
  const heard: number[] = [];
  const talking = (async () => {
    for await (const event of flite.synthesize({ text: 'One. Two. Three. Four. Five.', language: 'en' }, controller.signal)) {
      if (event.kind === 'audio') heard.push(event.pcm.length);
      controller.abort(reason);
    }
  })();
  await expect(talking).rejects.toBe(reason);
  expect(heard.length).toBe(1);
  expect((await spoken(flite, { text: 'Hello.', language: 'en' })).length).toBeGreaterThan(3000);
});

test('after close nothing runs and requests fail as values', async () => {
  expect(runningParts()).toBeGreaterThan(0);
  await flite.close();
  await expect(spoken(flite, { text: 'Hello.', language: 'en' })).rejects.toMatchObject({ code: 'engine/failed' });
  expect(runningParts()).toBe(0);
});
