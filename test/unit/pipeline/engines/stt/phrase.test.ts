import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOpusDecoder, createOpusEncoder } from '../../../../../pipeline/audio/opus.ts';
import { createPhraseStt } from '../../../../../pipeline/engines/stt/phrase.ts';
import type { Phrase } from '../../../../../pipeline/engines/stt/phrases.ts';
import { createEspeakTts } from '../../../../../pipeline/engines/tts/espeak.ts';
import { createFliteTts } from '../../../../../pipeline/engines/tts/flite.ts';
import { joined, neverAborted, noise, silence, spoken } from '../speech.ts';

const flite = createFliteTts();
const espeak = createEspeakTts();
const hasEspeak = (await espeak.isAvailable()).ok;

const english = [
  'what time is it',
  'set the volume to fifty',
  'tell me a story',
  'stop',
  'goodbye',
  'turn the volume up',
  'turn the volume down',
];
const chinese = ['现在几点', '把音量调到五十', '停', '再见', '声音大一点', '声音小一点'];
const phrases: Phrase[] = [
  ...english.map((text) => ({ text, language: 'en' as const })),
  ...chinese.map((text) => ({ text, language: 'zh' as const })),
];
const stt = createPhraseStt({
  phrases: () => phrases,
  voices: [
    { tts: flite, language: 'en', voice: 'slt' },
    { tts: flite, language: 'en', voice: 'rms' },
    { tts: espeak, language: 'zh', voice: 'cmn' },
  ],
});

beforeAll(async () => {
  await stt.prepare('en');
  if (hasEspeak) await stt.prepare('zh');
}, 60_000);

afterAll(async () => {
  await stt.close();
  await flite.close();
  await espeak.close();
});

async function recognise(pcm: Int16Array, language = 'en') {
  const stream = await stt.open({ language, signal: neverAborted });
  for (let at = 0; at < pcm.length; at += 320) stream.write(pcm.slice(at, at + 320));
  const result = await stream.finish();
  stream.close();
  return result;
}

/** As it reaches the pipeline from a board: through Opus, with silence around it. */
function overOpus(pcm: Int16Array): Int16Array {
  const encoder = createOpusEncoder({ sampleRate: 16_000, channels: 1, bitrate: 24_000, frameMs: 60, isCbr: true });
  const decoder = createOpusDecoder({ sampleRate: 16_000, channels: 1 });
  const padded = joined(silence(300), pcm, silence(560));
  const frames: Int16Array[] = [];
  for (let at = 0; at + 960 <= padded.length; at += 960) frames.push(decoder.decode(encoder.encode(padded.slice(at, at + 960))));
  encoder.close();
  decoder.close();
  return joined(...frames);
}

describe('phrase recognition', () => {
  test.each(english)('knows "%s" at another speed and over Opus', async (text) => {
    const result = await recognise(overOpus(await spoken(flite, { text, language: 'en', voice: 'slt', speed: 1.15 })));
    expect(result.text).toBe(text);
    expect(result.score).toBeGreaterThan(0.35);
    expect(result.score).toBeLessThanOrEqual(1);
  });

  test.skipIf(!hasEspeak).each(chinese)('knows “%s” at another speed and over Opus', async (text) => {
    expect((await recognise(overOpus(await spoken(espeak, { text, language: 'zh', speed: 0.9 })), 'zh')).text).toBe(text);
  });

  test.each([
    'I would like a cup of coffee',
    'where is the nearest station',
    'the quick brown fox jumps over the lazy dog',
    'my name is alice',
    'it is raining outside',
    'see you tomorrow morning',
  ])('turns "%s" away: nobody enrolled it', async (text) => {
    const result = await recognise(overOpus(await spoken(flite, { text, language: 'en', voice: 'slt' })));
    expect(result.text).toBe('');
    expect(result.score).toBeLessThan(0.35);
  });

  test.skipIf(!hasEspeak)('turns the other language away', async () => {
    expect((await recognise(await spoken(espeak, { text: '我想喝一杯咖啡', language: 'zh' }))).text).toBe('');
  });

  test.each([
    ['silence', silence(2000)],
    ['nothing', silence(0)],
    ['a click', joined(silence(300), noise(80, 20_000), silence(300))],
    ['white noise', noise(24_000, 4000)],
    ['a hum', Int16Array.from({ length: 24_000 }, (_, i) => 6000 * Math.sin(i / 25))],
  ])('hears no phrase in %s', async (_name, pcm) => {
    expect((await recognise(pcm)).text).toBe('');
  });

  test('knows a phrase in 20 dB of noise', async () => {
    const pcm = joined(silence(300), await spoken(flite, { text: 'tell me a story', language: 'en', voice: 'slt' }), silence(300));
    const hiss = noise(pcm.length, 400);
    expect((await recognise(pcm.map((sample, i) => sample + (hiss[i] ?? 0)))).text).toBe('tell me a story');
  });

  test('a new phrase is known to the next utterance, a removed one no longer', async () => {
    const text = 'open the window';
    const pcm = await spoken(flite, { text, language: 'en', voice: 'slt', speed: 1.1 });
    expect((await recognise(pcm)).text).toBe('');
    phrases.push({ text, language: 'en' });
    expect((await recognise(pcm)).text).toBe(text);
    phrases.pop();
    expect((await recognise(pcm)).text).toBe('');
  });

  test("a recording teaches it a speaker's own voice", async () => {
    const text = 'what time is it';
    await stt.enrol({ text, language: 'en' }, await spoken(flite, { text, language: 'en', voice: 'awb' }));
    expect((await recognise(await spoken(flite, { text, language: 'en', voice: 'awb', speed: 0.9 }))).text).toBe(text);
  });

  test('an aborted utterance rejects with the reason', async () => {
    const controller = new AbortController();
    const stream = await stt.open({ language: 'en', signal: controller.signal });
    stream.write(noise(1600, 1000));
    controller.abort('gone');
    await expect(stream.finish()).rejects.toBe('gone');
    stream.close();
    await expect(stt.open({ language: 'en', signal: controller.signal })).rejects.toBe('gone');
  });
});
