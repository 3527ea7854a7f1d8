import { afterAll, expect, test } from 'vitest';
import { createEngineCatalogue } from '../../../../pipeline/engines/catalogue.ts';
import { joined, neverAborted, partsFromNow, silence, spoken } from './speech.ts';

const runningParts = partsFromNow();

/** PocketSphinx hears it right from its first utterance on, and the phrase recogniser is told it. */
const sentence = 'please turn on the lights in the living room';
const catalogue = createEngineCatalogue({
  log: { warn: () => {} },
  phrases: () => [{ text: sentence, language: 'en' }],
});
afterAll(() => catalogue.close());

test('every engine is listed with its stage and whether it can run', async () => {
  const choices = await catalogue.list();
  expect(choices.find(({ id }) => id === 'espeak')?.voices?.map(({ id }) => id)).toContain('cmn');
  expect(choices.map(({ stage, id }) => `${stage} ${id}`)).toEqual([
    'vad silero',
    'vad fvad',
    'stt pocketsphinx',
    'stt phrase',
    'tts flite',
    'tts espeak',
  ]);
  for (const choice of choices) expect(choice.isAvailable).toBe(choice.missing === undefined);
});

test("'auto' is Silero, and Flite for English", async () => {
  expect((await catalogue.vad('auto')).id).toBe('silero');
  expect((await catalogue.tts('auto', 'en')).id).toBe('flite');
  expect((await catalogue.stt('auto', 'zh')).id).toBe('phrase');
});

test('an engine nobody has is unavailable, and so is a language none of them speaks', async () => {
  await expect(catalogue.tts('piper')).rejects.toMatchObject({
    code: 'engine/unavailable',
    value: { data: { stage: 'tts', engine: 'piper' } },
  });
  await expect(catalogue.stt('auto', 'fr')).rejects.toMatchObject({ code: 'engine/unavailable' });
});

test('one automatic voice and one automatic ear serve a conversation in English', async () => {
  const voice = await catalogue.tts('auto');
  const ear = await catalogue.stt('auto');
  const pcm = joined(silence(300), await spoken(voice, { text: sentence, language: 'en', voice: 'slt' }), silence(200));
  const stream = await ear.open({ language: 'en', signal: neverAborted });
  stream.write(pcm);
  expect((await stream.finish()).text).toBe(sentence);
  stream.close();
}, 60_000);

test('a voice named in the request is spoken by the engine that has it', async () => {
  const voice = await catalogue.tts('auto');
  const slt = await spoken(voice, { text: 'hello', language: 'en', voice: 'slt' });
  expect(slt).toEqual(await spoken(await catalogue.tts('flite'), { text: 'hello', language: 'en', voice: 'slt' }));
  expect(voice.voices().map(({ id }) => id)).toContain('cmn');
});

test('close ends every thread and process', async () => {
  expect(runningParts()).toBeGreaterThan(0);
  await catalogue.close();
  expect(runningParts()).toBe(0);
});
