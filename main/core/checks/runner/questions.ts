import type { CheckQuestion } from '../../../../preload/contract/checks.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';

export type Answer = 'done' | 'yes' | 'no' | 'skip';

/** The one question that is open, and who waits for its answer. */
export class OpenQuestion {
  #open: { resultId: string; kind: CheckQuestion['kind']; answer: (answer: Answer) => void } | null = null;

  /** Rejects with what `signal` was aborted for. */
  ask(resultId: string, { kind }: CheckQuestion, signal: AbortSignal): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const open = { resultId, kind, answer: resolve };
    this.#open = open;
    return promise.finally(() => {
      signal.removeEventListener('abort', onAbort);
      if (this.#open === open) this.#open = null;
    });
  }

  /** Throws TalkError 'not-found' where nobody asks that, 'bad-request' where it is no answer to it. */
  answer(resultId: string, answer: Answer): void {
    const open = this.#open;
    if (open === null || open.resultId !== resultId) throw new TalkError('not-found', { what: 'question', id: resultId });
    if (answer !== 'skip' && (answer === 'done') !== (open.kind === 'do'))
      throw new TalkError('bad-request', {
        issues: [{ path: 'answer', message: open.kind === 'do' ? 'want done or skip' : 'want yes, no or skip' }],
      });
    open.answer(answer);
  }
}
