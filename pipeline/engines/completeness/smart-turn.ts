import { TalkError } from '../../../preload/contract/errors.ts';
import { createFrameThreads, type FrameStream, type FrameThreads } from '../../threads/frame-threads.ts';
import type { CompletenessModel } from './engine.ts';

export interface SmartTurnOptions {
  /** Where the model's file lies; undefined while it is not here. Asked at each judgement: it may be fetched or removed meanwhile. */
  model(): string | undefined;
  /** The thread that runs it. */
  start?: (model: string) => FrameThreads<number>;
}

/** Judgements that may wait at once, of all conversations: a later one would come too late to be of use. */
const QUEUE_LIMIT = 8;

/**
 * Smart Turn v3: by melody and pace of the last eight seconds, not by words, whether who spoke has ended; from 0.5 on they have. In a
 * worker thread that all conversations share. A judgement rejects with TalkError 'engine/unavailable' without the model, 'engine/failed' |
 * 'engine/timeout' | 'engine/rate-limited' (too many are asked for at once).
 */
export function createSmartTurn(options: SmartTurnOptions): CompletenessModel & { close(): Promise<void> } {
  const start = options.start ?? startThread;
  let running: { model: string; threads: FrameThreads<number>; stream: FrameStream<number> } | undefined;

  async function stop(): Promise<void> {
    const last = running;
    running = undefined;
    await last?.threads.close();
  }

  return {
    id: 'smart-turn',
    audioMs: 8000,
    async judge({ audio }) {
      const model = options.model();
      if (model === undefined) throw unavailable('smart-turn');
      if (start === startThread) await load();
      if (running && running.model !== model) await stop();
      if (!running) {
        const threads = start(model);
        running = { model, threads, stream: threads.open() };
      }
      return { probability: await running.stream.process(audio ?? new Int16Array(0)), reason: 'smart-turn' };
    },
    close: stop,
  };
}

function startThread(model: string): FrameThreads<number> {
  return createFrameThreads<number>({
    url: new URL('./smart-turn.worker.ts', import.meta.url),
    stage: 'vad',
    engine: 'smart-turn',
    threads: 1,
    // The first judgement waits for the model.
    timeoutMs: 10_000,
    queueLimit: QUEUE_LIMIT,
    workerData: { model },
  });
}

let loading: Promise<unknown> | undefined;

/** As Silero's: the runtime registers itself once a process, so the thread that outlives the workers has to hold it. */
async function load(): Promise<void> {
  loading ??= import('onnxruntime-node');
  try {
    await loading;
  } catch (cause) {
    loading = undefined;
    throw unavailable('onnxruntime-node', cause);
  }
}

function unavailable(missing: string, cause?: unknown): TalkError {
  return new TalkError('engine/unavailable', { stage: 'vad', engine: 'smart-turn', missing }, { cause });
}
