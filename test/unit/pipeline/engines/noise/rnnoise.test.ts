import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NoiseStream } from '../../../../../pipeline/engines/noise/engine.ts';
import { createRnnoise } from '../../../../../pipeline/engines/noise/rnnoise.ts';
import { createFliteTts } from '../../../../../pipeline/engines/tts/flite.ts';
import { joined, noise, silence, spoken } from '../speech.ts';

const suppressor = createRnnoise({ threads: 1 });
const flite = createFliteTts();
let speech: Int16Array;

beforeAll(async () => {
  speech = (await spoken(flite, { text: 'turn on the light', language: 'en' })).slice(0, 24_000);
});
afterAll(async () => {
  await Promise.all([suppressor.close(), flite.close()]);
});

/** What comes out of pieces of 60 ms, and of the flush. */
async function clean(stream: NoiseStream, pcm: Int16Array, piece = 960): Promise<Int16Array> {
  const parts: Int16Array[] = [];
  for (let at = 0; at < pcm.length; at += piece) parts.push(await stream.process(pcm.slice(at, at + piece)));
  parts.push(await stream.flush());
  return joined(...parts);
}

const power = (pcm: Int16Array) => pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length;

/** By how many samples `late` follows `early`, where they are most alike. */
function lag(early: Int16Array, late: Int16Array): number {
  let best = { lag: 0, likeness: Number.NEGATIVE_INFINITY };
  for (let shift = -400; shift <= 400; shift++) {
    let likeness = 0;
    for (let i = 400; i < early.length - 400; i++) likeness += (early[i] ?? 0) * (late[i + shift] ?? 0);
    if (likeness > best.likeness) best = { lag: shift, likeness };
  }
  return best.lag;
}

describe('RNNoise', () => {
  test('what comes out stands where it went in, so speech begins and ends when it did', async () => {
    const stream = await suppressor.open();
    const result = await clean(stream, speech);
    expect(result).toHaveLength(speech.length);
    expect(Math.abs(lag(speech, result))).toBeLessThanOrEqual(16);
    stream.close();
  });

  test('noise is taken off and speech stays', async () => {
    const stream = await suppressor.open();
    const hiss = noise(24_000, 600);
    const result = await clean(stream, joined(hiss, speech));
    // The first half second is when it learns the noise.
    expect(power(result.slice(8000, 24_000))).toBeLessThan(power(hiss) / 30);
    expect(power(result.slice(24_000))).toBeGreaterThan(power(speech) / 3);
    stream.close();
  });

  test('pieces of any length give the same samples, and a flushed stream begins anew', async () => {
    const stream = await suppressor.open();
    const pcm = joined(silence(100), speech.slice(0, 8000));
    const first = await clean(stream, pcm, 320);
    const other = await suppressor.open();
    expect(await clean(other, pcm, 1111)).toEqual(first);
    expect(await clean(stream, pcm)).toHaveLength(pcm.length);
    for (const open of [stream, other]) open.close();
  });
});
