import { parentPort } from 'node:worker_threads';
import { serveThread } from '../../../../pipeline/threads/end-thread.ts';
import { isTalkError } from '../../../../preload/contract/talk-error.ts';
import { compareSessions } from '../golden/compare.ts';
import { editSuite } from '../suite/edit.ts';
import { inspectSuite } from '../suite/read.ts';
import { judgeCase } from './judge.ts';
import type { JudgeJob, JudgeReply, JudgeRequest } from './judge-thread.ts';

/** One question after the other. A bug ends the thread, and is heard of as its error. */
serveThread(({ id, job }: JudgeRequest) => parentPort?.postMessage(replyTo(id, job)));

function replyTo(id: number, job: JudgeJob): JudgeReply {
  try {
    return { id, result: resultOf(job) };
  } catch (error) {
    if (!isTalkError(error)) throw error;
    return { id, error: error.value };
  }
}

function resultOf({ kind, of }: JudgeJob) {
  switch (kind) {
    case 'case':
      return judgeCase(of);
    case 'compare':
      return compareSessions(of.golden, of.candidate);
    case 'inspect':
      return inspectSuite(of);
    case 'edit':
      return editSuite(of);
  }
}
