import { join } from 'node:path';
import { ModelFiles } from './model-files.ts';

/** A voice as the native library is told of it. */
export interface TtsPlan {
  model: 'vits' | 'matcha' | 'kokoro';
  config: object;
}

/** Finds a voice's files in a folder: kokoro by its voices.bin, matcha by its vocoder, else VITS (piper, MeloTTS). Throws TalkError 'model/incomplete'. */
export async function planTts(folder: string, options: { threads: number }): Promise<TtsPlan> {
  const files = await ModelFiles.of(folder);
  const model = files.has('voices.bin') ? 'kokoro' : files.find(vocoders) === undefined ? 'vits' : 'matcha';
  const part = { ...ownPart(files, model), tokens: files.tokens(), ...pronunciation(files) };
  const rules = files.all(/\.fst$/u);
  const archives = files.all(/\.far$/u);
  const config = {
    model: { [model]: part, numThreads: options.threads, provider: 'cpu', debug: 0 },
    // A sentence at a time: the first is heard while the second is being made.
    maxNumSentences: 1,
    ...(rules.length > 0 && { ruleFsts: rules.join(',') }),
    ...(archives.length > 0 && { ruleFars: archives.join(',') }),
  };
  return { model, config };
}

const vocoders = /^(vocos|hifigan).*\.onnx$/u;

function ownPart(files: ModelFiles, model: TtsPlan['model']): object {
  const voice = files.find(/^model.*int8.*\.onnx$/u, /^model.*\.onnx$/u, /^(?!vocos|hifigan).*\.onnx$/u);
  const path = files.require('*.onnx', voice);
  switch (model) {
    case 'kokoro':
      return { model: path, voices: join(files.folder, 'voices.bin') };
    case 'matcha':
      return { acousticModel: path, vocoder: files.require('vocos*.onnx', files.find(vocoders)) };
    case 'vits':
      return { model: path };
  }
}

/** A voice pronounces by lexicons, or by the data of espeak-ng, or both (kokoro). */
function pronunciation(files: ModelFiles): object {
  const lexicons = files.all(/^lexicon.*\.txt$/u);
  const dataDir = files.has('espeak-ng-data') ? join(files.folder, 'espeak-ng-data') : undefined;
  if (dataDir === undefined && lexicons.length === 0) files.require('lexicon.txt', undefined);
  return { ...(lexicons.length > 0 && { lexicon: lexicons.join(',') }), ...(dataDir !== undefined && { dataDir }) };
}
