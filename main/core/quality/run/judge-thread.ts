import { Worker } from 'node:worker_threads';
import { endThread } from '../../../../pipeline/threads/end-thread.ts';
import type { CallBody } from '../../../../preload/contract/index.ts';
import type { SessionComparison, SuiteCheck } from '../../../../preload/contract/quality.ts';
import { TalkError, type TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import type { ComparableSession } from '../golden/compare.ts';
import type { InspectedSuite } from '../suite/read.ts';
import type { CaseToJudge } from './judge.ts';

/** What is asked and answered, by kind; plain data. */
interface Jobs {
  case: { asked: CaseToJudge; answered: SuiteCheck[] };
  compare: { asked: { golden: ComparableSession; candidate: ComparableSession }; answered: SessionComparison };
  inspect: { asked: string; answered: InspectedSuite };
  edit: { asked: CallBody<'suites.edit'>; answered: string };
}
type Kind = keyof Jobs;
export type JudgeJob = { [Each in Kind]: { kind: Each; of: Jobs[Each]['asked'] } }[Kind];
export interface JudgeRequest {
  id: number;
  job: JudgeJob;
}
type Answer = Jobs[Kind]['answered'];
/** `error`: one that was to be expected. A bug ends the thread. */
export type JudgeReply = { id: number; result: Answer } | { id: number; error: TalkErrorValue };

/** A regular expression of a suite may go on for ever over what a device said. */
const LONGEST_MS = 60_000;
/** Only an expression that goes on for ever does not let the thread come to its end. */
const GRACE_MS = 1_000;

/**
 * Judging aside: texts are compared, expressions searched and long suites read in a thread, and boards are being answered meanwhile. It starts with the
 * first question, takes one at a time, and is ended by whoever gives up on it; the next question starts another.
 */
export class JudgeThread implements Disposable {
  #worker: Worker | null = null;
  #lastId = 0;
  #before: Promise<unknown> = Promise.resolve();

  judge(of: CaseToJudge, signal: AbortSignal): Promise<SuiteCheck[]> {
    return this.#next({ kind: 'case', of }, signal) as Promise<SuiteCheck[]>;
  }

  compare(golden: ComparableSession, candidate: ComparableSession, signal: AbortSignal): Promise<SessionComparison> {
    return this.#next({ kind: 'compare', of: { golden, candidate } }, signal) as Promise<SessionComparison>;
  }

  inspect(text: string, signal: AbortSignal): Promise<InspectedSuite> {
    return this.#next({ kind: 'inspect', of: text }, signal) as Promise<InspectedSuite>;
  }

  /** Throws TalkError 'suite/bad-file'. */
  edit(of: CallBody<'suites.edit'>, signal: AbortSignal): Promise<string> {
    return this.#next({ kind: 'edit', of }, signal) as Promise<string>;
  }

  #next(job: JudgeJob, signal: AbortSignal): Promise<Answer> {
    const answer = this.#before.then(() => this.#ask(job, signal));
    this.#before = answer.catch(() => {});
    return answer;
  }

  async #ask(job: JudgeJob, signal: AbortSignal): Promise<Answer> {
    if (signal.aborted) throw new TalkError('cancelled');
    this.#worker ??= new Worker(new URL('./judge.worker.ts', import.meta.url), { name: 'judge' });
    const worker = this.#worker;
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<JudgeReply>();
    const hear = (reply: JudgeReply) => {
      if (reply.id === id) resolve(reply);
    };
    const ended = (code: number) => reject(new Error(`the judging thread ended with ${code}`));
    const abort = () => reject(new TalkError('cancelled'));
    const timer = setTimeout(() => reject(new TalkError('timeout', { operation: 'judge', timeoutMs: LONGEST_MS })), LONGEST_MS);
    worker.on('message', hear).on('error', reject).on('exit', ended);
    signal.addEventListener('abort', abort, { once: true });
    worker.postMessage({ id, job } satisfies JudgeRequest);
    const reply = await promise
      .catch((error: unknown) => {
        this[Symbol.dispose]();
        throw error;
      })
      .finally(() => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        worker.off('message', hear).off('error', reject).off('exit', ended);
      });
    if ('error' in reply) throw TalkError.from(reply.error);
    return reply.result;
  }

  [Symbol.dispose](): void {
    const worker = this.#worker;
    this.#worker = null;
    // An error that comes while it ends concerns nobody any more.
    worker?.on('error', () => {});
    if (worker !== null) void endThread(worker, GRACE_MS);
  }
}
