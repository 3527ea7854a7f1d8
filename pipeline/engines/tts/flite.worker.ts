import { readFile } from 'node:fs/promises';
import { decodeWav } from '../../audio/wav.ts';
import { serveWorkerCalls } from '../../threads/worker-calls.ts';
import { runWasiCommand } from './memory-wasi.ts';

export interface FliteRequest {
  /** Path of flite.wasm. */
  program: string;
  text: string;
  voice: string;
  /** 1 is the voice's own; flite stretches durations by its inverse. */
  speed: number;
}

export interface FliteReply {
  pcm: Int16Array;
  sampleRate: number;
}

let compiled: Promise<WebAssembly.Module> | undefined;

serveWorkerCalls<FliteRequest, FliteReply>(
  async ({ program, text, voice, speed }) => {
    compiled ??= readFile(program).then((bytes) => WebAssembly.compile(bytes));
    const stretch = `duration_stretch=${(1 / speed).toFixed(3)}`;
    // A fresh instance each time: the program is a command that runs once.
    const outcome = await runWasiCommand(await compiled, ['flite', '-voice', voice, '--setf', stretch, '-t', text, '-o', '/speech.wav']);
    if (outcome.exitCode !== 0) throw new Error(`flite ended with ${outcome.exitCode}: ${outcome.standardError.slice(0, 200)}`);
    const { channels, sampleRate } = decodeWav(outcome.file);
    return { pcm: channels[0] ?? new Int16Array(0), sampleRate };
  },
  ({ pcm }) => [pcm.buffer as ArrayBuffer],
);
