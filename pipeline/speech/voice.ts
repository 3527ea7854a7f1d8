import { TalkError } from '../../preload/contract/errors.ts';
import type { ConversationSettings } from '../../preload/contract/settings.ts';
import { createResampler, type Resampler } from '../audio/resample.ts';
import type { TtsEngine } from '../engines/tts/engine.ts';
import { requested, type StageScope } from '../turn/stage.ts';

/** To the first audio of a sentence, and between two pieces of it. */
const PIECE_LIMIT_US = 10_000_000;
const SAMPLE_RATE = 16_000;

/** A sentence as 16 kHz mono, as it is made. Throws TalkError 'speech/language' where the voice has no such language, 'engine/…'. */
export async function* voiceOf(
  tts: TtsEngine,
  { text, language }: { text: string; language: string },
  settings: ConversationSettings,
  scope: StageScope,
): AsyncGenerator<Int16Array> {
  if (!tts.languages.includes(language)) throw new TalkError('speech/language', { stage: 'tts', engine: tts.id, language });
  const { voice, speed, volume, pitch } = settings.voice;
  // Only what differs from the voice's own: an engine without a setting must not be asked for it.
  const manner = {
    ...(voice !== '' && { voice }),
    ...(speed !== 1 && { speed }),
    ...(volume !== 1 && { volume }),
    ...(pitch !== 0 && { pitch }),
  };
  const request = { text, language, ...manner };
  let resampler: Resampler | null = null;
  for await (const event of requested((signal) => tts.synthesize(request, signal), scope, PIECE_LIMIT_US)) {
    if (event.kind !== 'audio') continue;
    resampler ??= createResampler({ from: event.sampleRate, to: SAMPLE_RATE });
    yield resampler.process(event.pcm);
  }
  scope.signal.throwIfAborted();
  if (resampler !== null) yield resampler.flush();
}
