import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FRAMES, logMel, MELS } from '../../../../pipeline/engines/completeness/log-mel.ts';
import { type ScoringSession, score } from '../../../../pipeline/engines/completeness/score.ts';
import { createSmartTurn } from '../../../../pipeline/engines/completeness/smart-turn.ts';
import type { FrameThreads } from '../../../../pipeline/threads/frame-threads.ts';

/** An ONNX model of two operations, sigmoid(mean(input_features)), in protobuf's wire format. */
function meanModel(): Uint8Array {
  type Field = [number: number, value: number | string | Uint8Array];
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))]);
  const message = (...fields: Field[]) =>
    Uint8Array.from(
      fields.flatMap(([number, value]) => {
        if (typeof value === 'number') return [...varint(number * 8), ...varint(value)];
        const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
        return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
      }),
    );
  const value = (name: string, dims: number[]) => {
    const shape = message(...dims.map((dim): Field => [1, message([1, dim])]));
    return message([1, name], [2, message([1, message([1, 1], [2, shape])])]);
  };
  const node = (input: string, output: string, operation: string) => message([1, input], [2, output], [4, operation]);
  const graph = message(
    [1, node('input_features', 'mean', 'ReduceMean')],
    [1, node('mean', 'logits', 'Sigmoid')],
    [2, 'mean'],
    [11, value('input_features', [1, 80, 800])],
    [12, value('logits', [1, 1, 1])],
  );
  return message([1, 8], [7, graph], [8, message([1, ''], [2, 13])]);
}

const at = (features: Float32Array, mel: number, frame: number) => features[mel * FRAMES + frame] ?? Number.NaN;
const tone = (hertz: number, ms: number, amplitude = 9000) =>
  Int16Array.from({ length: ms * 16 }, (_, index) => Math.round(amplitude * Math.sin((2 * Math.PI * hertz * index) / 16_000)));

/** One frame by the definitions, sample by sample and bin by bin, on the whole wave put together beforehand. */
function directly(pcm: Int16Array, frame: number): number[] {
  const wave = [...new Array<number>(128_000 - pcm.length).fill(0), ...[...pcm].map((sample) => sample / 32_768)];
  const mean = wave.reduce((sum, value) => sum + value, 0) / wave.length;
  const variance = wave.reduce((sum, value) => sum + (value - mean) ** 2, 0) / wave.length;
  const even = wave.map((value) => (value - mean) / Math.sqrt(variance + 1e-7));
  const padded = [...even.slice(1, 201).toReversed(), ...even, ...even.slice(-201, -1).toReversed()];
  const piece = padded.slice(frame * 160, frame * 160 + 400).map((value, n) => value * Math.sin((Math.PI * n) / 400) ** 2);
  const energies = Array.from({ length: 201 }, (_, bin) => {
    const real = piece.reduce((sum, value, n) => sum + value * Math.cos((2 * Math.PI * bin * n) / 400), 0);
    const imaginary = piece.reduce((sum, value, n) => sum + value * Math.sin((2 * Math.PI * bin * n) / 400), 0);
    return real ** 2 + imaginary ** 2;
  });
  const toMel = (hertz: number) => (hertz < 1000 ? (3 * hertz) / 200 : 15 + Math.log(hertz / 1000) / (Math.log(6.4) / 27));
  const edges = Array.from({ length: 82 }, (_, step) => {
    const wanted = (toMel(8000) * step) / 81;
    let [low, high] = [0, 8001]; // the scale backwards, by halving
    for (let i = 0; i < 60; i += 1) {
      if (toMel((low + high) / 2) < wanted) low = (low + high) / 2;
      else high = (low + high) / 2;
    }
    return low;
  });
  return Array.from({ length: 80 }, (_, mel) => {
    const [left, middle, right] = edges.slice(mel, mel + 3) as [number, number, number];
    const energy = energies.reduce((sum, value, bin) => {
      const hertz = bin * 40;
      const height =
        hertz <= left || hertz >= right ? 0 : hertz < middle ? (hertz - left) / (middle - left) : (right - hertz) / (right - middle);
      return sum + (value * height * 2) / (right - left);
    }, 0);
    return Math.log10(Math.max(1e-10, energy));
  });
}

describe('log-mel', () => {
  const noisy = Int16Array.from(tone(440, 3000), (sample, index) => sample + ((index * 7919) % 601) - 300);

  test('agrees with a calculation straight from the definitions, also at both ends and where the sound begins', () => {
    const features = logMel(noisy);
    const peak = Math.max(...features) * 4 - 4;
    for (const frame of [0, 250, 499, 500, 501, 600, 798, 799]) {
      const wanted = directly(noisy, frame).map((level) => (Math.max(level, peak - 8) + 4) / 4);
      for (const [mel, value] of wanted.entries()) expect(Math.abs(at(features, mel, frame) - value)).toBeLessThan(1e-4);
    }
  });

  test('agrees with what transformers’ WhisperFeatureExtractor gives for two tones in noise', () => {
    let seed = 12_345;
    const pcm = Int16Array.from({ length: 48_000 }, (_, index) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      const noise = ((seed >>> 16) / 32_768 - 1) * 0.01;
      const turn = (2 * Math.PI * index) / 16_000;
      return Math.round(32_768 * (0.3 * Math.sin(440 * turn) + 0.2 * Math.sin(1250 * turn) + noise));
    });
    const features = logMel(pcm);
    // Numbers published with an independent implementation.
    for (const [mel, frame, value] of [
      [0, 0, -0.26838],
      [40, 400, -0.26838],
      [79, 700, 0.41503],
      [10, 600, 1.64153],
      [20, 799, 0.56652],
      [60, 650, 0.3985],
    ] as const)
      expect(Math.abs(at(features, mel, frame) - value)).toBeLessThan(5e-3);
  });

  test('a tone is loudest in the mel it belongs to, later when it is later, and not by how loud the microphone is', () => {
    for (const [hertz, mel] of [
      [500, 12],
      [1000, 26],
      [4000, 60],
    ] as const) {
      const features = logMel(tone(hertz, 2000));
      const column = Array.from({ length: MELS }, (_, index) => at(features, index, 700));
      const loudest = column.indexOf(Math.max(...column));
      expect(Math.abs(loudest - mel)).toBeLessThanOrEqual(2);
      expect(at(features, loudest, 300)).toBeLessThan(at(features, loudest, 700) - 0.5);
    }
    const [loud, quiet] = [logMel(tone(800, 8000, 16_000)), logMel(tone(800, 8000, 4000))];
    expect(Math.abs(at(loud, 22, 400) - at(quiet, 22, 400))).toBeLessThan(1e-2);
  });

  test('only the last eight seconds count; nothing and silence are numbers too', () => {
    expect(logMel(Int16Array.from([...tone(3000, 4000), ...noisy, ...tone(500, 5000)]))).toEqual(
      logMel(Int16Array.from([...noisy, ...tone(500, 5000)])),
    );
    for (const pcm of [new Int16Array(0), new Int16Array(128_000)]) {
      const features = logMel(pcm);
      expect(features).toHaveLength(MELS * FRAMES);
      expect(features.every((value) => Number.isFinite(value))).toBe(true);
    }
  });
});

describe('the session', () => {
  function session(data: number[]): ScoringSession & { fed: { name: string; dims: readonly number[]; length: number }[] } {
    const fed: { name: string; dims: readonly number[]; length: number }[] = [];
    return {
      fed,
      inputNames: ['input_features'],
      outputNames: ['logits'],
      async run(feeds) {
        for (const [name, { data: given, dims }] of Object.entries(feeds)) fed.push({ name, dims, length: given.length });
        return { logits: { data } };
      },
    };
  }

  test('is fed one spectrogram under its own name, and its first number is the probability', async () => {
    const fake = session([0.83]);
    expect(await score(fake, tone(400, 1000))).toBe(0.83);
    expect(fake.fed).toEqual([{ name: 'input_features', dims: [1, 80, 800], length: 64_000 }]);
  });

  test.each([[[]], [[Number.NaN]], [[3.2]], [[-0.1]]])('what is no probability is not taken for one: %j', async (data) => {
    await expect(score(session(data), tone(400, 100))).rejects.toThrow('no probability');
  });
});

describe('Smart Turn', () => {
  function threads(answers: (number | Error)[]) {
    const started: string[] = [];
    const heard: number[] = [];
    let open = 0;
    const start = (model: string): FrameThreads<number> => {
      started.push(model);
      open += 1;
      return {
        open: () => ({
          async process(frame) {
            heard.push(frame.length);
            const answer = answers.shift() ?? 0;
            if (answer instanceof Error) throw answer;
            return answer;
          },
          reset: () => undefined,
          close: () => undefined,
        }),
        async close() {
          open -= 1;
        },
      };
    };
    return { start, started, heard, open: () => open };
  }

  test('is started with the first judgement, once, and again when another file takes the model’s place', async () => {
    const fake = threads([0.9, 0.2, 0.6]);
    let model = '/models/one.onnx';
    const smartTurn = createSmartTurn({ model: () => model, start: fake.start });
    expect(fake.started).toEqual([]);
    const audio = tone(400, 500);
    expect(await smartTurn.judge({ language: 'zh', text: '', audio })).toEqual({ probability: 0.9, reason: 'smart-turn' });
    expect(await smartTurn.judge({ language: 'zh', text: '', audio })).toMatchObject({ probability: 0.2 });
    model = '/models/two.onnx';
    await smartTurn.judge({ language: 'en', text: 'well', audio });
    expect(fake.started).toEqual(['/models/one.onnx', '/models/two.onnx']);
    expect(fake.heard).toEqual([8000, 8000, 8000]);
    await smartTurn.close();
    expect(fake.open()).toBe(0);
  });

  test('its thread runs an ONNX file that takes a spectrogram; one that is none fails by name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'smart-turn-'));
    const path = join(folder, 'mean.onnx');
    await writeFile(path, meanModel());
    let model = path;
    const smartTurn = createSmartTurn({ model: () => model });
    try {
      const audio = tone(400, 3000);
      const features = logMel(audio);
      const mean = features.reduce((sum, value) => sum + value, 0) / features.length;
      const { probability } = await smartTurn.judge({ language: 'zh', text: '', audio });
      expect(Math.abs(probability - 1 / (1 + Math.exp(-mean)))).toBeLessThan(1e-4);
      model = join(folder, 'none.onnx');
      await writeFile(model, 'not a model');
      await expect(Promise.resolve(smartTurn.judge({ language: 'zh', text: '', audio }))).rejects.toMatchObject({
        value: { code: 'engine/failed', data: { engine: 'smart-turn' } },
      });
    } finally {
      await smartTurn.close();
      await rm(folder, { recursive: true });
    }
  });

  test('without the model it says what is missing', async () => {
    const smartTurn = createSmartTurn({ model: () => undefined, start: threads([]).start });
    await expect(Promise.resolve(smartTurn.judge({ language: 'zh', text: '好' }))).rejects.toMatchObject({
      value: { code: 'engine/unavailable', data: { engine: 'smart-turn' } },
    });
  });
});
