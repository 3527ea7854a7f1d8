import type { EngineStage } from '../../../preload/contract/engines.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { Clock, MonoUs } from '../../../preload/contract/time.ts';
import { forkNodeProcess, type NodeProcess, type StartNodeProcess } from '../../node-process.ts';
import { findPackage } from '../embedded.ts';
import type { FromSherpa, ToSherpa } from './messages.ts';

const LOAD_TIMEOUT_MS = 60_000;
const PACKAGE = 'sherpa-onnx-node';

export type Answer = Exclude<FromSherpa, { kind: 'loaded' }>;

/** A model in a process of its own, loaded with the first request and again after it died. */
export interface ModelProcess {
  /** Resolves when the model is loaded, with how many speakers it has. Rejects with TalkError 'engine/…' or 'model/incomplete'. */
  ready(): Promise<number>;
  /** Has it loaded. A failure is told by `ready`, which tries again. */
  warm(): void;
  /** A new utterance or sentence; `listener` also hears of the process's end. */
  begin(listener: (answer: Answer) => void): { send(message: Distributed): void; end(): void };
  close(): Promise<void>;
}

type Numbered = Exclude<ToSherpa, { kind: 'load' }>;
/** A message without its number, which is given here. */
export type Distributed = Numbered extends infer Message ? (Message extends Numbered ? Omit<Message, 'id'> : never) : never;

export interface ModelProcessDeps {
  stage: EngineStage;
  engine: string;
  clock: Clock;
  /** Looks for the model's files; asked again at each start. */
  plan: () => Promise<Extract<ToSherpa, { kind: 'load' }>>;
  startProcess?: StartNodeProcess;
}

export function createModelProcess({ stage, engine, clock, plan, startProcess = forkNodeProcess }: ModelProcessDeps): ModelProcess {
  let running: { child: NodeProcess; loaded: Promise<number>; listeners: Map<number, (answer: Answer) => void> } | null = null;
  let starting: Promise<number> | null = null;
  let lastId = 0;
  let isClosed = false;

  async function load(): Promise<number> {
    if (isClosed) throw failed('closed');
    if (findPackage(PACKAGE) === undefined) throw new TalkError('engine/unavailable', { stage, engine, missing: PACKAGE });
    const message = await plan();
    return launch(message);
  }

  function launch(message: ToSherpa): Promise<number> {
    const child = startProcess(new URL('./sherpa.process.ts', import.meta.url));
    const listeners = new Map<number, (answer: Answer) => void>();
    const loaded = Promise.withResolvers<number>();
    loaded.promise.catch(() => {}); // may fail before anybody waits
    const mine = { child, loaded: loaded.promise, listeners };
    running = mine;
    let thrown: string | null = null;
    const cancel = clock.at((clock.nowUs() + LOAD_TIMEOUT_MS * 1000) as MonoUs, () => {
      over(new TalkError('engine/timeout', { stage, engine, timeoutMs: LOAD_TIMEOUT_MS }, { retryable: true }));
    });

    function over(error: TalkError): void {
      cancel();
      if (running === mine) running = null;
      child.kill();
      loaded.reject(error);
      for (const [id, listener] of listeners) listener({ kind: 'failed', id, reason: String(error.value.data.reason ?? error.code) });
      listeners.clear();
    }

    child.onMessage((answer: FromSherpa) => {
      if (answer.kind === 'loaded') {
        cancel();
        loaded.resolve(answer.speakers);
      } else if (answer.kind === 'failed' && answer.id === null) {
        // The library's own reason comes by another way, and is whole when that has ended.
        thrown = answer.reason;
        child.kill();
      } else if (answer.id !== null) listeners.get(answer.id)?.(answer);
    });
    child.onExit(({ code, said }) => over(failed(reasonOf(thrown ?? `the process ended with ${String(code)}`, said))));
    child.send(message);
    return loaded.promise;
  }

  function failed(reason: string): TalkError {
    return new TalkError('engine/failed', { stage, engine, reason }, { retryable: true });
  }

  function ready(): Promise<number> {
    // What failed is told when the last word on standard error is there; who asks meanwhile gets another at once.
    if (running?.child.isRunning) return running.loaded;
    starting ??= load().finally(() => {
      starting = null;
    });
    return starting;
  }

  return {
    ready,
    warm: () => void ready().catch(() => undefined),
    begin(listener) {
      const id = ++lastId;
      const to = running;
      if (to === null) {
        listener({ kind: 'failed', id, reason: 'the model is not loaded' });
        return { send: () => {}, end: () => {} };
      }
      to.listeners.set(id, listener);
      return {
        send: (message) => to.child.send({ ...message, id }),
        end() {
          if (to.listeners.delete(id)) to.child.send({ kind: 'close', id });
        },
      };
    },
    async close() {
      isClosed = true;
      const was = running;
      if (was === null) return;
      const gone = new Promise((resolve) => was.child.onExit(resolve));
      was.child.kill();
      await gone;
    },
  };
}

/** The last line of standard error says more than the exception. */
function reasonOf(thrown: string, said: string): string {
  const last = said
    .split('\n')
    .map((line) => line.trim())
    .findLast((line) => line !== '');
  return last === undefined ? thrown : `${thrown} (${last})`;
}
