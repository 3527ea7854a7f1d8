import { createRequire } from 'node:module';
import { TalkError } from '../../../preload/contract/errors.ts';
import { createFrameThreads, type FrameThreads } from '../../threads/frame-threads.ts';
import type { EmbeddedEngine } from '../embedded.ts';
import type { NoiseSuppressor } from './engine.ts';

const PACKAGE = '@shiguredo/rnnoise-wasm';

/**
 * RNNoise in worker threads of its own, shared by all conversations. About 170 ms of a core for a second of audio: a core carries six
 * boards that talk at once, so it is off unless asked for.
 */
export function createRnnoise(options: { threads?: number; workerUrl?: URL; timeoutMs?: number } = {}): NoiseSuppressor & EmbeddedEngine {
  let threads: FrameThreads<Int16Array> | undefined;
  return {
    id: 'rnnoise',
    async open() {
      if (!isInstalled()) throw new TalkError('engine/unavailable', { stage: 'vad', engine: 'rnnoise', missing: PACKAGE });
      threads ??= createFrameThreads<Int16Array>({
        url: options.workerUrl ?? new URL('./rnnoise.worker.ts', import.meta.url),
        stage: 'vad',
        engine: 'rnnoise',
        threads: options.threads ?? 2,
        timeoutMs: options.timeoutMs ?? 10_000,
        queueLimit: 64,
      });
      const stream = threads.open();
      return {
        process: (pcm) => (pcm.length === 0 ? Promise.resolve(pcm) : stream.process(pcm)),
        flush: () => stream.process(new Int16Array(0)),
        close: () => stream.close(),
      };
    },
    async isAvailable() {
      return isInstalled() ? { ok: true } : { ok: false, missing: PACKAGE };
    },
    async close() {
      await threads?.close();
      threads = undefined;
    },
  };
}

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve(PACKAGE);
    return true;
  } catch (error) {
    // It is there, but for `import` only.
    return (error as { code?: string }).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
}
