import { createContext, Script } from 'node:vm';
import { TalkError } from '../../../preload/contract/talk-error.ts';

const script = new Script('work()');
const context = createContext({ work: null });

/**
 * Runs `work` at once, and ends it where it stands when it takes longer than `limitMs`: an expression that people type may take
 * longer than the universe over a line of forty letters, and V8 can interrupt it only so. Costs about a quarter of a millisecond.
 * Throws TalkError 'timeout'.
 */
export function withDeadline(operation: string, limitMs: number, work: () => void): void {
  context.work = work;
  try {
    script.runInContext(context, { timeout: limitMs });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new TalkError('timeout', { operation, timeoutMs: limitMs }, { cause: error });
  } finally {
    context.work = null;
  }
}
