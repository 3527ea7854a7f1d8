import { TalkError } from '../../../preload/contract/talk-error.ts';
import { Channel } from '../../channel.ts';
import type { Closable, EngineCreation } from '../kind.ts';
import type { ServiceName } from '../service/failure.ts';
import { createModelProcess } from '../sherpa/model-process.ts';
import { planTts } from '../sherpa/tts-model.ts';
import type { TtsEngine, TtsEvent } from './engine.ts';

/** sherpa-onnx with a voice of a folder: VITS (piper, MeloTTS), Matcha or Kokoro. The voice is a speaker's number. */
export function createSherpaTts({ id, config, clock, startProcess }: EngineCreation): Pick<TtsEngine, 'synthesize' | 'warm'> & Closable {
  const service: ServiceName = { stage: 'tts', engine: id };
  const model = createModelProcess({
    ...{ ...service, clock },
    async plan() {
      return { kind: 'load', stage: 'tts', config: (await planTts(String(config.folder), { threads: Number(config.threads) })).config };
    },
    ...(startProcess && { startProcess }),
  });

  return {
    async *synthesize({ text, voice, speed = 1 }, signal): AsyncIterable<TtsEvent> {
      const speakers = await model.ready();
      signal.throwIfAborted();
      if (text.trim() === '') return;
      const events = new Channel<TtsEvent>();
      const sentence = model.begin((answer) => {
        if (answer.kind === 'speech') events.push({ kind: 'audio', pcm: answer.pcm, sampleRate: answer.sampleRate });
        else if (answer.kind === 'done') events.end();
        else if (answer.kind === 'failed')
          events.fail(new TalkError('engine/failed', { ...service, reason: answer.reason }, { retryable: true }));
      });
      const stop = () => events.fail(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      try {
        const wanted = Number(voice ?? config.speaker);
        const speaker = Number.isInteger(wanted) && wanted >= 0 && wanted < speakers ? wanted : 0;
        sentence.send({ kind: 'speak', text, speaker, speed: Math.min(3, Math.max(0.3, speed)) });
        yield* events;
      } finally {
        signal.removeEventListener('abort', stop);
        sentence.end();
      }
    },
    warm: () => model.warm(),
    close: () => model.close(),
  };
}
