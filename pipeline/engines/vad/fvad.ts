import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TalkError } from '../../../preload/contract/errors.ts';
import { type EmbeddedEngine, findPackage } from '../embedded.ts';
import type { VadEngine, VadStream } from './engine.ts';

/**
 * The WebRTC voice activity detector (libfvad) in 20 KB of WebAssembly, for machines onnxruntime does not run on. Its
 * answer is yes or no, so the probability is 1 or 0; it holds down to about 10 dB of signal to noise.
 */
const PACKAGE = '@echogarden/fvad-wasm';
const FRAME_SAMPLES = 320; // 20 ms; it knows 10, 20 and 30
const MODE_AGGRESSIVE = 2; // of 0..3

/** The Emscripten module's exports we use. */
interface FvadModule {
  HEAP16: Int16Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _fvad_new(): number;
  _fvad_free(handle: number): void;
  _fvad_reset(handle: number): void;
  _fvad_set_mode(handle: number, mode: number): number;
  _fvad_set_sample_rate(handle: number, sampleRate: number): number;
  _fvad_process(handle: number, pointer: number, samples: number): number;
}

export function createFvad(): VadEngine & EmbeddedEngine {
  let loading: Promise<FvadModule> | undefined;

  async function load(): Promise<FvadModule> {
    const main = findPackage(PACKAGE);
    if (!main) throw new TalkError('engine/unavailable', { stage: 'vad', engine: 'fvad', missing: PACKAGE });
    const wasmBinary = await readFile(join(dirname(main), 'fvad.wasm'));
    const { default: create } = (await import(pathToFileURL(main).href)) as { default: (options: object) => Promise<FvadModule> };
    return create({ wasmBinary });
  }

  return {
    id: 'fvad',
    async open() {
      loading ??= load();
      return openStream(await loading);
    },
    async isAvailable() {
      return findPackage(PACKAGE) ? { ok: true } : { ok: false, missing: PACKAGE };
    },
    async close() {
      loading = undefined;
    },
  };
}

function openStream(module: FvadModule): VadStream {
  const handle = module._fvad_new();
  const pointer = module._malloc(2 * FRAME_SAMPLES);
  let isClosed = false;

  function configure(): void {
    module._fvad_set_sample_rate(handle, 16_000);
    module._fvad_set_mode(handle, MODE_AGGRESSIVE);
  }
  configure();

  return {
    frameSamples: FRAME_SAMPLES,
    async process(frame) {
      if (isClosed) throw new Error('the stream is closed');
      if (frame.length !== FRAME_SAMPLES) throw new RangeError(`a frame is ${FRAME_SAMPLES} samples, not ${frame.length}`);
      module.HEAP16.set(frame, pointer / 2);
      return module._fvad_process(handle, pointer, FRAME_SAMPLES) === 1 ? 1 : 0;
    },
    reset() {
      module._fvad_reset(handle); // also puts back mode and rate
      configure();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      module._fvad_free(handle);
      module._free(pointer);
    },
  };
}
