import { Worker } from 'node:worker_threads';
import { endThread } from '../../../pipeline/threads/end-thread.ts';
import type { RecordingAnalysis } from '../../../preload/contract/latency.ts';
import { TalkError, type TalkErrorValue } from '../../../preload/contract/talk-error.ts';

export interface RecordingRequest {
  wav: Uint8Array;
  user: 'left' | 'right';
}

export type RecordingReply = { ok: true; analysis: RecordingAnalysis } | { ok: false; error: TalkErrorValue };

/** Of a recording that nobody wants any more: an hour of it takes seconds. */
const GRACE_MS = 5_000;

/** `analyseRecording` in a thread of its own: an hour takes seconds, and boards are being answered meanwhile. */
export async function analyseRecordingAside(request: RecordingRequest, signal: AbortSignal): Promise<RecordingAnalysis> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./recording.worker.ts', import.meta.url), { workerData: request, name: 'recording' });
  const { promise, resolve, reject } = Promise.withResolvers<RecordingReply>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', (code) => reject(new Error(`the recording's thread ended with ${code}`)));
  try {
    const reply = await promise;
    if (!reply.ok) throw TalkError.from(reply.error);
    return reply.analysis;
  } finally {
    signal.removeEventListener('abort', abort);
    // It ends by itself once it has answered; one that is given up is stopped when it does not come to its end, and nobody waits for that.
    void endThread(worker, GRACE_MS);
  }
}
