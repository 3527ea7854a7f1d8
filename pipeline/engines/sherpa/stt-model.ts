import { TalkError } from '../../../preload/contract/talk-error.ts';
import { describesItselfAs, ModelFiles } from './model-files.ts';

/** What a recogniser may be made of; 'auto' looks at the folder. */
export const sttModels = [
  'auto',
  'streaming-transducer',
  'streaming-paraformer',
  'streaming-ctc',
  'transducer',
  'paraformer',
  'sense-voice',
  'whisper',
  'moonshine',
] as const;
export type SttModel = (typeof sttModels)[number];

/** A recogniser as the native library is told of it. */
export interface SttPlan {
  model: Exclude<SttModel, 'auto'>;
  /** Recognises while it hears; else a whole utterance when it is over. */
  isStreaming: boolean;
  config: object;
}

/**
 * Finds a recogniser's files in a folder. Throws TalkError 'model/incomplete' {folder, missing}, or 'engine/bad-config' {field: 'model'}
 * where the files do not say what they are.
 */
export async function planStt(folder: string, options: { model: SttModel; language: string; threads: number }): Promise<SttPlan> {
  const files = await ModelFiles.of(folder);
  const model = options.model === 'auto' ? await recogniseModel(files) : options.model;
  const isStreaming = model.startsWith('streaming-');
  const modelConfig = {
    ...partOf(files, model, options.language),
    tokens: files.tokens(),
    numThreads: options.threads,
    provider: 'cpu',
    debug: 0,
  };
  const featConfig = { sampleRate: 16_000, featureDim: 80 };
  // Where an utterance ends is our own detector's to say.
  const endpoint = isStreaming ? { enableEndpoint: 0 } : {};
  return { model, isStreaming, config: { featConfig, modelConfig, decodingMethod: 'greedy_search', ...endpoint } };
}

async function recogniseModel(files: ModelFiles): Promise<SttPlan['model']> {
  if (files.find(/^preprocess.*\.onnx$/u) !== undefined) return 'moonshine';
  const encoder = files.onnx('encoder');
  if (encoder !== undefined && files.onnx('joiner') !== undefined)
    return (await describesItselfAs(encoder, 'decode_chunk_len')) ? 'streaming-transducer' : 'transducer';
  if (encoder !== undefined && files.onnx('decoder') !== undefined)
    return (await describesItselfAs(encoder, 'n_text_layer')) ? 'whisper' : 'streaming-paraformer';
  // Half of a pair is more likely than another kind.
  if (encoder !== undefined) files.require('decoder*.onnx', undefined);
  const model = files.require('model*.onnx', files.onnx('model') ?? files.onnx('ctc'));
  if (await describesItselfAs(model, 'sense_voice')) return 'sense-voice';
  if (await describesItselfAs(model, 'decode_chunk_len')) return 'streaming-ctc';
  if (await describesItselfAs(model, 'lfr_window_size')) return 'paraformer';
  throw new TalkError('engine/bad-config', { field: 'model', reason: 'missing' });
}

function partOf(files: ModelFiles, model: SttPlan['model'], language: string): object {
  const onnx = (part: string) => files.require(`${part}*.onnx`, files.onnx(part));
  const pair = () => ({ encoder: onnx('encoder'), decoder: onnx('decoder') });
  switch (model) {
    case 'streaming-transducer':
    case 'transducer':
      return { transducer: { ...pair(), joiner: onnx('joiner') } };
    case 'streaming-paraformer':
      return { paraformer: pair() };
    case 'streaming-ctc':
      return { zipformer2Ctc: { model: files.require('model*.onnx', files.onnx('model') ?? files.onnx('ctc')) } };
    case 'paraformer':
      return { paraformer: { model: onnx('model') } };
    case 'sense-voice':
      return { senseVoice: { model: onnx('model'), language: language === '' ? 'auto' : language, useInverseTextNormalization: 1 } };
    case 'whisper':
      return { whisper: { ...pair(), language, task: 'transcribe', tailPaddings: -1 } };
    case 'moonshine':
      return {
        moonshine: {
          preprocessor: onnx('preprocess'),
          encoder: onnx('encode'),
          uncachedDecoder: onnx('uncached_decode'),
          cachedDecoder: files.require('cached_decode*.onnx', files.find(/^cached_decode.*int8.*\.onnx$/u, /^cached_decode.*\.onnx$/u)),
        },
      };
  }
}
