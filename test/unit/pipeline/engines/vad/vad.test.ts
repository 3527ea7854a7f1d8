import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFliteTts } from '../../../../../pipeline/engines/tts/flite.ts';
import type { VadStream } from '../../../../../pipeline/engines/vad/engine.ts';
import { createFvad } from '../../../../../pipeline/engines/vad/fvad.ts';
import { createSileroVad } from '../../../../../pipeline/engines/vad/silero.ts';
import { joined, noise, silence, spoken } from '../speech.ts';

const flite = createFliteTts();
const engines = [createSileroVad(), createFvad()];
let speech: Int16Array;

beforeAll(async () => {
  speech = await spoken(flite, { text: 'please turn on the lights in the living room', language: 'en' });
});
afterAll(async () => {
  await flite.close();
  await Promise.all(engines.map((engine) => engine.close()));
});

async function probabilities(stream: VadStream, pcm: Int16Array): Promise<number[]> {
  const result: number[] = [];
  for (let at = 0; at + stream.frameSamples <= pcm.length; at += stream.frameSamples) {
    result.push(await stream.process(pcm.slice(at, at + stream.frameSamples)));
  }
  return result;
}

const share = (values: readonly number[]) => values.filter((value) => value >= 0.5).length / values.length;

describe.each(engines.map((engine) => [engine.id, engine] as const))('%s', (_id, engine) => {
  test('is available here', async () => {
    expect(await engine.isAvailable()).toEqual({ ok: true });
  });

  test('hears speech and not the silence around it', async () => {
    const stream = await engine.open();
    const before = await probabilities(stream, silence(600));
    const during = await probabilities(stream, speech);
    const after = (await probabilities(stream, silence(1500))).slice(-10);
    expect(share(before)).toBe(0);
    expect(share(during)).toBeGreaterThan(0.7);
    expect(share(after)).toBe(0);
    stream.close();
  });

  test('two streams share nothing but the model', async () => {
    const [one, other, alone] = await Promise.all([engine.open(), engine.open(), engine.open()]);
    const expected = await probabilities(alone, speech);
    const result: number[] = [];
    for (let at = 0; at + one.frameSamples <= speech.length; at += one.frameSamples) {
      const frame = speech.slice(at, at + one.frameSamples);
      const [probability] = await Promise.all([one.process(frame), other.process(new Int16Array(one.frameSamples))]);
      result.push(probability);
    }
    // Frames that share a run round differently in the last bits.
    for (const [index, probability] of result.entries()) expect(probability).toBeCloseTo(expected[index] ?? -1, 4);
    expect(result).toHaveLength(expected.length);
    for (const stream of [one, other, alone]) stream.close();
  });

  test('a reset stream answers like a new one', async () => {
    const stream = await engine.open();
    const first = await probabilities(stream, speech);
    stream.reset();
    expect(await probabilities(stream, speech)).toEqual(first);
    stream.close();
  });

  test('a frame of another length, or after close, is refused', async () => {
    const stream = await engine.open();
    await expect(stream.process(new Int16Array(stream.frameSamples - 1))).rejects.toThrow(RangeError);
    stream.close();
    stream.close();
    await expect(stream.process(new Int16Array(stream.frameSamples))).rejects.toThrow('closed');
  });
});

test('Silero runs again in a new thread after the first one has ended', async () => {
  for (let run = 0; run < 3; run++) {
    const silero = createSileroVad({ threads: 2 });
    const [one, other] = await Promise.all([silero.open(), silero.open()]);
    expect(await Promise.all([one, other].map((stream) => stream.process(new Int16Array(512))))).toEqual([
      expect.any(Number),
      expect.any(Number),
    ]);
    await silero.close();
  }
});

test('Silero does not take white noise for speech', async () => {
  const silero = createSileroVad();
  const stream = await silero.open();
  expect(share(await probabilities(stream, joined(silence(200), noise(32_000, 3000))))).toBeLessThan(0.05);
  stream.close();
  await silero.close();
});
