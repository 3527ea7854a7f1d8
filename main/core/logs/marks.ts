import { TalkError } from '../../../preload/contract/errors.ts';
import type { LogMark } from '../../../preload/contract/logs.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { Topic } from '../endpoint/topic.ts';
import type { Store } from '../store/store.ts';

export interface Marks {
  calls: Pick<CallHandlers, 'logs.mark'>;
  streams: Pick<StreamHandlers, 'logs.marks'>;
}

interface Followed {
  topic: Topic<LogMark[], LogMark[]>;
  marks: LogMark[];
  /** Readings of the store one after the other, so that an older one does not come last. */
  read: Promise<void>;
  users: number;
}

/** Bookmarks of sessions; kept in the store, told to whoever follows a session's. */
export function createMarks({ store, settle }: { store: Store; settle(): Promise<void> }): Marks {
  const sessions = new Map<string, Followed>();

  function follow(sessionId: string): Followed {
    const known = sessions.get(sessionId);
    if (known !== undefined) return known;
    const followed: Followed = {
      topic: new Topic({ snapshot: () => followed.marks, retain: 1 }),
      marks: [],
      read: Promise.resolve(),
      users: 0,
    };
    followed.read = readInto(sessionId, followed);
    sessions.set(sessionId, followed);
    return followed;
  }

  async function readInto(sessionId: string, followed: Followed): Promise<void> {
    // A session that has just begun is not yet to be read.
    await settle();
    followed.marks = await store.read('log.marks', { sessionId });
  }

  return {
    calls: {
      'logs.mark': async ({ sessionId, seq, mark }) => {
        const { found } = await store.write('log.mark', { sessionId, seq, mark });
        if (!found) throw new TalkError('session/not-found', { id: sessionId });
        const followed = sessions.get(sessionId);
        if (followed !== undefined) {
          followed.read = followed.read.then(() => readInto(sessionId, followed));
          await followed.read;
          followed.topic.publish(followed.marks);
        }
        return {};
      },
    },
    streams: {
      'logs.marks': ({ sessionId }) => {
        const followed = follow(sessionId);
        followed.users++;
        return {
          topic: followed.topic,
          isState: true,
          ready: followed.read,
          close() {
            if (--followed.users === 0) sessions.delete(sessionId);
          },
        };
      },
    },
  };
}
