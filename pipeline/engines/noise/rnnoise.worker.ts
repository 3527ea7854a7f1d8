import type { DenoiseState, Rnnoise } from '@shiguredo/rnnoise-wasm';
import { createResampler, type Resampler } from '../../audio/resample.ts';
import { serveFrames } from '../../threads/frame-threads.ts';

/** RNNoise works at 48 kHz in frames of 10 ms, and what comes out is two frames late (measured by correlation with what went in). */
const RATE = 48_000;
const DELAY_SAMPLES = 960;

interface State {
  up: Resampler;
  down: Resampler;
  denoiser: DenoiseState;
  frame: Float32Array;
  filled: number;
  /** Output samples at 48 kHz that are still only the delay. */
  late: number;
  taken: number;
  given: number;
}

let loading: Promise<Rnnoise> | undefined;
async function load(): Promise<Rnnoise> {
  // The build asks whether it is in a browser's worker, and needs nothing of one.
  (globalThis as { WorkerGlobalScope?: unknown }).WorkerGlobalScope ??= class {};
  const { Rnnoise: library } = await import('@shiguredo/rnnoise-wasm');
  return library.load();
}

serveFrames<State, Int16Array>({
  async open() {
    loading ??= load();
    const library = await loading;
    const denoiser = library.createDenoiseState();
    return fresh({ denoiser, frame: new Float32Array(library.frameSize) });
  },
  process: (batch) => batch.map(({ state, frame }) => (frame.length === 0 ? flush(state) : run(state, frame))),
  reset: (state) => void fresh(state),
  close: ({ denoiser }) => denoiser.destroy(),
});

function fresh(state: Pick<State, 'denoiser' | 'frame'>): State {
  return Object.assign(state, {
    up: createResampler({ from: 16_000, to: RATE }),
    down: createResampler({ from: RATE, to: 16_000 }),
    filled: 0,
    late: DELAY_SAMPLES,
    taken: 0,
    given: 0,
  });
}

function run(state: State, pcm: Int16Array): Int16Array {
  state.taken += pcm.length;
  return give(state, denoise(state, state.up.process(pcm)));
}

/** Silence pushes the rest out; what the denoiser learnt of the noise stays. */
function flush(state: State): Int16Array {
  const owed = state.taken - state.given;
  const rest = denoise(state, state.up.process(new Int16Array(800)));
  const tail = give(state, rest).slice(0, owed);
  fresh(state);
  return tail;
}

/** Whole frames through the denoiser, the rest kept. */
function denoise(state: State, input: Int16Array): Int16Array {
  const { frame, denoiser } = state;
  const output = new Int16Array(Math.floor((state.filled + input.length) / frame.length) * frame.length);
  let written = 0;
  for (const sample of input) {
    frame[state.filled++] = sample;
    if (state.filled < frame.length) continue;
    state.filled = 0;
    denoiser.processFrame(frame);
    for (const clean of frame) output[written++] = Math.max(-32768, Math.min(32767, Math.round(clean)));
  }
  return output;
}

function give(state: State, output: Int16Array): Int16Array {
  const drop = Math.min(state.late, output.length);
  state.late -= drop;
  const clean = state.down.process(output.subarray(drop));
  state.given += clean.length;
  return clean;
}
