import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Closable, EngineCreation } from '../kind.ts';
import type { ServiceName } from '../service/failure.ts';
import { inTime } from '../service/in-time.ts';
import { createModelProcess } from '../sherpa/model-process.ts';
import { planStt, type SttModel } from '../sherpa/stt-model.ts';
import type { SttEngine, SttResult } from './engine.ts';

/** From the last audio to the transcript; a slow machine with a big model needs seconds for a long utterance. */
const FINISH_MS = 20_000;

/** sherpa-onnx on a model's folder: streaming models tell what they hear as they hear it, the others when the utterance is over. */
export function createSherpaStt({ id, config, clock, startProcess }: EngineCreation): Pick<SttEngine, 'open' | 'warm'> & Closable {
  const service: ServiceName = { stage: 'stt', engine: id };
  const model = createModelProcess({
    ...{ ...service, clock },
    async plan() {
      const options = { model: config.model as SttModel, language: String(config.language ?? ''), threads: Number(config.threads) };
      return { kind: 'load', stage: 'stt', plan: await planStt(String(config.folder), options) };
    },
    ...(startProcess && { startProcess }),
  });

  return {
    async open({ signal, onPartial }) {
      await model.ready();
      signal.throwIfAborted();
      const result = Promise.withResolvers<SttResult>();
      result.promise.catch(() => {}); // may fail before anybody waits
      const utterance = model.begin((answer) => {
        if (answer.kind === 'partial') onPartial?.(answer.text);
        else if (answer.kind === 'final') result.resolve(answer.result);
        else if (answer.kind === 'failed')
          result.reject(new TalkError('engine/failed', { ...service, reason: answer.reason }, { retryable: true }));
      });
      utterance.send({ kind: 'open' });
      const close = () => {
        signal.removeEventListener('abort', close);
        result.reject(signal.aborted ? signal.reason : new TalkError('engine/failed', { ...service, reason: 'closed' }));
        utterance.end();
      };
      signal.addEventListener('abort', close, { once: true });
      return {
        write: (pcm) => utterance.send({ kind: 'audio', pcm }),
        async finish() {
          utterance.send({ kind: 'finish' });
          return inTime(result.promise, { clock, service, limitMs: FINISH_MS }).finally(close);
        },
        close,
      };
    },
    warm: () => model.warm(),
    close: () => model.close(),
  };
}
