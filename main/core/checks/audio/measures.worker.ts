import { parentPort } from 'node:worker_threads';
import { serveThread } from '../../../../pipeline/threads/end-thread.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import { measures } from './measures.ts';
import type { MeasureAnswer, MeasureOrder } from './measures-thread.ts';

serveThread<MeasureOrder>(({ id, name, input }) => {
  const answer = (outcome: MeasureAnswer['outcome']) => parentPort?.postMessage({ id, outcome } satisfies MeasureAnswer);
  try {
    // Both ends take name and input from one table.
    answer({ kind: 'measured', result: (measures[name] as (...input: unknown[]) => unknown)(...input) });
  } catch (error) {
    if (error instanceof TalkError) answer({ kind: 'refused', error: error.value });
    else answer({ kind: 'bug', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
