import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { TalkError } from '../../../preload/contract/errors.ts';
import { orAborted } from '../abort.ts';
import type { EspeakSpeaker } from './espeak-package.ts';

const PROGRAM = 'espeak-ng';
const WAV_HEADER_BYTES = 44; // what it writes before the samples, with sizes it cannot know
const WAV_SAMPLE_RATE_AT = 24;
const CHUNK_TIMEOUT_MS = 10_000;

/** `major.minor` of the installed program, or undefined. */
export async function espeakSystemVersion(): Promise<{ major: number; minor: number } | undefined> {
  try {
    const { stdout } = await promisify(execFile)(PROGRAM, ['--version'], { timeout: 5000 });
    const found = /(\d+)\.(\d+)/.exec(stdout);
    return found ? { major: Number(found[1]), minor: Number(found[2]) } : undefined;
  } catch {
    return undefined;
  }
}

/** The installed program, one process a request: the text on its standard input, the samples on its standard output. */
export function createEspeakSystem(): EspeakSpeaker {
  const children = new Set<{ kill: (signal: 'SIGKILL') => boolean }>();
  return {
    async *speak(request, signal) {
      signal.throwIfAborted();
      const child = spawn(PROGRAM, ['-v', request.voice, '-s', String(request.rate), '--stdin', '--stdout'], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      children.add(child);
      const ended = new Promise<number | null>((resolve) => {
        child.once('exit', resolve);
        child.once('error', () => resolve(null));
      });
      child.stdin.on('error', () => {}); // it ended before it read all: its exit code tells
      child.stdin.end(request.text);
      const chunks: AsyncIterator<Buffer> = child.stdout[Symbol.asyncIterator]();
      let pending = Buffer.alloc(0);
      let sampleRate: number | undefined;
      try {
        for (;;) {
          const timer = setTimeout(() => child.kill('SIGKILL'), CHUNK_TIMEOUT_MS);
          const { done, value } = await orAborted(chunks.next(), signal).finally(() => clearTimeout(timer));
          if (done) break;
          pending = Buffer.concat([pending, value]);
          if (sampleRate === undefined) {
            if (pending.length < WAV_HEADER_BYTES) continue;
            sampleRate = pending.readUInt32LE(WAV_SAMPLE_RATE_AT);
            pending = pending.subarray(WAV_HEADER_BYTES);
          }
          const pcm = new Int16Array(pending.length >> 1);
          new Uint8Array(pcm.buffer).set(pending.subarray(0, pcm.byteLength));
          pending = pending.subarray(pcm.byteLength);
          if (pcm.length > 0) yield { pcm, sampleRate };
        }
        const code = await ended;
        if (code !== 0) throw new TalkError('engine/failed', { stage: 'tts', engine: 'espeak', reason: `exit ${code}` });
      } finally {
        child.kill('SIGKILL');
        children.delete(child);
      }
    },
    async close() {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}
