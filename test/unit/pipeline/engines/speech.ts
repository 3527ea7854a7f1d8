import { subscribe } from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';
import { resample } from '../../../../pipeline/audio/resample.ts';
import type { TtsEngine, TtsRequest } from '../../../../pipeline/engines/tts/engine.ts';

export const neverAborted = new AbortController().signal;

/** What an engine says, at 16 kHz. */
export async function spoken(tts: TtsEngine, request: TtsRequest): Promise<Int16Array> {
  const samples: number[] = [];
  let rate = 16_000;
  for await (const event of tts.synthesize(request, neverAborted)) {
    if (event.kind !== 'audio') continue;
    for (const sample of event.pcm) samples.push(sample);
    rate = event.sampleRate;
  }
  return resample(Int16Array.from(samples), { from: rate, to: 16_000 });
}

export function silence(ms: number): Int16Array {
  return new Int16Array(16 * ms);
}

export function joined(...parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** White noise of the same loudness for the same seed. */
export function noise(samples: number, amplitude: number, seed = 1): Int16Array {
  let state = seed;
  return Int16Array.from({ length: samples }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.round((state / 2 ** 31 - 1) * amplitude);
  });
}

const running = new Set<EventEmitter>();

function watch(part: EventEmitter): void {
  running.add(part);
  part.once('exit', () => running.delete(part));
}
subscribe('worker_threads', (message) => watch((message as { worker: EventEmitter }).worker));
subscribe('child_process', (message) => watch((message as { process: EventEmitter }).process));

/** Counts the worker threads and child processes that begin from now on and have not ended. Other test files of the process have theirs. */
export function partsFromNow(): () => number {
  const before = new Set(running);
  return () => [...running].filter((part) => !before.has(part)).length;
}
