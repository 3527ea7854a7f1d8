import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { planStt, type SttModel } from '../../../../../pipeline/engines/sherpa/stt-model.ts';
import { planTts } from '../../../../../pipeline/engines/sherpa/tts-model.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A name, or a name and what its metadata say; a name with a slash at its end is a folder. */
function modelFolder(...files: (string | [string, string])[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-model-'));
  folders.push(folder);
  for (const file of files) {
    const [name, metadata] = typeof file === 'string' ? [file, ''] : file;
    if (name.endsWith('/')) mkdirSync(join(folder, name));
    else writeFileSync(join(folder, name), `graph…${metadata}`);
  }
  return folder;
}

const options = (model: SttModel = 'auto') => ({ model, language: '', threads: 2 });

describe('a recogniser’s folder', () => {
  const streaming: [string, string] = ['encoder-epoch-99-avg-1.int8.onnx', 'decode_chunk_len\u001232'];
  test.each([
    ['streaming-transducer', true, [streaming, 'decoder-epoch-99-avg-1.onnx', 'joiner-epoch-99-avg-1.int8.onnx', 'tokens.txt']],
    ['transducer', false, ['encoder-epoch-99-avg-1.onnx', 'decoder-epoch-99-avg-1.onnx', 'joiner-epoch-99-avg-1.onnx', 'tokens.txt']],
    ['streaming-paraformer', true, ['encoder.int8.onnx', 'decoder.int8.onnx', 'tokens.txt']],
    ['whisper', false, [['tiny-encoder.int8.onnx', 'n_text_layer'], 'tiny-decoder.int8.onnx', 'tiny-tokens.txt']],
    ['sense-voice', false, [['model.int8.onnx', 'sense_voice_ctc'], 'tokens.txt']],
    ['paraformer', false, [['model.int8.onnx', 'lfr_window_size'], 'tokens.txt']],
    ['streaming-ctc', true, [['ctc-epoch-20-avg-1-chunk-16-left-128.int8.onnx', 'decode_chunk_len'], 'tokens.txt']],
    ['moonshine', false, ['preprocess.onnx', 'encode.int8.onnx', 'uncached_decode.int8.onnx', 'cached_decode.int8.onnx', 'tokens.txt']],
  ] as const)('is seen to hold a %s', async (model, isStreaming, files) => {
    expect(
      await planStt(modelFolder(...files.map((file) => (typeof file === 'string' ? file : ([...file] as [string, string])))), options()),
    ).toMatchObject({
      model,
      isStreaming,
    });
  });

  test('gives the library the smaller file of two, and our own end of an utterance', async () => {
    const folder = modelFolder(
      ['encoder.onnx', 'decode_chunk_len'],
      ['encoder.int8.onnx', 'decode_chunk_len'],
      'decoder.onnx',
      'joiner.onnx',
      'tokens.txt',
    );
    expect((await planStt(folder, options())).config).toEqual({
      featConfig: { sampleRate: 16_000, featureDim: 80 },
      modelConfig: {
        transducer: {
          encoder: join(folder, 'encoder.int8.onnx'),
          decoder: join(folder, 'decoder.onnx'),
          joiner: join(folder, 'joiner.onnx'),
        },
        ...{ tokens: join(folder, 'tokens.txt'), numThreads: 2, provider: 'cpu', debug: 0 },
      },
      ...{ decodingMethod: 'greedy_search', enableEndpoint: 0 },
    });
  });

  test('tells moonshine’s two decoders apart', async () => {
    const folder = modelFolder('preprocess.onnx', 'encode.onnx', 'uncached_decode.onnx', 'cached_decode.onnx', 'tokens.txt');
    const { config } = await planStt(folder, options());
    expect(config).toMatchObject({
      modelConfig: {
        moonshine: { uncachedDecoder: join(folder, 'uncached_decode.onnx'), cachedDecoder: join(folder, 'cached_decode.onnx') },
      },
    });
  });

  test.each([
    [['encoder.onnx', 'decoder.onnx', 'joiner.onnx'], 'tokens.txt'],
    [['encoder.onnx', 'tokens.txt'], 'decoder*.onnx'],
    [['tokens.txt'], 'model*.onnx'],
  ] as const)('with only %s names what is missing: %s', async (files, missing) => {
    const folder = modelFolder(...files);
    await expect(planStt(folder, options())).rejects.toMatchObject({ code: 'model/incomplete', value: { data: { folder, missing } } });
  });

  test('that is none, or whose file says nothing about itself, is refused before the library is asked', async () => {
    await expect(planStt('/nowhere/at/all', options())).rejects.toMatchObject({ code: 'model/incomplete' });
    const folder = modelFolder('model.onnx', 'tokens.txt');
    await expect(planStt(folder, options())).rejects.toMatchObject({ code: 'engine/bad-config', value: { data: { field: 'model' } } });
    expect(await planStt(folder, options('paraformer'))).toMatchObject({ model: 'paraformer' });
  });
});

describe('a voice’s folder', () => {
  test.each([
    ['vits', ['model.onnx', 'lexicon.txt', 'tokens.txt', 'date.fst', 'number.fst']],
    ['vits', ['en_US-amy-low.onnx', 'tokens.txt', 'espeak-ng-data/']],
    ['matcha', ['model-steps-3.onnx', 'vocos-22khz-univ.onnx', 'lexicon.txt', 'tokens.txt']],
    ['kokoro', ['model.int8.onnx', 'voices.bin', 'lexicon-us-en.txt', 'lexicon-zh.txt', 'tokens.txt', 'espeak-ng-data/']],
  ] as const)('is seen to hold a %s voice', async (model, files) => {
    const folder = modelFolder(...files);
    expect((await planTts(folder, { threads: 1 })).model).toBe(model);
  });

  test('gives the library its rules, lexicons and data', async () => {
    const folder = modelFolder(
      'model.onnx',
      'voices.bin',
      'lexicon-us-en.txt',
      'lexicon-zh.txt',
      'tokens.txt',
      'espeak-ng-data/',
      'date-zh.fst',
    );
    expect((await planTts(folder, { threads: 3 })).config).toEqual({
      model: {
        kokoro: {
          ...{ model: join(folder, 'model.onnx'), voices: join(folder, 'voices.bin'), tokens: join(folder, 'tokens.txt') },
          lexicon: `${join(folder, 'lexicon-us-en.txt')},${join(folder, 'lexicon-zh.txt')}`,
          dataDir: join(folder, 'espeak-ng-data'),
        },
        ...{ numThreads: 3, provider: 'cpu', debug: 0 },
      },
      maxNumSentences: 1,
      ruleFsts: join(folder, 'date-zh.fst'),
    });
  });

  test('that cannot pronounce names what is missing', async () => {
    const folder = modelFolder('model.onnx', 'tokens.txt');
    await expect(planTts(folder, { threads: 1 })).rejects.toMatchObject({ value: { data: { missing: 'lexicon.txt' } } });
  });
});
