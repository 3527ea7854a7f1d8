import { pathToFileURL } from 'node:url';
import { TalkError } from '../../../preload/contract/errors.ts';
import { Channel } from '../../channel.ts';
import { forkNodeProcess, type NodeProcess, type StartNodeProcess } from '../../node-process.ts';
import { orAborted } from '../abort.ts';
import { findPackage } from '../embedded.ts';
import type { EspeakAnswer, EspeakRequest } from './espeak-messages.ts';

export const ESPEAK_PACKAGE = '@echogarden/espeak-ng-emscripten';
const SAMPLE_RATE = 22_050;
const ANSWER_TIMEOUT_MS = 10_000;

/** A program that speaks with eSpeak NG, outside this process. */
export interface EspeakSpeaker {
  /** Samples as they are made. Abort of `signal` ends it by rejecting with the signal's reason. */
  speak(request: EspeakRequest, signal: AbortSignal): AsyncGenerator<{ pcm: Int16Array; sampleRate: number }>;
  close(): Promise<void>;
}

interface Running {
  process: NodeProcess;
  answers: AsyncGenerator<EspeakAnswer>;
  exited: Promise<void>;
}

/** The npm build in one process, started with the first request and again after it died; requests take turns. */
export function createEspeakPackage(options: { processUrl?: URL; startProcess?: StartNodeProcess } = {}): EspeakSpeaker {
  const { processUrl = new URL('./espeak.process.ts', import.meta.url), startProcess = forkNodeProcess } = options;
  let running: Running | undefined;
  let lastInLine: Promise<void> = Promise.resolve();
  let isClosed = false;

  function start(): Running {
    const main = findPackage(ESPEAK_PACKAGE);
    if (!main) throw new TalkError('engine/unavailable', { stage: 'tts', engine: 'espeak', missing: ESPEAK_PACKAGE });
    const process = startProcess(processUrl, [pathToFileURL(main).href]);
    const answers = new Channel<EspeakAnswer>();
    process.onMessage((answer: EspeakAnswer) => answers.push(answer));
    const exited = new Promise<void>((resolve) => {
      process.onExit(({ code, said }) => {
        answers.fail(failed(`the process ended with ${String(code)} ${said.trim()}`.trim()));
        resolve();
      });
    });
    return { process, answers: answers[Symbol.asyncIterator](), exited };
  }

  async function readOrKill(from: Running): Promise<EspeakAnswer> {
    const timer = setTimeout(() => from.process.kill(), ANSWER_TIMEOUT_MS);
    try {
      const { done, value } = await from.answers.next();
      if (done) throw failed('the process ended');
      return value;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Reads one answer at the process's pace, whether anybody still listens or not: the next request in line waits for the process,
   * never for how fast this one is played. An answer is a sentence or so, half a megabyte at most.
   */
  async function readAnswer(from: Running, audio: Channel<Int16Array>): Promise<void> {
    try {
      for (;;) {
        const answer = await readOrKill(from);
        if (answer.kind === 'failed') throw failed(answer.reason);
        if (answer.kind === 'done') return audio.end();
        audio.push(answer.pcm);
      }
    } catch (error) {
      audio.fail(error);
    }
  }

  return {
    async *speak(request, signal) {
      const before = lastInLine;
      const turn = Promise.withResolvers<void>();
      lastInLine = turn.promise;
      const audio = new Channel<Int16Array>();
      let from: Running;
      try {
        await orAborted(before, signal);
        if (isClosed) throw failed('closed');
        from = running?.process.isRunning ? running : start();
        running = from;
      } catch (error) {
        void before.then(turn.resolve);
        throw error;
      }
      // It keeps this process from ending only while it is spoken with.
      from.process.keepWaiting(true);
      from.process.send(request);
      void readAnswer(from, audio).then(() => {
        from.process.keepWaiting(false);
        turn.resolve();
      });
      const pieces = audio[Symbol.asyncIterator]();
      try {
        for (;;) {
          const { done, value } = await orAborted(pieces.next(), signal);
          if (done) return;
          yield { pcm: value, sampleRate: SAMPLE_RATE };
        }
      } finally {
        audio.end();
      }
    },
    async close() {
      isClosed = true;
      if (!running) return;
      const { process, exited } = running;
      process.keepWaiting(true); // until its end has been seen
      process.kill();
      await exited;
    },
  };
}

function failed(reason: string): TalkError {
  return new TalkError('engine/failed', { stage: 'tts', engine: 'espeak', reason }, { retryable: true });
}
