import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { TalkError } from '../../../preload/contract/errors.ts';
import { Channel } from '../../channel.ts';
import { orAborted } from '../abort.ts';
import { findPackage } from '../embedded.ts';
import { type Block, blockKinds, type EspeakRequest, readBlocks } from './espeak-blocks.ts';

export const ESPEAK_PACKAGE = '@echogarden/espeak-ng-emscripten';
const SAMPLE_RATE = 22_050;
const BLOCK_TIMEOUT_MS = 10_000;

/** A program that speaks with eSpeak NG, outside this process. */
export interface EspeakSpeaker {
  /** Samples as they are made. Abort of `signal` ends it by rejecting with the signal's reason. */
  speak(request: EspeakRequest, signal: AbortSignal): AsyncGenerator<{ pcm: Int16Array; sampleRate: number }>;
  close(): Promise<void>;
}

interface Running {
  child: ChildProcessByStdio<Writable, Readable, null>;
  read(): Promise<Block>;
  exited: Promise<void>;
}

/**
 * The npm build in one process, started with the first request and again after it died; requests take turns.
 * `nodePath` runs `processUrl`: this program itself unless told.
 */
export function createEspeakPackage(options: { processUrl?: URL; nodePath?: string } = {}): EspeakSpeaker {
  let running: Running | undefined;
  let lastInLine: Promise<void> = Promise.resolve();
  let isClosed = false;

  function start(): Running {
    const main = findPackage(ESPEAK_PACKAGE);
    if (!main) throw new TalkError('engine/unavailable', { stage: 'tts', engine: 'espeak', missing: ESPEAK_PACKAGE });
    const script = fileURLToPath(options.processUrl ?? new URL('./espeak.process.ts', import.meta.url));
    const child = spawn(options.nodePath ?? process.execPath, [script, pathToFileURL(main).href], {
      stdio: ['pipe', 'pipe', 'ignore'],
      // Electron's executable is Node only with this variable; Node does not look at it.
      env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    });
    child.stdin.on('error', () => {}); // a dead process is noticed where its answer is awaited
    const blocks = readBlocks(child.stdout);
    const started: Running = {
      child,
      async read() {
        const { done, value } = await blocks.next();
        if (done) {
          // Its exit may be told later than the end of its output; the next request must not go to it.
          if (running === started) running = undefined;
          throw failed('the process ended');
        }
        return value;
      },
      exited: new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.once('error', () => resolve());
      }),
    };
    void started.exited.then(() => {
      if (running === started) running = undefined;
    });
    return started;
  }

  async function readOrKill(from: Running): Promise<Block> {
    const timer = setTimeout(() => from.child.kill('SIGKILL'), BLOCK_TIMEOUT_MS);
    try {
      return await from.read();
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Reads one answer at the process's pace, whether anybody still listens or not: the next request in line waits for the process,
   * never for how fast this one is played. An answer is a sentence or so, half a megabyte at most.
   */
  async function readAnswer(from: Running, answer: Channel<Int16Array>): Promise<void> {
    try {
      for (;;) {
        const block = await readOrKill(from);
        if (block.kind === blockKinds.failed) throw failed(block.body.toString());
        if (block.kind === blockKinds.done) return answer.end();
        answer.push(samples(block.body));
      }
    } catch (error) {
      answer.fail(error);
    }
  }

  return {
    async *speak(request, signal) {
      const before = lastInLine;
      const turn = Promise.withResolvers<void>();
      lastInLine = turn.promise;
      const answer = new Channel<Int16Array>();
      try {
        await orAborted(before, signal);
        if (isClosed) throw failed('closed');
        running ??= start();
      } catch (error) {
        void before.then(turn.resolve);
        throw error;
      }
      const from = running;
      keepAlive(from, true);
      from.child.stdin.write(`${JSON.stringify(request)}\n`);
      void readAnswer(from, answer).then(() => {
        keepAlive(from, false);
        turn.resolve();
      });
      const pieces = answer[Symbol.asyncIterator]();
      try {
        for (;;) {
          const { done, value } = await orAborted(pieces.next(), signal);
          if (done) return;
          yield { pcm: value, sampleRate: SAMPLE_RATE };
        }
      } finally {
        answer.end();
      }
    },
    async close() {
      isClosed = true;
      if (!running) return;
      const last = running;
      keepAlive(last, true); // until its end has been seen
      last.child.kill('SIGKILL');
      await last.exited;
    },
  };
}

/** Whether the speaking process keeps this one from ending: only while it is spoken with. */
function keepAlive({ child }: Running, isNeeded: boolean): void {
  for (const handle of [child, child.stdout as Socket]) {
    if (isNeeded) handle.ref();
    else handle.unref();
  }
}

function samples(bytes: Buffer): Int16Array {
  const pcm = new Int16Array(bytes.length >> 1);
  new Uint8Array(pcm.buffer).set(bytes.subarray(0, pcm.byteLength));
  return pcm;
}

function failed(reason: string): TalkError {
  return new TalkError('engine/failed', { stage: 'tts', engine: 'espeak', reason }, { retryable: true });
}
