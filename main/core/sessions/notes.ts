import type { SessionNote } from '../../../preload/contract/notes.ts';
import { TalkError } from '../../../preload/contract/talk-error.ts';
import type { CallHandlers, StreamHandlers } from '../endpoint/handlers.ts';
import { createSessionLists } from '../endpoint/session-lists.ts';
import type { Store } from '../store/store.ts';

export interface Notes {
  calls: Pick<CallHandlers, Extract<keyof CallHandlers, `notes.${string}`>>;
  streams: Pick<StreamHandlers, 'notes.state'>;
}

/** Notes on instants and stretches of sessions; kept in the store, told to whoever follows a session's. */
export function createNotes({ store }: { store: Store }): Notes {
  async function mustBeThere(sessionId: string): Promise<void> {
    // A session that has just begun is not yet to be read.
    await store.flush().catch(() => undefined); // what the disk has no room for is told elsewhere
    if ((await store.read('session.summary', { id: sessionId })) === null) throw new TalkError('session/not-found', { id: sessionId });
  }

  const listed = (sessionId: string) => store.read('note.list', { sessionId });
  const lists = createSessionLists<SessionNote>(async (sessionId) => {
    await mustBeThere(sessionId);
    return listed(sessionId);
  });

  async function mustHaveBeen({ found }: { found: boolean }, sessionId: string, id: number): Promise<void> {
    if (found) return lists.changed(sessionId);
    await mustBeThere(sessionId);
    throw new TalkError('not-found', { what: 'note', id: String(id) });
  }

  return {
    calls: {
      'notes.list': async ({ sessionId }) => {
        await mustBeThere(sessionId);
        return { notes: await listed(sessionId) };
      },
      'notes.add': async (note) => {
        const { id } = await store.write('note.add', note);
        if (id === null) throw new TalkError('session/not-found', { id: note.sessionId });
        await lists.changed(note.sessionId);
        return { id };
      },
      'notes.change': async ({ sessionId, id, ...given }) => {
        const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
        await mustHaveBeen(await store.write('note.change', { sessionId, id, changes }), sessionId, id);
        return {};
      },
      'notes.remove': async ({ sessionId, id }) => {
        await mustHaveBeen(await store.write('note.remove', { sessionId, id }), sessionId, id);
        return {};
      },
      'notes.find': async ({ text, limit }) => ({ hits: await store.read('text.find', { text, limit }) }),
    },
    streams: { 'notes.state': ({ sessionId }) => lists.follow(sessionId) },
  };
}
