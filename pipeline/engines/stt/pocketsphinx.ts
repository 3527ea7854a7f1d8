import { access } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { TalkError } from '../../../preload/contract/errors.ts';
import { endThread } from '../../threads/end-thread.ts';
import { type EmbeddedEngine, findPackage } from '../embedded.ts';
import type { SttEngine, SttOptions, SttResult, SttStream } from './engine.ts';
import type { DecoderReply, DecoderRequest } from './pocketsphinx.worker.ts';
import { LIBRARY, MODEL_FOLDER, type Profile } from './pocketsphinx-library.ts';

/**
 * Open English dictation by the system's PocketSphinx and its en-us model, one decoder (about 130 MB) a worker thread.
 * Good with clear quiet speech; not with noise (reference/speech.md §4).
 */
export interface PocketsphinxOptions {
  profile?: Profile;
  /** Utterances at a time; one more is refused with 'engine/rate-limited'. */
  decoderLimit?: number;
  workerUrl?: URL;
}

const FINISH_TIMEOUT_MS = 10_000;
/** Where Debian's multiarch and others keep shared libraries. */
const LIBRARY_FOLDERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/usr/local/lib'];

interface DecoderThread {
  worker: Worker;
  /** Hears what the thread answers for the utterance under way, or that it died. */
  listener: ((reply: DecoderReply) => void) | undefined;
}

export function createPocketsphinxStt(options: PocketsphinxOptions = {}): SttEngine & EmbeddedEngine {
  const { profile = 'accurate', decoderLimit = 4 } = options;
  const threads = new Set<DecoderThread>();
  const idle: DecoderThread[] = [];
  let utterances = 0;
  let isClosed = false;

  function start(): DecoderThread {
    const worker = new Worker(options.workerUrl ?? new URL('./pocketsphinx.worker.ts', import.meta.url), { name: 'pocketsphinx' });
    const thread: DecoderThread = { worker, listener: undefined };
    let reason = 'the worker ended';
    worker.on('message', (reply: DecoderReply) => thread.listener?.(reply));
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', () => {
      threads.delete(thread);
      const index = idle.indexOf(thread);
      if (index >= 0) idle.splice(index, 1);
      thread.listener?.({ kind: 'failed', utterance: utterances, reason });
    });
    worker.unref();
    threads.add(thread);
    return thread;
  }

  async function open(sttOptions: SttOptions): Promise<SttStream> {
    sttOptions.signal.throwIfAborted();
    if (isClosed) throw failed('closed');
    if (idle.length === 0 && threads.size >= decoderLimit) {
      throw new TalkError('engine/rate-limited', { stage: 'stt', engine: 'pocketsphinx', decoderLimit }, { retryable: true });
    }
    const thread = idle.pop() ?? start();
    return openStream({
      thread,
      utterance: ++utterances,
      profile,
      sttOptions,
      release: () => {
        if (threads.has(thread) && !isClosed) idle.push(thread);
      },
      discard: () => {
        // One that died is not there any more: its end would be waited for in vain.
        if (threads.delete(thread)) void endThread(thread.worker);
      },
    });
  }

  return {
    id: 'pocketsphinx',
    languages: ['en'],
    open,
    async isAvailable() {
      if (!findPackage('koffi')) return { ok: false, missing: 'koffi' };
      if (!(await existsOne(LIBRARY_FOLDERS.map((folder) => `${folder}/${LIBRARY}`)))) return { ok: false, missing: LIBRARY };
      const model = `${MODEL_FOLDER}/en-us/mdef`;
      return (await existsOne([model])) ? { ok: true } : { ok: false, missing: MODEL_FOLDER };
    },
    async close() {
      isClosed = true;
      await Promise.all([...threads].map(({ worker }) => endThread(worker)));
    },
  };
}

function openStream(parts: {
  thread: DecoderThread;
  utterance: number;
  profile: Profile;
  sttOptions: SttOptions;
  /** Gives the thread back for the next utterance. */
  release: () => void;
  /** Ends the thread; nobody gets it any more. */
  discard: () => void;
}): SttStream {
  const { thread, utterance, profile, sttOptions, release, discard } = parts;
  const { signal, onPartial } = sttOptions;
  const result = Promise.withResolvers<SttResult>();
  result.promise.catch(() => {}); // may fail before anybody waits
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  function end(): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    signal.removeEventListener('abort', close);
    thread.listener = undefined;
    thread.worker.unref();
    release();
  }

  function close(): void {
    result.reject(signal.aborted ? signal.reason : failed('closed'));
    end();
  }

  function send(request: DecoderRequest): void {
    if (!isOver) thread.worker.postMessage(request);
  }

  thread.listener = (reply) => {
    if (reply.kind === 'failed') {
      result.reject(failed(reply.reason));
      end();
    } else if (reply.utterance !== utterance) {
      return; // left over from an utterance nobody waited for
    } else if (reply.kind === 'partial') {
      onPartial?.(reply.text);
    } else {
      result.resolve({ text: reply.text });
      end();
    }
  };
  signal.addEventListener('abort', close, { once: true });
  thread.worker.ref();
  send({ kind: 'start', utterance, profile });

  return {
    write: (pcm) => send({ kind: 'audio', pcm: pcm.slice() }),
    finish() {
      // One that is over has given its thread back: another utterance may be on it by the time this one would be late.
      if (isOver) return result.promise;
      timer ??= setTimeout(() => {
        result.reject(
          new TalkError('engine/timeout', { stage: 'stt', engine: 'pocketsphinx', timeoutMs: FINISH_TIMEOUT_MS }, { retryable: true }),
        );
        discard();
        end();
      }, FINISH_TIMEOUT_MS);
      send({ kind: 'finish' });
      return result.promise;
    },
    close,
  };
}

async function existsOne(paths: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

function failed(reason: string): TalkError {
  return new TalkError('engine/failed', { stage: 'stt', engine: 'pocketsphinx', reason }, { retryable: true });
}
