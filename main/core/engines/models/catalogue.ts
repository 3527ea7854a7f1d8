import type { ModelEntry } from '../../../../preload/contract/engines.ts';

/** Run by pipeline/engines/completeness/smart-turn.ts. */
export const smartTurnFile = 'smart-turn-v3.2-cpu.onnx';

/**
 * Models that can be had. Every address names one revision of its repository, where one is known, so that it always means the same file.
 *
 * `sizeBytes` is what the repository's listing shows, rounded as it rounds, for the user to decide by; 0: not known. What decides is the
 * length the server gives and the hash. An empty `sha256` is one we have not seen written anywhere: the file's own is then taken on
 * trust the first time and shown, and every later copy has to have it.
 *
 * Voices that need the espeak-ng data (piper, kokoro, English matcha) are not here: hundreds of files under the GPL. They work from any
 * folder that has them.
 */
export const modelCatalogue: readonly ModelEntry[] = [
  {
    ...{ id: 'zipformer-zh-en', stage: 'stt', kind: 'sherpa', title: 'Streaming Zipformer, Chinese and English (2023-02-20)' },
    ...{ languages: ['zh', 'en'], ...apache('csukuangfj/sherpa-onnx-streaming-zipformer-bilingual-zh-en-2023-02-20') },
    files: files(
      'csukuangfj/sherpa-onnx-streaming-zipformer-bilingual-zh-en-2023-02-20',
      '7aae1b88bdc0064047e681c50a30e629ef884144',
      ['encoder-epoch-99-avg-1.int8.onnx', 182_000_000],
      ['decoder-epoch-99-avg-1.onnx', 13_900_000],
      ['joiner-epoch-99-avg-1.int8.onnx', 3_230_000],
      ['tokens.txt', 56_300],
    ),
  },
  {
    ...{ id: 'zipformer-zh', stage: 'stt', kind: 'sherpa', title: 'Streaming Zipformer, Chinese (2023-12-12)' },
    ...{ languages: ['zh'], ...apache('k2-fsa/sherpa-onnx-streaming-zipformer-multi-zh-hans-2023-12-12') },
    files: files(
      'k2-fsa/sherpa-onnx-streaming-zipformer-multi-zh-hans-2023-12-12',
      'main',
      ['encoder-epoch-20-avg-1-chunk-16-left-128.int8.onnx', 0],
      ['decoder-epoch-20-avg-1-chunk-16-left-128.int8.onnx', 0],
      ['joiner-epoch-20-avg-1-chunk-16-left-128.int8.onnx', 0],
      ['tokens.txt', 0],
    ),
  },
  {
    ...{ id: 'zipformer-en', stage: 'stt', kind: 'sherpa', title: 'Streaming Zipformer, English (2023-06-26)' },
    ...{ languages: ['en'], ...apache('csukuangfj/sherpa-onnx-streaming-zipformer-en-2023-06-26') },
    files: files(
      'csukuangfj/sherpa-onnx-streaming-zipformer-en-2023-06-26',
      '6037ea07e3abfe599ad00d418968bcf9656e7472',
      ['encoder-epoch-99-avg-1-chunk-16-left-128.int8.onnx', 71_100_000],
      ['decoder-epoch-99-avg-1-chunk-16-left-128.onnx', 2_090_000],
      ['joiner-epoch-99-avg-1-chunk-16-left-128.int8.onnx', 259_000],
      ['tokens.txt', 5050],
    ),
  },
  {
    ...{ id: 'paraformer-zh', stage: 'stt', kind: 'sherpa', title: 'Paraformer, Chinese, whole utterances (2023-03-28)' },
    ...{ languages: ['zh', 'en'], licence: 'MIT', licenceUrl: page('csukuangfj/sherpa-onnx-paraformer-zh-2023-03-28') },
    files: files(
      'csukuangfj/sherpa-onnx-paraformer-zh-2023-03-28',
      'fe3e2bbfa0a0d3789b653c4b6cf3f87a5dbf2b94',
      ['model.int8.onnx', 223_000_000],
      ['tokens.txt', 75_800],
    ),
  },
  {
    ...{ id: 'sense-voice', stage: 'stt', kind: 'sherpa', title: 'SenseVoice, five languages and emotion, whole utterances (2024-07-17)' },
    languages: ['zh', 'en', 'yue', 'ja', 'ko'],
    ...{ licence: 'FunASR Model Licence', licenceUrl: 'https://github.com/modelscope/FunASR/blob/main/MODEL_LICENSE' },
    files: files(
      'csukuangfj/sherpa-onnx-sense-voice-zh-en-ja-ko-yue-2024-07-17',
      'main',
      ['model.int8.onnx', 239_000_000],
      ['tokens.txt', 316_000],
    ),
  },
  {
    ...{ id: 'melo-zh-en', stage: 'tts', kind: 'sherpa', title: 'MeloTTS (VITS), Chinese with English words' },
    ...{ languages: ['zh', 'en'], licence: 'MIT', licenceUrl: page('csukuangfj/vits-melo-tts-zh_en') },
    files: files(
      'csukuangfj/vits-melo-tts-zh_en',
      'main',
      ['model.onnx', 0],
      ['lexicon.txt', 0],
      ['tokens.txt', 0],
      ['date.fst', 0],
      ['number.fst', 0],
      ['phone.fst', 0],
      ['new_heteronym.fst', 0],
    ),
  },
  {
    ...{ id: 'vits-ljs', stage: 'tts', kind: 'sherpa', title: 'VITS LJ Speech, English' },
    ...{ languages: ['en'], ...apache('csukuangfj/vits-ljs') },
    files: files('csukuangfj/vits-ljs', 'main', ['vits-ljs.onnx', 114_000_000], ['lexicon.txt', 3_710_000], ['tokens.txt', 1080]),
  },
  {
    ...{ id: 'smart-turn', stage: 'vad', kind: 'smart-turn', title: 'Smart Turn v3.2: whether the user has finished speaking' },
    languages: ['zh', 'en', 'ja', 'ko'],
    ...{ licence: 'BSD-2-Clause', licenceUrl: page('pipecat-ai/smart-turn-v3') },
    files: [
      {
        path: smartTurnFile,
        url: resolve('pipecat-ai/smart-turn-v3', 'f766f81d3cfdf7737ac64aad813d91bbfd56bf93', smartTurnFile),
        sizeBytes: 8_679_182,
        sha256: '2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f',
      },
    ],
  },
  {
    ...{ id: 'qwen2.5-0.5b', stage: 'llm', kind: 'openai', title: 'Qwen2.5 0.5B Instruct, Q4_K_M (for llama.cpp, LM Studio or Ollama)' },
    ...{ languages: ['zh', 'en'], ...apache('Qwen/Qwen2.5-0.5B-Instruct') },
    files: [
      {
        path: 'Qwen2.5-0.5B-Instruct-Q4_K_M.gguf',
        url: resolve(
          'bartowski/Qwen2.5-0.5B-Instruct-GGUF',
          'b26a58accf53b1a19fbc555d52fdb224bec473f5',
          'Qwen2.5-0.5B-Instruct-Q4_K_M.gguf',
        ),
        sizeBytes: 398_000_000,
        sha256: '6eb923e7d26e9cea28811e1a8e852009b21242fb157b26149d3b188f3a8c8653',
      },
    ],
  },
];

function apache(repository: string): { licence: string; licenceUrl: string } {
  return { licence: 'Apache-2.0', licenceUrl: page(repository) };
}

function page(repository: string): string {
  return `https://huggingface.co/${repository}`;
}

function resolve(repository: string, revision: string, path: string): string {
  return `https://huggingface.co/${repository}/resolve/${revision}/${path}`;
}

function files(repository: string, revision: string, ...list: readonly [path: string, sizeBytes: number][]): ModelEntry['files'] {
  return list.map(([path, sizeBytes]) => ({ path, url: resolve(repository, revision, path), sizeBytes, sha256: '' }));
}
