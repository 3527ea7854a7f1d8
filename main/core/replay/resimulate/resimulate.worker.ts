import { parentPort, workerData } from 'node:worker_threads';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import { openReader } from '../../store/database.ts';
import { readConversations } from './read.ts';
import { resimulate } from './resimulate.ts';
import type { ResimulationMessage, ResimulationRequest } from './thread.ts';
import { embeddedVads } from './vads.ts';

const port = parentPort;
if (port === null) throw new Error('a simulation runs in a worker thread');
const post = (message: ResimulationMessage) => port.postMessage(message);

/** One request, then it ends. A bug ends it too, and is heard of as the thread's error. */
async function answer({
  path,
  sessionIds,
  conversationId,
  changes,
  sweep,
  heard,
  givenUp,
}: ResimulationRequest): Promise<ResimulationMessage> {
  const vads = embeddedVads();
  const database = openReader(path);
  try {
    const goOn = () => {
      if (Atomics.load(givenUp, 0) !== 0) throw new TalkError('cancelled');
    };
    const recorded = sessionIds.flatMap((id) => {
      goOn();
      return readConversations(database, id, conversationId);
    });
    const outcome = await resimulate(
      recorded,
      { changes, sweep },
      {
        vad: vads.choose,
        heard,
        onProgress(fraction) {
          goOn();
          post({ kind: 'progress', fraction });
        },
      },
    );
    return { kind: 'done', outcome, heard };
  } catch (error) {
    if (error instanceof TalkError) return { kind: 'failed', error: error.value };
    throw error;
  } finally {
    database.close();
    await vads.close();
  }
}

post(await answer(workerData as ResimulationRequest));
