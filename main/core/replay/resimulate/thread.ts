import { Worker } from 'node:worker_threads';
import { holdSilero } from '../../../../pipeline/engines/vad/silero.ts';
import { endThread } from '../../../../pipeline/threads/end-thread.ts';
import { TalkError, type TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import type { HeardSound } from './remembered-vad.ts';
import type { ResimulationOutcome, ResimulationPlan } from './resimulate.ts';

export interface ResimulationRequest extends ResimulationPlan {
  /** The library's database, read beside its writer. */
  path: string;
  sessionIds: readonly string[];
  conversationId?: string;
  /** One flag that is set when nobody waits for it any more: it simulates without ever coming to a message. */
  givenUp: Int32Array<SharedArrayBuffer>;
  /** What detectors have heard of these sessions before. */
  heard: Record<string, HeardSound>;
}

export type ResimulationMessage =
  | { kind: 'progress'; fraction: number }
  | { kind: 'done'; outcome: ResimulationOutcome; heard: Record<string, HeardSound> }
  | { kind: 'failed'; error: TalkErrorValue };

/** `resimulate` in a thread of its own, which ends with it or soon after the signal. */
export async function resimulateAside(
  request: Omit<ResimulationRequest, 'givenUp'>,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<{ outcome: ResimulationOutcome; heard: Record<string, HeardSound> }> {
  // Its threads come and go: one that stays has to hold what they load. Where it cannot be had they say so, or do without.
  await holdSilero().catch(() => {});
  if (signal.aborted) throw new TalkError('cancelled');
  const givenUp = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: ResimulationRequest = { ...request, givenUp };
  const worker = new Worker(new URL('./resimulate.worker.ts', import.meta.url), { workerData, name: 'resimulation' });
  const { promise, resolve, reject } = Promise.withResolvers<{ outcome: ResimulationOutcome; heard: Record<string, HeardSound> }>();
  const abort = () => {
    Atomics.store(givenUp, 0, 1);
    reject(new TalkError('cancelled'));
  };
  signal.addEventListener('abort', abort, { once: true });
  worker.on('message', (message: ResimulationMessage) => {
    if (message.kind === 'progress') onProgress(message.fraction);
    else if (message.kind === 'done') resolve(message);
    else reject(TalkError.from(message.error));
  });
  worker.once('error', reject);
  worker.once('exit', (code) => reject(new Error(`the simulation's thread ended with ${code}`)));
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    await endThread(worker);
  }
}
