import type { StreamAttachment } from './handlers.ts';
import { Topic } from './topic.ts';

/** Lists that belong to sessions (notes, bookmarks), kept elsewhere, told to whoever follows a session's. */
export interface SessionLists<Item> {
  /** Whoever attaches gets the list as it stands, and each one after a change. The list is kept as long as somebody does. */
  follow(sessionId: string): StreamAttachment<Item[], Item[]>;
  /** The session's list is another one now: reads it and tells it. Resolves when it has been told. */
  changed(sessionId: string): Promise<void>;
}

interface Followed<Item> {
  topic: Topic<Item[], Item[]>;
  items: Item[];
  /** Readings one after the other, so that an older one does not come last. */
  read: Promise<void>;
  users: number;
}

export function createSessionLists<Item>(readList: (sessionId: string) => Promise<Item[]>): SessionLists<Item> {
  const sessions = new Map<string, Followed<Item>>();

  function readInto(sessionId: string, followed: Followed<Item>): Promise<void> {
    const reading = async () => {
      followed.items = await readList(sessionId);
    };
    // One that failed has been told to those who waited for it: the next one reads anew.
    followed.read = followed.read.then(reading, reading);
    return followed.read;
  }

  function followedOf(sessionId: string): Followed<Item> {
    const known = sessions.get(sessionId);
    if (known !== undefined) return known;
    const followed: Followed<Item> = {
      topic: new Topic({ snapshot: () => followed.items, retain: 1 }),
      items: [],
      read: Promise.resolve(),
      users: 0,
    };
    sessions.set(sessionId, followed);
    return followed;
  }

  return {
    follow(sessionId) {
      const isFirst = !sessions.has(sessionId);
      const followed = followedOf(sessionId);
      followed.users += 1;
      const ready = isFirst ? readInto(sessionId, followed) : followed.read.catch(() => readInto(sessionId, followed));
      ready.catch(() => {}); // told to whoever attaches
      return {
        topic: followed.topic,
        isState: true,
        ready,
        close() {
          followed.users -= 1;
          if (followed.users === 0) sessions.delete(sessionId);
        },
      };
    },
    async changed(sessionId) {
      const followed = sessions.get(sessionId);
      if (followed === undefined) return;
      await readInto(sessionId, followed);
      followed.topic.publish(followed.items);
    },
  };
}
