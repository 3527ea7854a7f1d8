import { parentPort, workerData } from 'node:worker_threads';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import { analyseRecording } from './recording.ts';
import type { RecordingReply, RecordingRequest } from './recording-thread.ts';

/** One recording, then it ends. A bug ends it too, and is heard of as the thread's error. */
function answer({ wav, user }: RecordingRequest): RecordingReply {
  try {
    return { ok: true, analysis: analyseRecording(wav, { user }) };
  } catch (error) {
    if (error instanceof TalkError) return { ok: false, error: error.value };
    throw error;
  }
}

parentPort?.postMessage(answer(workerData as RecordingRequest));
