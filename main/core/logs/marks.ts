import { TalkError } from '../../../preload/contract/errors.ts';
import type { LogMark } from '../../../preload/contract/logs.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { createSessionLists } from '../endpoint/session-lists.ts';
import type { Store } from '../store/store.ts';

export interface Marks {
  calls: Pick<CallHandlers, 'logs.mark'>;
  streams: Pick<StreamHandlers, 'logs.marks'>;
}

/** Bookmarks of sessions; kept in the store, told to whoever follows a session's. */
export function createMarks({ store, settle }: { store: Store; settle(): Promise<void> }): Marks {
  const lists = createSessionLists<LogMark>(async (sessionId) => {
    // A session that has just begun is not yet to be read.
    await settle();
    return store.read('log.marks', { sessionId });
  });
  return {
    calls: {
      'logs.mark': async ({ sessionId, seq, mark }) => {
        const { found } = await store.write('log.mark', { sessionId, seq, mark });
        if (!found) throw new TalkError('session/not-found', { id: sessionId });
        await lists.changed(sessionId);
        return {};
      },
    },
    streams: { 'logs.marks': ({ sessionId }) => lists.follow(sessionId) },
  };
}
